import { expect } from 'chai';
import { html } from 'lit';
import type { RunRecord } from '../../../src/engine/storage/records.js';
import { defaultSettings } from '../../../src/engine/support/settings.js';
import '../../../src/ui/comparison/comparison.js';
import type { WinnowComparison } from '../../../src/ui/comparison/comparison.js';
import '../../../src/ui/dataset/dataset.js';
import type { WinnowDataset } from '../../../src/ui/dataset/dataset.js';
import '../../../src/ui/feature-maps/feature-maps.js';
import type { WinnowFeatureMaps } from '../../../src/ui/feature-maps/feature-maps.js';
import '../../../src/ui/metrics-chart/metrics-chart.js';
import type { WinnowMetricsChart } from '../../../src/ui/metrics-chart/metrics-chart.js';
import { bindingsOf } from '../../../src/ui/session/borrow.js';
import { settingsOf } from '../../../src/ui/session/attributes.js';
import '../../../src/ui/session/winnow-session.js';
import type { WinnowSession } from '../../../src/ui/session/winnow-session.js';
import '../../../src/ui/training/training.js';
import type { WinnowTraining } from '../../../src/ui/training/training.js';
import { dataset, FakeLab, result, run } from '../support/fake-lab.js';
import { cleanUp, fixture, nextEvent, until } from '../support/fixture.js';

const made = (images: number) => dataset({ id: `rice-${images}`, images });

describe('<winnow-session>', () => {
  let fake: FakeLab;
  beforeEach(() => {
    localStorage.clear();
    fake = new FakeLab();
  });
  afterEach(() => {
    cleanUp();
    localStorage.clear();
  });

  async function mount(inside = html`<winnow-training arch="cnn,cnn-light" size="64" epochs="3" learning-rate="0.01"></winnow-training>`, src = 'sample') {
    const session = await fixture<WinnowSession>(html`<winnow-session src=${src} images="100" .connect=${async () => fake}>${inside}</winnow-session>`);
    const find = <E extends HTMLElement>(tag: string) => session.querySelector<E>(tag)!;
    return { session, find };
  }
  const imported = async () => {
    await until(() => fake.calls.some((call) => call.startsWith('import')), 'the import begins');
    fake.finishImport(made(100));
  };

  it('imports the sample once, and begins the form with the attributes', async () => {
    const { find } = await mount();
    await imported();
    const training = find<WinnowTraining>('winnow-training');
    await until(() => training.data?.id === 'rice-100' && training.settings.size === 64, 'the form is filled');
    expect(training.settings).to.deep.equal({ ...defaultSettings, arch: 'cnn', size: 64, epochs: 3, optimizer: { kind: 'adam', learningRate: 0.01 } });
    expect([...training.alsoChosen]).to.include('cnn-light');
    expect(fake.calls.filter((call) => call.startsWith('import'))).to.deep.equal(['import synthetic true']);
    expect(fake.trained).to.have.length(0);
  });

  it('takes what was imported before, and trains at once where it is told to', async () => {
    fake.datasets = [made(400), made(100)];
    const { find } = await mount(html`<winnow-training arch="cnn-light" epochs="2" size="32" autostart></winnow-training>`);
    await until(() => fake.trained.length === 1, 'it trains');
    expect(fake.trained[0].settings).to.include({ arch: 'cnn-light', epochs: 2, size: 32 });
    expect(find<WinnowTraining>('winnow-training').data?.id).to.equal('rice-100');
    expect(fake.calls.filter((call) => call.startsWith('import'))).to.deep.equal([]);
  });

  it('has every element show the same run, and tells the page that it has ended', async () => {
    fake.datasets = [made(100)];
    const { session, find } = await mount(html`
      <winnow-training arch="cnn-light" size="32" epochs="3" autostart></winnow-training>
      <div><winnow-metrics-chart></winnow-metrics-chart></div>
      <winnow-comparison></winnow-comparison>
    `);
    await until(() => fake.trained.length === 1, 'it trains');
    const ended = nextEvent<{ run: RunRecord }>(session, 'winnow-run-ended');
    fake.endTraining({ history: run().history, state: { kind: 'done', result } });
    const { run: last } = await ended;
    expect(last.state.kind).to.equal('done');
    await until(() => find<WinnowMetricsChart>('winnow-metrics-chart').series.length === 1, 'the chart shows it');
    await until(() => find<WinnowComparison>('winnow-comparison').runs.length === 1, 'the comparison shows it');
    expect(find<WinnowTraining>('winnow-training').run?.id).to.equal(last.id);
    const zip = await session.exportModel(last.id);
    expect(zip?.size).to.equal(4);
  });

  it('does what elements ask for, those that come later too', async () => {
    fake.datasets = [made(100)];
    const { session, find } = await mount(html`<winnow-dataset></winnow-dataset>`, '');
    const element = find<WinnowDataset>('winnow-dataset');
    await until(() => element.datasets.length === 1 && element.selected === 'rice-100', 'it is shown');
    element.dispatchEvent(new CustomEvent('winnow-delete-dataset', { detail: { id: 'rice-100' }, bubbles: true, composed: true }));
    await until(() => element.datasets.length === 0, 'it is deleted');
    expect(fake.calls).to.include('delete rice-100');

    session.append(document.createElement('winnow-training'));
    await until(() => find<WinnowTraining>('winnow-training').architectures.length > 5, 'the new one is fed');
  });

  it('finds in the places what it gives to every element that they show', async () => {
    fake.datasets = [made(100)];
    fake.runs = [run({ dataset: 'rice-100' })];
    const given = { 'winnow-dataset': 'datasets', 'winnow-training': 'architectures', 'winnow-comparison': 'runs', 'winnow-lighten': 'runs', 'winnow-use': 'models' };
    const { session } = await mount(html`<div></div>`, '');
    for (const [tag, property] of Object.entries(given)) {
      const element = document.createElement(tag) as HTMLElement & Record<string, readonly unknown[] | undefined>;
      session.append(element);
      await until(() => (element[property]?.length ?? 0) > 0, `${tag} is given its ${property}`);
    }
  });

  it('looks into the newest model where feature maps are there', async () => {
    fake.datasets = [made(100)];
    fake.runs = [run({ dataset: 'rice-100' })];
    const { find } = await mount(html`<winnow-feature-maps></winnow-feature-maps>`, '');
    const maps = find<WinnowFeatureMaps>('winnow-feature-maps');
    await until(() => maps.layers.length > 0 && maps.maps !== null, 'maps are there');
    expect(maps.classes).to.have.length(5);
  });

  it('says what is wrong with its attributes', async () => {
    fake.datasets = [made(100)];
    const { find } = await mount(html`<winnow-training arch="resnet" autostart></winnow-training>`);
    await until(() => find<WinnowTraining>('winnow-training').error?.code === 'arch-unknown', 'the error is there');
    expect(fake.trained).to.have.length(0);
    const element = document.createElement('winnow-training');
    element.setAttribute('epochs', 'three');
    expect(() => settingsOf(element, defaultSettings)).to.throw('epochs cannot be three');
  });

  it('ends its workers when it goes, not when it is moved', async () => {
    const { session } = await mount();
    session.parentElement!.prepend(session);
    await Promise.resolve();
    expect(fake.disposed).to.equal(false);
    await until(() => fake.calls.length > 0, 'it is connected');
    session.remove();
    await Promise.resolve();
    expect(fake.disposed).to.equal(true);
  });
});

describe('what a template gives an element', () => {
  const listener = () => {};
  it('finds it wherever it is nested, and only that element', () => {
    const list = [1, 2];
    const inner = html`<p class=${'note'}>${'text'}</p><winnow-dataset id=${'a'} .datasets=${list} ?hidden=${true} @winnow-import=${listener}></winnow-dataset><b .other=${1}></b>`;
    const outer = html`<section .data=${2}>${[html`<i></i>`, 'x', inner]}</section>`;
    expect(bindingsOf(outer, 'winnow-dataset')).to.deep.equal({ properties: { datasets: list }, listeners: { 'winnow-import': listener } });
    expect(bindingsOf(outer, 'winnow-data')).to.equal(null);
    expect(bindingsOf('text', 'winnow-dataset')).to.equal(null);
    expect(bindingsOf(html`<winnow-dataset></winnow-dataset>${1}`, 'winnow-dataset')).to.deep.equal({ properties: {}, listeners: {} });
  });

  it('reads all of an element with content of its own', () => {
    const template = html`<winnow-training .a=${1} @b=${listener}><div slot="next" .c=${2}>${3}</div></winnow-training>`;
    expect(bindingsOf(template, 'winnow-training')).to.deep.equal({ properties: { a: 1 }, listeners: { b: listener } });
  });
});
