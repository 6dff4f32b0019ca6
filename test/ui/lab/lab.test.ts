import { expect } from 'chai';
import { html } from 'lit';
import { WinnowError } from '../../../src/engine/support/errors.js';
import '../../../src/ui/lab/lab.js';
import type { WinnowLab } from '../../../src/ui/lab/lab.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';
import { adapter, dataset, FakeLab, result, run, settings } from '../support/fake-lab.js';
import { allInside, cleanUp, expectAccessible, fixture, inside, until } from '../support/fixture.js';

const places = ['data', 'train', 'look', 'compare', 'lighten', 'use'] as const;

describe('<winnow-lab>', () => {
  let fake: FakeLab;

  beforeEach(() => {
    localStorage.clear();
    location.hash = '';
    fake = new FakeLab();
  });

  afterEach(async () => {
    cleanUp();
    localStorage.clear();
    location.hash = '';
    document.documentElement.style.colorScheme = '';
    await chooseLocale('en');
  });

  // The lab has its own main and heading; the fixture's would be second ones.
  async function mount(hash = '', width = 1200): Promise<WinnowLab> {
    location.hash = hash;
    const lab = await fixture<WinnowLab>(html`<winnow-lab .connect=${async () => fake}></winnow-lab>`, width);
    const root = lab.parentElement!;
    root.querySelector('h1')!.remove();
    root.setAttribute('role', 'presentation');
    await until(() => lab.store.state.adapter !== null || lab.store.state.errors.lab !== undefined, 'the lab is connected');
    await until(() => inside(lab, 'main > .waiting') === null, 'the place is loaded');
    return lab;
  }
  const heading = (lab: WinnowLab) => inside(lab, 'h1').textContent;
  const link = (lab: WinnowLab, place: string) => inside<HTMLAnchorElement>(lab, `nav a[href="#${place}"]`);
  const go = async (lab: WinnowLab, place: string, name: string) => {
    link(lab, place).click();
    await until(() => heading(lab) === name, `${name} is shown`);
  };

  it('is accessible in every place, empty and filled', async () => {
    for (const filled of [false, true]) {
      fake = new FakeLab();
      if (filled) {
        fake.datasets = [dataset()];
        fake.runs = [run(), run({ id: 'run-2', settings: settings('cnn') })];
      }
      for (const place of places) {
        const lab = await mount(place);
        if (filled && place === 'look') await until(() => Boolean(lab.store.state.looking?.maps), 'maps are shown');
        await expectAccessible(lab);
        cleanUp();
      }
    }
  });

  it('goes from place to place by hash, and puts the focus on the heading', async () => {
    const lab = await mount();
    expect(heading(lab)).to.equal('Data');
    await go(lab, 'compare', 'Compare');
    expect(location.hash).to.equal('#compare');
    expect(link(lab, 'compare').getAttribute('aria-current')).to.equal('page');
    expect(allInside(lab, 'nav [aria-current]').length).to.equal(1);
    await until(() => lab.shadowRoot!.activeElement === inside(lab, 'h1'), 'the heading has the focus');
    expect(document.title).to.equal('Compare · Winnow');
    history.back();
    await until(() => heading(lab) === 'Data', 'Data is shown again');
  });

  it('opens in the place of the hash, and in Data where there is no such place', async () => {
    expect(heading(await mount('lighten'))).to.equal('Lighten');
    cleanUp();
    expect(heading(await mount('nowhere'))).to.equal('Data');
  });

  it('says what computes: a GPU by name, a software adapter and a CPU with caution', async () => {
    const chip = async () => {
      const lab = await mount();
      const found = inside(lab, '.chips .dot').parentElement!;
      const said = [inside(lab, '.chips .wide').textContent.trim(), found.classList.contains('caution')];
      cleanUp();
      return said;
    };
    expect(await chip()).to.deep.equal(['WebGPU · acme test-1', false]);
    fake.trainer.probe = async () => ({ ...adapter, fallback: true });
    expect(await chip()).to.deep.equal(['WebGPU · software adapter: slow', true]);
    fake.trainer.probe = async () => ({ ...adapter, backend: 'cpu', fallback: true });
    expect(await chip()).to.deep.equal(['CPU, without a GPU: slow', true]);
  });

  it('switches to Korean and back while it stands, and remembers', async () => {
    fake.datasets = [dataset()];
    const lab = await mount();
    inside(lab, '.switches [lang=ko]').click();
    await until(() => heading(lab) === '데이터', 'it speaks Korean');
    expect(document.documentElement.lang).to.equal('ko');
    expect(inside(lab, '.chips').textContent).to.contain('사진 400장');
    await until(() => inside(inside(lab, 'winnow-dataset'), 'h2')?.textContent === '사진 넣기', 'the element does too');
    await expectAccessible(lab);
    cleanUp();
    const again = await mount();
    await until(() => heading(again) === '데이터', 'it still speaks Korean');
    inside(again, '.switches [lang=en]').click();
    await until(() => heading(again) === 'Data', 'it speaks English');
  });

  it('is light or dark on request', async () => {
    const lab = await mount();
    const paper = () => getComputedStyle(lab).backgroundColor;
    const select = inside<HTMLSelectElement>(lab, '.switches select');
    const choose = async (value: string) => {
      select.value = value;
      select.dispatchEvent(new Event('change'));
      await lab.updateComplete;
    };
    await choose('dark');
    expect(paper()).to.equal('rgb(19, 22, 20)');
    await expectAccessible(lab);
    await choose('light');
    expect(paper()).to.equal('rgb(251, 250, 247)');
    expect(localStorage.getItem('winnow.theme')).to.equal('light');
  });

  it('leads from an empty page to a comparison of two models in four clicks', async () => {
    const lab = await mount();
    let clicks = 0;
    const click = (element: HTMLElement | null | undefined, what: string) => {
      expect(element, what).to.be.instanceOf(HTMLElement);
      element!.click();
      clicks++;
    };
    const panel = inside(lab, 'winnow-dataset');
    click(allInside(panel, 'button').find(({ textContent }) => textContent.includes('Draw synthetic rice')), 'the drawing button');
    await until(() => lab.store.state.job !== null, 'the import runs');
    fake.finishImport(dataset());
    await until(() => inside(lab, '.actions a[href="#train"]') !== null, 'Train is offered');
    click(inside(lab, '.actions a[href="#train"]'), 'the way to Train');
    await until(() => inside(lab, 'winnow-training') !== null, 'Train is shown');
    const training = inside(lab, 'winnow-training');
    await until(() => inside(training, 'button.primary') !== null, 'the form is there');
    click(inside(training, 'button.primary'), 'the training button');
    for (const _ of [1, 2]) {
      await until(() => Boolean(lab.store.state.training?.run), 'a run has begun');
      const begun = lab.store.state.training;
      fake.endTraining({ state: { kind: 'done', result } });
      await until(() => lab.store.state.training !== begun, 'it has ended');
    }
    await until(() => inside(lab, '.actions a.primary[href="#compare"]') !== null, 'Compare is offered');
    click(inside(lab, '.actions a[href="#compare"]'), 'the way to Compare');
    await until(() => inside(lab, 'winnow-comparison') !== null, 'the comparison is shown');
    expect(lab.store.state.runs.map(({ settings: { arch } }) => arch).sort()).to.deep.equal(['cnn', 'cnn-light']);
    expect(clicks).to.equal(4);
  });

  it('says when a worker has died, and starts anew', async () => {
    fake.datasets = [dataset()];
    const lab = await mount();
    fake.fail(new WinnowError('worker-failed', { why: 'it ended' }));
    await until(() => inside(lab, 'main > [role=alert]') !== null, 'it is said');
    await expectAccessible(lab);
    const gone = fake;
    fake = new FakeLab();
    fake.datasets = [dataset()];
    allInside(lab, 'main button').find(({ textContent }) => textContent.includes('Start the workers again'))!.click();
    await until(() => inside(lab, 'main > [role=alert]') === null && lab.store.state.ready, 'it works again');
    expect(gone.disposed).to.equal(true);
  });

  it('ends its workers with itself', async () => {
    await mount();
    cleanUp();
    expect(fake.disposed).to.equal(true);
  });

  it('fits 360 pixels in every place', async () => {
    fake.datasets = [dataset()];
    fake.runs = [run(), run({ id: 'run-2', settings: settings('cnn') })];
    for (const place of places) {
      const lab = await mount(place, 360);
      expect(inside(lab, 'main').scrollWidth, place).to.be.at.most(360);
      cleanUp();
    }
  });
});
