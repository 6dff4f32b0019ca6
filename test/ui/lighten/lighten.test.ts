import { expect } from 'chai';
import { html } from 'lit';
import { buildGraph } from '../../../src/engine/architectures/index.js';
import { graphCosts } from '../../../src/engine/graph/costs.js';
import { scaleWidths } from '../../../src/engine/graph/scale.js';
import { layerMeasures } from '../../../src/engine/lighten/layers.js';
import type { LightMethod, Lightened, RunRecord } from '../../../src/engine/storage/records.js';
import { toErrorData, WinnowError } from '../../../src/engine/support/errors.js';
import { defaultSettings } from '../../../src/engine/support/settings.js';
import '../../../src/ui/lighten/lighten.js';
import type { LightenWork, WinnowLighten } from '../../../src/ui/lighten/lighten.js';
import { usualOptions } from '../../../src/ui/lighten/options-form.js';
import { findSearch } from '../../../src/ui/lighten/points.js';
import { formatCount, formatInteger } from '../../../src/ui/locales/format.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';
import { allInside, cleanUp, expectAccessible, fixture, inside, nextEvent, until } from '../support/fixture.js';
import { result, run } from '../support/runs.js';

const settings = { ...defaultSettings, arch: 'cnn', size: 32 };
const whole = buildGraph('cnn', { size: 32, classes: 3 });
const given = run('given', { settings, state: { kind: 'done', result: result(0.99, 0.76) } });
const search = JSON.stringify(['taylor', 0.005, 'both', 'auto']);

function made(name: string, method: LightMethod, width: number, accuracy: number, perturbed: number, rest: Partial<Lightened> = {}): RunRecord {
  return run(name, {
    settings, graph: scaleWidths(whole, width), parent: 'given', state: { kind: 'done', result: result(accuracy, perturbed - 0.01, { latencyMs: 1 + width }) },
    lightened: { origin: 'given', name, method, precision: 'float32', bytes: 1000 * width, downloadBytes: 900 * width, perturbed, search, ...rest },
  });
}
const pruned = made('pruned-1', 'prune', 0.5, 0.99, 0.9, { cut: { share: 0.5, kept: true } });
const failed = made('pruned-2', 'prune', 0.1, 0.97, 0.9, { cut: { share: 0.5, kept: false } });
const scratch = made('scratch-1', 'scratch', 0.4, 0.987, 0.89);
const chance = made('random-1', 'random', 0.3, 0.99, 0.91);
const int8 = made('scratch-1-int8', 'quantise', 0.4, 0.987, 0.89, { precision: 'int8' });
const runs = [given, pruned, failed, scratch, chance, int8];

const filters = { zeroPlaces: [1, 0.2, 0], zeroPhotos: [1, 0, 0], mean: [0, 1, 2], redundancy: [0, 0.99, 0], twin: [null, 2, null], magnitude: [1, 2, 3], taylor: [0, 0.1, 0.9] };
const layers = layerMeasures(whole, ['conv2d', 'conv2d_1', 'conv2d_2'].map((layer) => ({ layer, ...filters })), new Map([['conv2d', 3.2]]));
const ended = { origin: 'given', settings: { ...usualOptions, backend: 'auto', engine: 'auto' }, finished: true } as const;
const working: LightenWork = {
  origin: 'given', making: { name: 'pruned-3', epochs: 12 }, stage: 'training', paused: false,
  progress: { type: 'progress', run: 'lighten', epoch: 4, step: 5, steps: 10, loss: 0.1, accuracy: 0.95, imagesPerSecond: 40, secondsLeft: 12, gpuBytes: 1e6 },
};

const mount = (properties: Partial<WinnowLighten> = {}, width = 1100) => fixture<WinnowLighten>(html`
  <winnow-lighten
    .runs=${properties.runs ?? runs} .choices=${[{ run: 'given', title: 'CNN' }, { run: 'other', title: 'VGG' }]} .origin=${properties.origin ?? 'given'}
    .work=${properties.work ?? null} .result=${properties.result ?? null} .layers=${properties.layers ?? null} .measuring=${properties.measuring ?? false} .error=${properties.error ?? null} ?occupied=${properties.occupied ?? false}
  ></winnow-lighten>
`, width);
const text = (element: HTMLElement, selector: string) => inside(element, selector).textContent.trim().replace(/\s+/g, ' ');
const button = (element: HTMLElement, label: string) => allInside<HTMLButtonElement>(element, 'button').find((each) => each.textContent.trim() === label)!;
const drawn = (element: WinnowLighten) => until(() => inside(element, '.drawing svg') !== null, 'the chart is drawn');

describe('<winnow-lighten>', () => {
  afterEach(cleanUp);

  it('is accessible in every state, also narrow', async () => {
    const states: Partial<WinnowLighten>[] = [
      { runs: [given] }, { runs: [given], occupied: true }, { result: ended, layers }, { measuring: true }, { work: working }, { work: { ...working, paused: true } },
      { work: { ...working, making: null, stage: 'preparing', progress: null }, runs: [given] }, { error: toErrorData(new WinnowError('gpu-lost', { why: 'test' })) },
    ];
    for (const state of states) {
      const element = await mount(state, 360);
      if ((state.runs ?? runs).length > 1) await drawn(element);
      await expectAccessible(element);
      expect(element.scrollWidth, 'no wider than its place').to.be.at.most(360);
      cleanUp();
    }
  });

  it('begins at one button, with nothing asked', async () => {
    const element = await mount({ runs: [given] });
    const asked = nextEvent<{ run: string; options: object }>(element, 'winnow-lighten');
    button(element, 'Make it lighter').click();
    expect(await asked).to.deep.equal({ run: 'given', options: { criterion: 'taylor', margin: 0.005, judge: 'both', augment: 'auto', byHand: false, baselines: 0 } });
    expect(inside(element, '.drawing')).to.equal(null);
  });

  it('says before a search what it will do to the given model, in its numbers', async () => {
    const element = await mount({ runs: [given] });
    const { flops, params } = graphCosts(whole);
    expect(text(element, '.plan .figures')).to.contain(formatCount(flops).replace(/\s/, ' ')).and.to.contain(formatInteger(params));
    expect(text(element, '.plan .figures')).to.match(/352filters that can go, in 4 layers ?0\.9850least validation accuracy, now 0\.9900/);
    const rows = allInside(element, '[part=layers] tbody tr').map((row) => row.textContent.trim().replace(/\s+/g, ' '));
    expect(rows).to.have.length(5);
    expect(rows[0]).to.match(/^conv2d 896 .* 32 – – $|^conv2d 896 .* 32 – –$/);
    expect(rows[4]).to.match(/^dense_1 387 .* stays whole/);
    expect(text(element, '.plan .steps')).to.contain('on perturbed photos too').and.not.to.contain('by hand');
    const [, judge, byHand] = allInside<HTMLInputElement>(element, '.fields input');
    for (const box of [judge, byHand]) {
      box.checked = !box.checked;
      box.dispatchEvent(new Event('change'));
    }
    await element.updateComplete;
    expect(text(element, '.plan .steps')).to.contain('Shapes by hand come last.').and.not.to.contain('on perturbed photos too');
    element.runs = runs;
    await element.updateComplete;
    expect(inside(element, '.plan')).to.equal(null);
  });

  it('asks otherwise where a person says so, and refuses what is no number', async () => {
    const element = await mount({ runs: [given] });
    const [margin, judge, byHand, baselines] = allInside<HTMLInputElement>(element, '.fields input');
    const change = (input: HTMLInputElement | HTMLSelectElement) => input.dispatchEvent(new Event('change'));
    margin.value = '120';
    change(margin);
    expect(margin.value).to.equal('0.5');
    margin.value = '2';
    change(margin);
    for (const box of [judge, byHand, baselines]) {
      box.checked = !box.checked;
      change(box);
    }
    const criterion = inside<HTMLSelectElement>(element, '.fields select');
    criterion.value = 'magnitude';
    change(criterion);
    await element.updateComplete;
    const asked = nextEvent<{ options: object }>(element, 'winnow-lighten');
    button(element, 'Make it lighter').click();
    expect((await asked).options).to.deep.equal({ criterion: 'magnitude', margin: 0.02, judge: 'validation', augment: 'auto', byHand: true, baselines: 1 });
  });

  it('says what it makes, how far it is, and can be paused and stopped', async () => {
    const element = await mount({ work: working });
    expect(text(element, '.start')).to.match(/Lightening CNN pruned-3: Training, epoch 4, accuracy 0\.9500, 12 sec left/);
    expect(inside<HTMLProgressElement>(element, 'progress').value).to.be.closeTo(3.5 / 12, 1e-9);
    for (const [label, name] of [['Pause', 'winnow-pause'], ['Stop, keep what is made', 'winnow-stop']]) {
      const told = nextEvent(element, name);
      button(element, label).click();
      await told;
    }
    element.work = { ...working, paused: true };
    await element.updateComplete;
    const told = nextEvent(element, 'winnow-resume');
    button(element, 'Resume').click();
    await told;
    expect(inside(element, '.fields')).to.equal(null);
  });

  it('has nothing to go on with once it has ended, until it is asked otherwise', async () => {
    const element = await mount();
    expect(button(element, 'Go on').disabled).to.equal(false);
    element.result = { ...ended, finished: false };
    await element.updateComplete;
    expect(button(element, 'Go on').disabled).to.equal(false);
    element.result = ended;
    await element.updateComplete;
    expect(text(element, '.start')).to.include('The search has ended.');
    expect(button(element, 'Make it lighter').disabled).to.equal(true);
    const byHand = allInside<HTMLInputElement>(element, '.fields input')[2];
    byHand.checked = true;
    byHand.dispatchEvent(new Event('change'));
    await element.updateComplete;
    expect(button(element, 'Make it lighter').disabled).to.equal(false);
  });

  it('draws accuracy against size, and takes the lightest that is good until another is chosen', async () => {
    const element = await mount({ result: ended });
    await drawn(element);
    // The one by chance is a comparison, no candidate; the quantised one has no point of its own.
    expect(allInside(element, '.point').length).to.equal(5);
    expect(text(element, '.choice h2')).to.equal('scratch-1 is the lightest that is still good');
    expect(text(element, '.choice')).to.match(/within 0\.5 points of the given model's, and an accuracy on perturbed photos that is lower by no more/);
    expect(allInside(element, 'tr.selected button').map((each) => each.textContent)).to.deep.equal(['scratch-1']);
    expect(allInside(element, '.under').length).to.be.above(0);

    const before = inside(element, '.drawing .way').getAttribute('d');
    button(element, 'validation photos').click();
    await element.updateComplete;
    expect(inside(element, '.drawing .way').getAttribute('d')).to.not.equal(before);

    button(element, 'pruned-1').click();
    await element.updateComplete;
    expect(text(element, '.choice h2')).to.equal('pruned-1');
    expect(text(element, '.choice p')).to.equal('pruned, chosen by hand.');
    allInside<SVGElement>(element, '.point')[2].dispatchEvent(new MouseEvent('click', { bubbles: true }));
    await element.updateComplete;
    expect(text(element, '.choice h2')).to.equal('pruned-2');
    for (const [label, name] of [['Download zip', 'winnow-export'], ['Look into it', 'winnow-look']]) {
      const told = nextEvent<{ run: string }>(element, name);
      button(element, label).click();
      expect(await told).to.deep.equal({ run: 'pruned-2' });
    }
  });

  it('shows what the layers cost and what their filters are worth', async () => {
    const element = await mount({ layers });
    const row = allInside(element, '[part=layers] tbody tr').map((each) => [...each.children].slice(0, 8).map((cell) => cell.textContent.trim().replace(/\s/g, ' ')));
    expect(row[0]).to.deep.equal(['conv2d', '896', '884.7 k', '3.2 ms', '131.1 kB', '32', '1', '1']);
    expect(row.at(-1)!.slice(5)).to.deep.equal(['stays whole', '–', '–']);
    expect(inside(element, '.strip').getAttribute('aria-label')).to.equal('conv2d: 1 of 3 filters are worth at least half as much as the best');
    const saved = nextEvent(element, 'winnow-save-layers');
    button(element, 'Download as CSV').click();
    expect(await saved).to.deep.equal({ run: 'given' });
  });

  it('knows what layers cost before they are measured, and measures what else there is to know when it is asked', async () => {
    const element = await mount({ runs: [given] });
    const cells = () => [...inside(element, '[part=layers] tbody tr').children].slice(0, 6).map((cell) => cell.textContent.trim().replace(/\s/g, ' '));
    expect(cells()).to.deep.equal(['conv2d', '896', '884.7 k', '–', '131.1 kB', '32']);
    const asked = nextEvent(element, 'winnow-measure');
    button(element, 'Measure its layers').click();
    expect(await asked).to.deep.equal({ run: 'given' });
    element.measuring = true;
    await element.updateComplete;
    expect(button(element, 'Measuring …').disabled).to.equal(true);
    element.measuring = false;
    element.occupied = true;
    await element.updateComplete;
    expect(button(element, 'Measure its layers').disabled).to.equal(true);
  });

  it('speaks Korean', async () => {
    await chooseLocale('ko');
    try {
      const element = await mount({ result: ended });
      await drawn(element);
      await until(() => text(element, '.choice h2') === '충분히 좋으면서 가장 가벼운 모델: scratch-1', 'it is Korean');
      await expectAccessible(element);
    } finally {
      await chooseLocale('en');
    }
  });
});

describe('the points of a search', () => {
  it('are those of the newest search, judged by what that asked', () => {
    const other = JSON.stringify(['taylor', 0.05, 'validation', 'auto']);
    const later = made('pruned-1', 'prune', 0.05, 0.95, 0.5, { search: other, cut: { share: 0.5, kept: true } });
    const found = findSearch([...runs, { ...later, id: 'later' }], 'given', { margin: 0.1, judge: 'both' })!;
    expect(found.points.map(({ run: { id } }) => id)).to.deep.equal(['given', 'later']);
    expect(found.rule).to.deep.equal({ margin: 0.05, judge: 'validation', photos: 240 });
    expect(found.chosen.run.id).to.equal('later');
    expect(findSearch(runs, 'nothing', { margin: 0, judge: 'both' })).to.equal(null);
    expect(findSearch([run('given')], 'given', { margin: 0, judge: 'both' })).to.equal(null);
    expect(findSearch([given], 'given', { margin: 0.02, judge: 'both' })!.chosen.method).to.equal('given');
  });
});
