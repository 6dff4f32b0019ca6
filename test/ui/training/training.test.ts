import { expect } from 'chai';
import { html } from 'lit';
import { buildGraph } from '../../../src/engine/architectures/index.js';
import { modelFormats } from '../../../src/engine/exchange/formats.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { WinnowError, toErrorData } from '../../../src/engine/support/errors.js';
import { defaultSettings, type RunSettings } from '../../../src/engine/support/settings.js';
import type { RunRecord } from '../../../src/engine/storage/records.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';
import '../../../src/ui/training/training.js';
import type { ArchitectureChoice, WinnowTraining } from '../../../src/ui/training/training.js';
import { exampleModel } from '../../engine/exchange/example.js';
import { allInside, cleanUp, expectAccessible, fixture, inside, nextEvent, settled, until } from '../support/fixture.js';
import { gpu, photos, result, run, software } from '../support/runs.js';

const drawn = (arch: string) => buildGraph(arch, { size: 64, classes: 3 });
const architectures: ArchitectureChoice[] = [
  { id: 'cnn', title: 'CNN', paper: 'A plain network.', params: 12_939_077, macs: 521_000_000, gpuBytes: 1.2e9, epochSeconds: 75, graph: drawn('cnn') },
  { id: 'cnn-light', title: 'CNN, light', params: 51_669, macs: 3_700_000, sides: { least: 32, most: 128 } },
  { id: 'mobilenet', title: 'MobileNet', params: 3_233_989, macs: 5.5e8, graph: drawn('mobilenet'), epochSeconds: 'measuring', options: [{ name: 'width', title: 'Width', values: [0.25, 0.5, 1], default: 1 }] },
];
const settings: RunSettings = { ...defaultSettings, size: 64 };
const progress = { type: 'progress', run: 'a', epoch: 6, step: 12, steps: 30, loss: 0.08, accuracy: 0.97, imagesPerSecond: 412.3, secondsLeft: 2280, gpuBytes: 1.1e9 } as const;
const error = toErrorData(new WinnowError('gpu-lost', { why: 'it slept' }));

const stuck = { epoch: 2, notice: toErrorData(new WinnowError('not-learning', { epoch: 2, loss: '1.6094', constant: '1.6094' })) };

const mount = (part: Partial<WinnowTraining>, width = 900) =>
  fixture<WinnowTraining>(
    html`<winnow-training
      .architectures=${architectures} .settings=${settings} .data=${part.data ?? null} .run=${part.run ?? null} .progress=${part.progress ?? null} .stage=${part.stage ?? null}
      .queue=${part.queue ?? []} .earlier=${part.earlier ?? []} .costsOf=${part.costsOf ?? (() => ({}))} .adapter=${part.adapter ?? gpu} .error=${part.error ?? null}
    ></winnow-training>`,
    width,
  );
const busy = (rest: Partial<RunRecord> = {}): Partial<WinnowTraining> => ({ data: photos, run: run('a', rest), progress, stage: 'training' });
const earlier = [{ id: 'old', name: 'CNN', history: run('old').history, bestEpoch: 4 }, { id: 'older', name: 'MobileNet', history: run('older').history, bestEpoch: 5 }];
const text = (element: HTMLElement, selector: string) => inside(element, selector)?.textContent.trim().replace(/\s+/g, ' ') ?? null;
const type = async (element: WinnowTraining, name: string, value: string) => {
  const input = inside<HTMLInputElement>(element, `#${name}`);
  input.value = value;
  input.dispatchEvent(new InputEvent('input', { bubbles: true }));
  await element.updateComplete;
};

describe('<winnow-training>', () => {
  afterEach(cleanUp);

  it('is accessible in every state', async () => {
    const states: Partial<WinnowTraining>[] = [
      {},
      { data: photos, adapter: software },
      { data: photos, stage: 'preparing' },
      { ...busy(), queue: [settings, { ...settings, arch: 'cnn' }] },
      busy({ state: { kind: 'paused' } }),
      { data: photos, run: run('a', { state: { kind: 'done', result: result(0.98, 0.9) } }) },
      { data: photos, run: run('a', { state: { kind: 'stopped', result: null }, history: [] }) },
      { data: photos, run: run('a', { state: { kind: 'failed', error } }) },
      busy({ advice: [stuck] }),
      { ...busy({ history: [] }), progress: { ...progress, epoch: 1 }, earlier },
    ];
    for (const state of states) {
      const element = await mount(state);
      for (const details of allInside<HTMLDetailsElement>(element, 'fieldset details')) details.open = true;
      await expectAccessible(element);
      cleanUp();
    }
  });

  it('sends a run for each chosen architecture, in the order of the list', async () => {
    const element = await mount({ data: photos });
    expect(text(element, '.submit button')).to.equal('Train CNN, light');
    for (const id of ['mobilenet', 'cnn']) inside<HTMLInputElement>(element, `input[value=${id}]`).click();
    await element.updateComplete;
    const select = inside<HTMLSelectElement>(element, 'select');
    select.value = '0.5';
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await type(element, 'batch', '16');
    await type(element, 'validationShare', '25');
    expect(text(element, '.submit button')).to.equal('Train 3 models');
    const sent = nextEvent<{ settings: RunSettings[] }>(element, 'winnow-train');
    inside<HTMLButtonElement>(element, '.submit button').click();
    const common = { ...settings, batch: 16, validationShare: 0.25 };
    expect((await sent).settings).to.deep.equal([
      { ...common, arch: 'cnn', archOptions: {} },
      { ...common, arch: 'cnn-light', archOptions: {} },
      { ...common, arch: 'mobilenet', archOptions: { width: 0.5 } },
    ]);
  });

  it('sends how it learns, and the model to begin with', async () => {
    const element = await mount({ data: photos });
    const choose = async (name: string, value: string) => {
      const select = inside<HTMLSelectElement>(element, `#${name}`);
      select.value = value;
      select.dispatchEvent(new Event('change', { bubbles: true }));
      await element.updateComplete;
    };
    await choose('schedule', 'plateau');
    await choose('flips', 'both');
    await choose('freeze', 'base');
    await type(element, 'rotation', '9');
    const file = new DataTransfer();
    file.items.add(new File(['a model'], 'model.zip'));
    const input = inside<HTMLInputElement>(element, '#model');
    input.files = file.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
    const sent = nextEvent<{ settings: RunSettings[]; model: File | null }>(element, 'winnow-train');
    inside<HTMLButtonElement>(element, '.submit button').click();
    const { settings: [wanted], model } = await sent;
    expect(wanted).to.deep.include({ freeze: 'base', augment: { flipX: 0.5, flipY: 0.5, rotation: 0.025, shift: 0, zoom: 0, brightness: 0 } });
    expect(wanted.schedule.kind).to.equal('plateau');
    expect(model?.name).to.equal('model.zip');
  });

  it('shows the card of the model to begin with, as long as that is the model', async () => {
    const element = await mount({ data: photos });
    const example = exampleModel(new GraphBuilder([32, 32, 3], 5).conv(4, 3).globalAvgPool().predictions());
    const choose = (file: File) => {
      const given = new DataTransfer();
      given.items.add(file);
      const input = inside<HTMLInputElement>(element, '#model');
      input.files = given.files;
      input.dispatchEvent(new Event('change', { bubbles: true }));
    };
    choose(new File([await modelFormats.keras.write(example)], 'model.keras'));
    await until(() => allInside(element, '.facts').length > 0, 'the card is there');
    inside<HTMLDetailsElement>(element, 'details:has(#model)').open = true;
    const { card } = example;
    for (const fact of [card.dataset.name, `seed ${card.settings.seed}`, 'one of its 5 classes', card.speed!.adapter]) expect(element.shadowRoot!.textContent).to.contain(fact);
    await expectAccessible(element);
    choose(new File(['no model, and no card'], 'weights.h5'));
    await settled(element);
    expect(allInside(element, '.facts')).to.be.empty;
  });

  it('opens the group in which a setting is wrong', async () => {
    const element = await mount({ data: photos });
    await type(element, 'zoom', '200');
    inside<HTMLButtonElement>(element, '.submit button').click();
    expect(element.shadowRoot!.activeElement?.id).to.equal('zoom');
    expect(inside<HTMLDetailsElement>(element, 'details:has(#zoom)').open).to.equal(true);
  });

  it('says what was noticed, offers another seed, and more epochs of a run that has ended', async () => {
    const element = await mount(busy());
    expect(text(element, '.advice')).to.equal(null);
    element.run = run('a', { advice: [stuck] });
    await element.updateComplete;
    expect(text(element, '.advice')).to.include('always giving the same answer would reach 1.6094');
    expect(text(element, '[role=status]')).to.include('After epoch 2');
    const again = nextEvent<{ run: string }>(element, 'winnow-again');
    inside<HTMLButtonElement>(element, '.advice button').click();
    expect(await again).to.deep.equal({ run: 'a' });

    element.stage = null;
    element.run = run('a', { state: { kind: 'done', result: result(0.98, 0.9) } });
    await element.updateComplete;
    const more = nextEvent<{ run: string }>(element, 'winnow-continue');
    inside<HTMLButtonElement>(element, '.ended button').click();
    expect(await more).to.deep.equal({ run: 'a' });
  });

  it('says what is wrong with a setting, and goes there instead of training', async () => {
    const element = await mount({ data: photos });
    let sent = 0;
    element.addEventListener('winnow-train', () => sent++);
    await type(element, 'size', '200');
    expect(text(element, '#size-hint')).to.equal('A whole number from 32 to 128.');
    expect(inside(element, '#size').getAttribute('aria-invalid')).to.equal('true');
    inside<HTMLButtonElement>(element, '.submit button').click();
    expect(sent).to.equal(0);
    expect(element.shadowRoot!.activeElement?.id).to.equal('size');
  });

  it('does not train without photos', async () => {
    const element = await mount({});
    let sent = 0;
    element.addEventListener('winnow-train', () => sent++);
    inside<HTMLButtonElement>(element, '.submit button').click();
    expect(sent).to.equal(0);
    expect(text(element, '#on')).to.include('no photos yet');
  });

  it('tells that costs may have changed, only with settings that hold', async () => {
    const element = await mount({ data: photos });
    const told: RunSettings[] = [];
    let chosen: string[] = [];
    element.addEventListener('winnow-settings', (event) => {
      const { detail } = event as CustomEvent<{ settings: RunSettings; chosen: string[] }>;
      told.push(detail.settings);
      chosen = detail.chosen;
    });
    await type(element, 'size', '9');
    await type(element, 'size', '96');
    expect(told.map(({ size }) => size)).to.deep.equal([96]);
    inside<HTMLInputElement>(element, 'input[value=cnn]').click();
    expect(chosen).to.deep.equal(['cnn-light', 'cnn']);
  });

  it('shows where a run stands', async () => {
    const element = await mount(busy());
    expect(text(element, '.bar-line p')).to.equal('Epoch 6 of 20 step 12 of 30');
    expect(inside<HTMLProgressElement>(element, 'progress').value).to.be.closeTo((5 + 12 / 30) / 20, 1e-9);
    expect(allInside(element, '.progress .figure').map((each) => each.textContent.trim())).to.deep.equal([
      '412images a second', '38 minleft, at most', '0.9200best validation, epoch 5', '1.1 GBGPU memory',
    ]);
    const charts = allInside<HTMLElementTagNameMap['winnow-metrics-chart']>(element, 'winnow-metrics-chart');
    expect(charts.map(({ metric, series, live }) => [metric, series[0].bestEpoch, live.map(({ at }) => at)])).to.deep.equal([['accuracy', 5, [5.4]], ['loss', 5, [5.4]]]);
  });

  it('pauses, resumes and stops, once an ask', async () => {
    const element = await mount(busy());
    const asked: string[] = [];
    for (const name of ['winnow-pause', 'winnow-resume', 'winnow-stop']) element.addEventListener(name, () => asked.push(name));
    const [pause, stop] = allInside<HTMLButtonElement>(element, '.progress button');
    pause.click();
    await element.updateComplete;
    expect(pause.textContent.trim()).to.equal('Pausing…');
    pause.click();
    stop.click();
    expect(asked).to.deep.equal(['winnow-pause']);
    element.run = run('a', { state: { kind: 'paused' } });
    await element.updateComplete;
    allInside<HTMLButtonElement>(element, '.progress button')[0].click();
    element.run = run('a');
    await element.updateComplete;
    allInside<HTMLButtonElement>(element, '.progress button')[1].click();
    expect(asked).to.deep.equal(['winnow-pause', 'winnow-resume', 'winnow-stop']);
  });

  it('keeps the focus where the next step is when one card takes another’s place', async () => {
    const element = await mount({ data: photos });
    inside<HTMLInputElement>(element, '#epochs').focus();
    element.stage = 'preparing';
    await element.updateComplete;
    await element.updateComplete;
    expect(element.shadowRoot!.activeElement?.textContent.trim()).to.equal('Pause');
    element.run = run('a', { state: { kind: 'done', result: result(0.98, 0.9) } });
    element.stage = null;
    await element.updateComplete;
    await element.updateComplete;
    expect(element.shadowRoot!.activeElement?.textContent.trim()).to.equal('Train 10 more epochs');
  });

  it('lets go of a waiting run', async () => {
    const element = await mount({ ...busy(), queue: [settings, { ...settings, arch: 'cnn' }] });
    const gone = nextEvent<{ index: number }>(element, 'winnow-dequeue');
    inside<HTMLButtonElement>(element, '[aria-label="Remove CNN from the queue"]').click();
    expect(await gone).to.deep.equal({ index: 1 });
  });

  it('lets a waiting run go ahead, and says what each will take', async () => {
    const costsOf = ({ arch }: RunSettings) => (arch === 'cnn' ? { gpuBytes: 2e9, epochSeconds: 60 } : {});
    const element = await mount({ ...busy(), queue: [settings, { ...settings, arch: 'cnn' }], costsOf });
    expect(allInside(element, '.queue tbody tr').map((row) => [...row.children].slice(3, 5).map(({ textContent }) => textContent.trim()))).to.deep.equal([['–', '20 epochs'], ['2 GB', '20 min']]);
    const moved: unknown[] = [];
    element.addEventListener('winnow-requeue', (event) => moved.push((event as CustomEvent<unknown>).detail));
    inside<HTMLButtonElement>(element, '[aria-label="Move CNN, light ahead"]').click();
    inside<HTMLButtonElement>(element, '[aria-label="Move CNN ahead"]').click();
    inside<HTMLButtonElement>(element, '[aria-label="Move CNN, light behind"]').click();
    expect(moved, 'the first goes no further ahead').to.deep.equal([{ index: 1, to: 0 }, { index: 0, to: 1 }]);
  });

  it('draws each network, with what it costs here', async () => {
    const element = await mount({ data: photos });
    const costs = allInside(element, '.arch').map((card) => [...card.querySelectorAll('dd')].map(({ textContent }) => textContent.trim()));
    expect(costs).to.deep.equal([['12,939,077', '521.0\u00a0M', '1.2 GB', '1 min 15 sec'], ['51,669', '3.70\u00a0M', '–', '–'], ['3,233,989', '550.0\u00a0M', '–', 'measuring…']]);
    expect(allInside(element, '.arch svg').map((svg) => svg.getAttribute('aria-label'))).to.deep.equal(['3 conv · 3 pool · 2 dense', '14 conv · 13 depthwise · 1 pool · 1 dense']);
  });

  it('has the time measured where it is not known, and only while nothing trains', async () => {
    const element = await mount({ data: photos });
    const stopped = nextEvent(element, 'winnow-measure-stop');
    inside<HTMLButtonElement>(element, '.measure button').click();
    await stopped;
    element.architectures = architectures.map(({ epochSeconds: _, ...each }) => (each.id === 'cnn' ? { ...each, epochSeconds: 75 } : each));
    await element.updateComplete;
    const asked = nextEvent(element, 'winnow-measure');
    inside<HTMLButtonElement>(element, '.measure button').click();
    await asked;
    element.architectures = architectures.map((each) => ({ ...each, epochSeconds: 3 }));
    await element.updateComplete;
    expect(inside(element, '.measure')).to.equal(null);
    expect(inside(await mount({ ...busy() }), '.measure button').textContent, 'what is measured can always be ended').to.equal('Stop measuring');
  });

  it('lays earlier runs over the curves, and smooths them', async () => {
    const element = await mount({ ...busy(), earlier });
    const charts = () => allInside<HTMLElementTagNameMap['winnow-metrics-chart']>(element, 'winnow-metrics-chart');
    const [cnn, mobile] = allInside<HTMLButtonElement>(element, '.overlay button');
    mobile.click();
    await element.updateComplete;
    expect(charts()[0].series.map(({ name, quiet }) => [name, quiet === true])).to.deep.equal([['CNN, light', false], ['MobileNet', true]]);
    cnn.click();
    mobile.click();
    await element.updateComplete;
    expect(charts()[1].series.map(({ name }) => name)).to.deep.equal(['CNN, light', 'CNN']);
    const slider = inside<HTMLInputElement>(element, '.smoothing input');
    slider.value = '0.6';
    slider.dispatchEvent(new InputEvent('input', { bubbles: true }));
    await element.updateComplete;
    expect(charts().map(({ smoothing }) => smoothing)).to.deep.equal([0.6, 0.6]);
  });

  it('keeps the way through the epoch that trains, and forgets it at its end', async () => {
    const element = await mount(busy());
    const way = () => inside<HTMLElementTagNameMap['winnow-metrics-chart']>(element, 'winnow-metrics-chart').live.map(({ at }) => at);
    for (const step of [13, 14]) {
      element.progress = { ...progress, step };
      await element.updateComplete;
    }
    expect(way()).to.deep.equal([5 + 12 / 30, 5 + 13 / 30, 5 + 14 / 30]);
    element.run = run('a', { history: [...run('a').history, { ...run('a').history[4], epoch: 6 }] });
    await element.updateComplete;
    expect(way()).to.deep.equal([]);
  });

  it('says that a software adapter is one, and what that means; nothing of a GPU', async () => {
    expect(text(await mount({ data: photos, adapter: software }), '[part=adapter]')).to.include('No GPU was found: SwiftShader');
    cleanUp();
    expect(text(await mount({ data: photos, adapter: { ...gpu, backend: 'webgl' } }), '[part=adapter]')).to.include('no WebGPU');
    cleanUp();
    expect(text(await mount({ data: photos }), '[part=adapter]')).to.equal(null);
  });

  it('shows an error with its remedy', async () => {
    expect(text(await mount({ data: photos, error }), '[role=alert]')).to.equal(`${error.what} ${error.remedy}`);
  });

  it('holds the log to its end, also where the window changes', async () => {
    const history = Array.from({ length: 12 }, (_, at) => ({ ...run('a').history[0], epoch: at + 1 }));
    const element = await mount({ data: photos, run: run('a', { history }) });
    const log = inside<HTMLElement>(element, 'pre');
    const past = () => log.querySelector('code')!.getBoundingClientRect().bottom - log.getBoundingClientRect().bottom;
    expect(log.scrollHeight).to.be.above(log.clientHeight);
    expect(past()).to.be.closeTo(0, 1);
    log.style.fontSize = '20px';
    await settled(element);
    expect(past()).to.be.closeTo(0, 1);
    element.run = run('a', { history: history.slice(0, 2) });
    await settled(element);
    const above = log.querySelector('code')!.getBoundingClientRect().top - log.getBoundingClientRect().top;
    expect(above).to.be.closeTo(0, 1);
  });

  it('speaks of epochs, not of steps', async () => {
    const element = await mount(busy());
    element.progress = { ...progress, step: 13 };
    await element.updateComplete;
    expect(text(element, '[role=status]')).to.equal('');
    element.run = run('a', { history: [...run('a').history, { ...run('a').history[4], epoch: 6, valAccuracy: 0.95, valLoss: 0.1 }] });
    await element.updateComplete;
    expect(text(element, '[role=status]')).to.equal('Epoch 6 of 20: validation accuracy 0.9500, loss 0.1000');
  });

  it('keeps within 320 pixels, and speaks Korean', async () => {
    const element = await mount({ ...busy(), adapter: software, queue: [settings] }, 320);
    expect(element.scrollWidth).to.be.at.most(320);
    await chooseLocale('ko');
    await element.updateComplete;
    expect(text(element, '.bar-line b')).to.equal('에포크 6 / 20');
    expect(element.scrollWidth).to.be.at.most(320);
    await chooseLocale('en');
  });
});
