import { expect } from 'chai';
import { html } from 'lit';
import { toErrorData, WinnowError } from '../../../src/engine/support/errors.js';
import '../../../src/ui/dataset/dataset.js';
import type { ImportJob, WinnowDataset } from '../../../src/ui/dataset/dataset.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';
import type { ImportSource } from '../../../src/workers/contract.js';
import { dataset, photo } from '../support/fake-lab.js';
import { allInside, cleanUp, expectAccessible, fixture, inside, nextEvent } from '../support/fixture.js';

const progress = { type: 'import-progress', job: 'a', done: 120, total: 400, refused: 2, imagesPerSecond: 85, secondsLeft: 3.3 } as const;
const job: ImportJob = { id: 'a', name: 'rice.zip', progress: null };
const real = dataset({
  id: 'fashion', name: 'fashion', source: 'zip', classes: ['Bag', 'Coat'], counts: [30, 10], images: 40, refusedCount: 1002,
  refused: [{ name: 'fashion/readme.txt', code: 'not-an-image', reason: 'It is no image.' }, { name: 'fashion/Bag/cut.jpg', code: 'truncated', reason: 'It ends too early.' }],
});
const labels = Uint16Array.from({ length: 400 }, (_, index) => index % 5);
const parts = Uint8Array.from({ length: 400 }, (_, index) => (index % 10 === 0 ? 1 : 0));
const suspicion = { run: 'CNN', mistakes: [{ index: 10, truth: 'Arborio', predicted: 'Basmati', probability: 0.95 }, { index: 20, truth: 'Arborio', predicted: 'Basmati', probability: 0.5 }] };
const samples = () => Promise.all([0, 1, 2, 3, 4].flatMap((label) => [0, 1].map((index) => photo(label * 2 + index, label))));

const mount = (part: Partial<WinnowDataset> = {}, width?: number) =>
  fixture<WinnowDataset>(
    html`<winnow-dataset .datasets=${part.datasets ?? []} .selected=${part.selected ?? null} .samples=${part.samples ?? []} .job=${part.job ?? null} .error=${part.error ?? null}
      .labels=${part.labels ?? null} .parts=${part.parts ?? null} .splitError=${part.splitError ?? null} .duplicates=${part.duplicates ?? null} .suspicion=${part.suspicion ?? null} .augmented=${part.augmented ?? []}></winnow-dataset>`,
    width,
  );
const button = (element: WinnowDataset, text: string) => allInside<HTMLButtonElement>(element, 'button').find(({ textContent }) => textContent.trim() === text)!;

function drop(element: WinnowDataset, files: readonly File[]): void {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  inside(element, '.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
}

describe('<winnow-dataset>', () => {
  afterEach(async () => {
    cleanUp();
    await chooseLocale('en');
  });

  it('is accessible in every state', async () => {
    const error = toErrorData(new WinnowError('zip-broken', { source: 'rice.zip' }));
    const rice = { datasets: [dataset()], selected: 'rice', labels, parts };
    const searching = { job: 'a', progress: null, groups: null };
    const bitmaps = (await samples()).map(({ bitmap }) => bitmap);
    for (const [part, width] of [
      [{ ...rice, duplicates: searching, suspicion: { run: 'CNN', mistakes: [] } }, 900],
      [{ ...rice, duplicates: { ...searching, progress: { type: 'duplicates-progress', job: 'a', done: 12, total: 400, secondsLeft: 3 } }, suspicion }, 320],
      [{ ...rice, duplicates: { ...searching, groups: [{ images: [0, 4, 10], exact: true }, { images: [1, 6], exact: false }] }, augmented: bitmaps }, 900],
      [{ ...rice, duplicates: { ...searching, groups: [] }, splitError: error, parts: null, augmented: bitmaps.slice(0, 1) }, 900],
      [{}, 900], [{}, 320], [{ job }, 900], [{ job: { ...job, progress } }, 900], [{ error }, 900],
      [{ datasets: [dataset()], selected: 'rice' }, 1200],
      [{ datasets: [dataset(), real], selected: 'fashion' }, 1200],
      [{ datasets: [dataset(), real], selected: 'rice', samples: await samples(), job: { ...job, progress }, error }, 320],
    ] as const) {
      const element = await mount(part, width);
      for (const details of allInside<HTMLDetailsElement>(element, 'details')) details.open = true;
      await expectAccessible(element);
      cleanUp();
    }
  });

  it('shows each class in the parts that a run would make of it', async () => {
    const element = await mount({ datasets: [dataset()], selected: 'rice', labels, parts });
    const row = inside(element, '.classes tbody tr');
    expect([...row.children].map(({ textContent }) => textContent.trim())).to.deep.equal(['Arborio', '', '80', '40', '40', '20%']);
    expect([...row.querySelectorAll<HTMLElement>('.bar i')].map(({ style }) => style.width)).to.deep.equal(['50%', '50%', '0%', '0%']);
    expect(inside(element, '.key').textContent.replace(/\s+/g, ' ').trim()).to.equal('training 360validation 40');
  });

  it('says what leaks across the split and what a network doubts, and shows them', async () => {
    const groups = [{ images: [0, 4, 10], exact: true }, { images: [1, 6], exact: false }];
    const element = await mount({ datasets: [dataset()], selected: 'rice', labels, parts, suspicion, duplicates: { job: 'a', progress: null, groups } });
    const said = inside(element, '.findings').textContent.replace(/\s+/g, ' ');
    expect(said).to.include('2 photos that judge have their like in training.');
    expect(said).to.include('1 group is labelled as two classes');
    expect(said).to.include('Of 1 photo CNN is more than 90 % sure');
    const browser = inside<HTMLElementTagNameMap['winnow-photo-browser']>(element, 'winnow-photo-browser');
    const browsed = nextEvent<{ indices: number[] }>(element, 'winnow-browse');
    allInside<HTMLButtonElement>(element, '.findings button').at(-1)!.click();
    expect((await browsed).indices).to.deep.equal([10, 20]);
    expect(browser.shadowRoot!.querySelector<HTMLSelectElement>('#show')!.value).to.equal('suspects');
  });

  it('asks for another augmentation', async () => {
    const element = await mount({ datasets: [dataset()], selected: 'rice', augmented: (await samples()).map(({ bitmap }) => bitmap) });
    expect(allInside(element, '.epochs canvas').length).to.equal(10);
    const asked = nextEvent<{ augment: object }>(element, 'winnow-augment');
    inside<HTMLInputElement>(element, '.flip input').click();
    expect((await asked).augment).to.include({ flipX: 0.5, rotation: 0 });
  });

  it('asks for a dropped zip', async () => {
    const element = await mount();
    const asked = nextEvent<{ source: ImportSource }>(element, 'winnow-import');
    drop(element, [new File(['PK'], 'rice.zip', { type: 'application/zip' })]);
    const { source } = await asked;
    expect(source.kind === 'zip' && source.file.name).to.equal('rice.zip');
  });

  it('tells the two files of an IDX pair apart by size', async () => {
    const element = await mount();
    const asked = nextEvent<{ source: ImportSource }>(element, 'winnow-import');
    drop(element, [new File(['small'], 'train-labels-idx1-ubyte.gz'), new File(['much larger'], 'train-images-idx3-ubyte.gz')]);
    const { source } = await asked;
    expect(source.kind === 'idx' && [source.images.name, source.labels.name]).to.deep.equal(['train-images-idx3-ubyte.gz', 'train-labels-idx1-ubyte.gz']);
  });

  it('says what to do about loose files', async () => {
    const element = await mount();
    drop(element, [new File(['x'], 'one.jpg')]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(inside(element, '[role=alert]').textContent).to.contain('one.jpg').and.to.contain('one folder of photos for each class');
  });

  it('asks for synthetic rice, and refuses a number out of range', async () => {
    const element = await mount();
    const asked: ImportSource[] = [];
    element.addEventListener('winnow-import', (event) => asked.push((event as CustomEvent<{ source: ImportSource }>).detail.source));
    const input = inside<HTMLInputElement>(element, '#images');
    input.value = '7';
    input.dispatchEvent(new InputEvent('input'));
    button(element, 'Draw synthetic rice').click();
    await element.updateComplete;
    expect(asked).to.deep.equal([]);
    expect(input.getAttribute('aria-invalid')).to.equal('true');
    expect(inside(element, '#images-wrong').textContent).to.contain('50 to 20,000');

    input.value = '650';
    input.dispatchEvent(new InputEvent('input'));
    button(element, 'Draw synthetic rice').click();
    expect(asked).to.deep.equal([{ kind: 'synthetic', images: 650, seed: 1 }]);
  });

  it('shows how far an import is, and cancels it', async () => {
    const element = await mount({ job: { ...job, progress } });
    const text = inside(element, '.job').textContent.replace(/\s+/g, ' ');
    expect(text).to.contain('120 of 400 images').and.to.contain('85 a second').and.to.contain('3 sec left').and.to.contain('2 files were left out');
    expect(inside<HTMLProgressElement>(element, 'progress').value).to.be.closeTo(0.3, 1e-9);
    expect(inside(element, '.drop')).to.equal(null);
    const cancelled = nextEvent(element, 'winnow-cancel-import');
    button(element, 'Cancel').click();
    await cancelled;
  });

  it('keeps the focus where the work goes on', async () => {
    const element = await mount();
    button(element, 'Draw synthetic rice').focus();
    element.job = job;
    await element.updateComplete;
    await element.updateComplete;
    expect(element.shadowRoot!.activeElement).to.equal(button(element, 'Cancel'));
    element.datasets = [dataset()];
    element.selected = 'rice';
    element.job = null;
    await element.updateComplete;
    await element.updateComplete;
    expect(element.shadowRoot!.activeElement).to.equal(inside(element, '.choose'));
  });

  it('counts the classes, and draws photos of each side by side', async () => {
    const element = await mount({ datasets: [dataset({ counts: [120, 100, 80, 60, 40] })], selected: 'rice', samples: await samples() }, 1200);
    const rows = allInside(element, '.classes tbody tr').map((row) => [...row.children].map(({ textContent }) => textContent.trim()));
    expect(rows[0]).to.deep.equal(['Arborio', '', '120', '30%']);
    const bars = allInside(element, '.classes .bar > i').map((bar) => bar.getBoundingClientRect().width);
    expect(bars[4] / bars[0]).to.be.closeTo(40 / 120, 0.01);

    const figures = allInside(element, '.gallery figure');
    expect(figures.map((figure) => figure.querySelectorAll('canvas').length)).to.deep.equal([2, 2, 2, 2, 2]);
    expect(new Set(figures.map((figure) => Math.round(figure.getBoundingClientRect().top))).size, 'one row').to.equal(1);
    const canvas = inside<HTMLCanvasElement>(element, '.gallery canvas');
    const { data } = canvas.getContext('2d')!.getImageData(canvas.width / 2, canvas.height / 2, 1, 1);
    expect(data[0], 'the grain is drawn').to.be.greaterThan(100);
    expect(canvas.getAttribute('aria-label')).to.equal('Arborio: photo (0).jpg');
  });

  it('marks the synthetic set, and only that', async () => {
    const element = await mount({ datasets: [dataset(), real], selected: 'rice' });
    expect(inside(element, '.chip').textContent).to.contain('not photographed');
    element.selected = 'fashion';
    await element.updateComplete;
    expect(inside(element, '.chip')).to.equal(null);
  });

  it('lists what was left out with its reason, in Korean too', async () => {
    const element = await mount({ datasets: [real], selected: 'fashion' });
    const text = () => inside(element, 'details').textContent.replace(/\s+/g, ' ');
    expect(text()).to.contain('1,002 files were left out').and.to.contain('fashion/Bag/cut.jpg').and.to.contain('It ends too early.').and.to.contain('and 1,000 more');
    await chooseLocale('ko');
    await element.updateComplete;
    expect(text()).to.contain('파일 1,002개를 뺐습니다').and.to.contain('파일이 중간에 끊겼습니다.');
  });

  it('deletes only what was confirmed', async () => {
    const element = await mount({ datasets: [dataset(), real], selected: 'rice' });
    const deleted: string[] = [];
    element.addEventListener('winnow-delete-dataset', (event) => deleted.push((event as CustomEvent<{ id: string }>).detail.id));
    const dialog = inside<HTMLDialogElement>(element, 'dialog');
    const ask = async () => {
      inside(element, '[aria-label="Delete fashion"]').click();
      await new Promise((resolve) => setTimeout(resolve));
    };
    await ask();
    expect(dialog.open).to.equal(true);
    expect(dialog.textContent).to.contain('Delete fashion?');
    await expectAccessible(element);
    button(element, 'Keep it').click();
    expect([dialog.open, deleted]).to.deep.equal([false, []]);
    await ask();
    button(element, 'Delete').click();
    expect([dialog.open, deleted]).to.deep.equal([false, ['fashion']]);
  });

  it('fits 360 pixels', async () => {
    const long = dataset({ name: 'A-name-without-any-space-that-goes-on-and-on-and-on-and-on', classes: ['Supercalifragilisticexpialidocious', 'B'], counts: [1, 2], images: 3 });
    const element = await mount({ datasets: [long], selected: 'rice', job: { ...job, progress } }, 336);
    expect(element.scrollWidth).to.be.at.most(336);
  });
});
