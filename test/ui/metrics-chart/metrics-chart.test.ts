import { expect } from 'chai';
import { html } from 'lit';
import type { EpochRecord } from '../../../src/engine/storage/records.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';
import '../../../src/ui/metrics-chart/metrics-chart.js';
import type { WinnowMetricsChart } from '../../../src/ui/metrics-chart/metrics-chart.js';
import { allInside, cleanUp, expectAccessible, fixture, frame, inside, until } from '../support/fixture.js';

const history = (epochs: number, start = 0.5): EpochRecord[] =>
  Array.from({ length: epochs }, (_, index) => {
    const accuracy = 1 - (1 - start) / (index + 1);
    return { epoch: index + 1, loss: 1 - accuracy, accuracy, valLoss: 1.1 - accuracy, valAccuracy: accuracy - 0.01, seconds: 1, imagesPerSecond: 100 };
  });
const one = { name: 'CNN', history: history(6), bestEpoch: 5 };
const two = { name: 'CNN, light', history: history(9, 0.3), bestEpoch: 9 };
const live = { name: 'CNN', at: 6.5, accuracy: 0.93, loss: 0.07 };

const canvasOf = (chart: WinnowMetricsChart) => inside<HTMLCanvasElement>(chart, 'canvas');
const drawn = (chart: WinnowMetricsChart) => until(() => canvasOf(chart) !== null && canvasOf(chart).width > 0, 'the chart is drawn');

/** Pixels of the canvas that are near a colour. */
function pixelsNear(canvas: HTMLCanvasElement, [r, g, b]: readonly [number, number, number]): number {
  const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
  let count = 0;
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] > 200 && Math.abs(data[at] - r) + Math.abs(data[at + 1] - g) + Math.abs(data[at + 2] - b) < 40) count++;
  }
  return count;
}

describe('<winnow-metrics-chart>', () => {
  afterEach(cleanUp);

  it('is accessible in every state', async () => {
    for (const template of [
      html`<winnow-metrics-chart></winnow-metrics-chart>`,
      html`<winnow-metrics-chart metric="loss" .series=${[{ ...one, history: [], bestEpoch: null }]} .live=${[{ ...live, at: 0.2 }, { ...live, at: 0.5 }]}></winnow-metrics-chart>`,
      html`<winnow-metrics-chart .series=${[one, two]} .live=${[live]}></winnow-metrics-chart>`,
      html`<winnow-metrics-chart metric="loss" log-scale show-table .series=${[one, two]}></winnow-metrics-chart>`,
      html`<winnow-metrics-chart .series=${[{ ...one, history: history(1), bestEpoch: 1 }]}></winnow-metrics-chart>`,
      html`<winnow-metrics-chart .smoothing=${0.6} .series=${[one, { ...two, quiet: true }]}></winnow-metrics-chart>`,
    ]) {
      const chart = await fixture<WinnowMetricsChart>(template);
      if (chart.series.length > 0) await drawn(chart);
      await expectAccessible(chart);
      cleanUp();
    }
  });

  it('says that nothing is there yet, and draws no canvas', async () => {
    const chart = await fixture<WinnowMetricsChart>(html`<winnow-metrics-chart></winnow-metrics-chart>`);
    await frame();
    expect(inside(chart, '.empty').textContent).to.include('first epoch');
    expect(canvasOf(chart)).to.equal(null);
  });

  it('draws each series in its colour and the best epoch in the highlight', async () => {
    const chart = await fixture<WinnowMetricsChart>(html`<winnow-metrics-chart .series=${[one]}></winnow-metrics-chart>`);
    await drawn(chart);
    expect(pixelsNear(canvasOf(chart), [39, 115, 79]), 'series 1').to.be.greaterThan(300);
    expect(pixelsNear(canvasOf(chart), [185, 119, 14]), 'the best line').to.be.greaterThan(20);
    chart.series = [{ ...one, bestEpoch: null }];
    await until(() => pixelsNear(canvasOf(chart), [185, 119, 14]) === 0, 'the best line is gone');
  });

  it('follows the theme', async () => {
    const chart = await fixture<WinnowMetricsChart>(html`<winnow-metrics-chart .series=${[one]}></winnow-metrics-chart>`);
    await drawn(chart);
    chart.parentElement!.style.colorScheme = 'dark';
    await until(() => pixelsNear(canvasOf(chart), [99, 194, 151]) > 300, 'the curves are in the dark theme');
  });

  it('follows its size', async () => {
    const chart = await fixture<WinnowMetricsChart>(html`<winnow-metrics-chart .series=${[one]}></winnow-metrics-chart>`);
    await drawn(chart);
    chart.parentElement!.style.width = '400px';
    await until(() => canvasOf(chart).clientWidth < 400, 'the canvas is narrower');
    expect(canvasOf(chart).clientWidth).to.be.greaterThan(300);
  });

  it('draws at most once a frame, however often its data change', async () => {
    const chart = await fixture<WinnowMetricsChart>(html`<winnow-metrics-chart .series=${[one]}></winnow-metrics-chart>`);
    await drawn(chart);
    await frame();
    const context = canvasOf(chart).getContext('2d')!;
    let clears = 0;
    const clearRect = context.clearRect.bind(context);
    context.clearRect = (...box) => {
      clears++;
      clearRect(...box);
    };
    for (let step = 0; step < 20; step++) {
      chart.live = [{ ...live, at: 6 + step / 20 }];
      await chart.updateComplete;
    }
    expect(clears).to.equal(0);
    await frame();
    await frame();
    expect(clears).to.equal(1);
  });

  it('holds every number in a table, hidden from sight until asked for', async () => {
    const chart = await fixture<WinnowMetricsChart>(html`<winnow-metrics-chart .series=${[one, two]}></winnow-metrics-chart>`);
    const rows = allInside(chart, 'tbody tr');
    expect(rows).to.have.length(9);
    expect([...rows[4].children].map((cell) => cell.textContent.trim().replace(/\s+/g, ' '))).to.deep.equal(['5', '0.9000', '0.8900 best', '0.8600', '0.8500']);
    expect([...rows[8].children].map((cell) => cell.textContent.trim().replace(/\s+/g, ' '))).to.deep.equal(['9', '–', '–', '0.9222', '0.9122 best']);
    expect(inside(chart, '#table').clientHeight).to.be.lessThan(2);
    inside<HTMLButtonElement>(chart, '[aria-controls="table"]').click();
    await chart.updateComplete;
    expect(inside(chart, '#table').clientHeight).to.be.greaterThan(200);
    expect(chart.showTable).to.equal(true);
  });

  it('offers a log scale for the loss only', async () => {
    const accuracy = await fixture<WinnowMetricsChart>(html`<winnow-metrics-chart .series=${[one]}></winnow-metrics-chart>`);
    expect(inside(accuracy, '[aria-pressed]')).to.equal(null);
    const loss = await fixture<WinnowMetricsChart>(html`<winnow-metrics-chart metric="loss" .series=${[one]}></winnow-metrics-chart>`);
    inside<HTMLButtonElement>(loss, '[aria-pressed]').click();
    await loss.updateComplete;
    expect(inside(loss, '[aria-pressed]').getAttribute('aria-pressed')).to.equal('true');
    await drawn(loss);
  });

  it('tells its story in the language of the moment', async () => {
    const chart = await fixture<WinnowMetricsChart>(html`<winnow-metrics-chart .series=${[one]}></winnow-metrics-chart>`);
    expect(inside(chart, '[role=img]').getAttribute('aria-label')).to.equal('Accuracy by epoch. CNN: validation 0.9067 after epoch 6; best epoch 5 with 0.8900');
    await chooseLocale('ko');
    await chart.updateComplete;
    expect(inside(chart, 'h2').textContent).to.equal('정확도');
    await chooseLocale('en');
  });
});
