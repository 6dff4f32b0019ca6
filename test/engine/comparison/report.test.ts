import { expect } from 'chai';
import { comparisonCsv, historyCsv } from '../../../src/engine/comparison/csv.js';
import { renderReportHtml } from '../../../src/engine/comparison/html/index.js';
import { classMetrics } from '../../../src/engine/comparison/tally.js';
import { buildReport } from '../../../src/engine/comparison/report.js';
import type { RunRecord } from '../../../src/engine/storage/records.js';
import { toErrorData, WinnowError } from '../../../src/engine/support/errors.js';
import { riceDataset, studyArchs, studyRun } from './study.js';

const [first, ...rest] = studyArchs.map((arch) => studyRun(arch));
const study = buildReport(riceDataset, [first, ...rest], '9.9.9');
const parse = (html: string) => new DOMParser().parseFromString(html, 'text/html');

describe('report.json', () => {
  it('has the fields of the contract', () => {
    expect(study).to.include.keys('schema', 'winnow', 'created', 'backend', 'engine', 'adapter', 'dataset', 'runs', 'recommendation');
    expect(study).to.include({ schema: 1, winnow: '9.9.9', backend: 'webgpu', engine: 'compiled' });
    expect(study.adapter).to.deep.equal({ vendor: 'apple', architecture: 'm3', description: 'Apple M3', fallback: false });
    expect(study.dataset.classes[0]).to.deep.equal({ name: 'Arborio', train: 12_000, validation: 1_500, test: 1_500 });
    expect(study.dataset.refused[0]).to.have.all.keys('name', 'code', 'reason');
    for (const run of study.runs) {
      expect(run).to.include.keys(
        'arch', 'options', 'size', 'batch', 'seed', 'params', 'trainableParams', 'bytes', 'macs', 'flops', 'filters', 'peakGpuBytes', 'predictedGpuBytes', 'epochs', 'bestEpoch',
        'stoppedEarly', 'restoredBest', 'train', 'validation', 'test', 'confusion', 'latencyMs', 'stepMs', 'compileMs', 'dataWaitShare', 'weightsSha256', 'parent',
      );
      expect(run.epochs[0]).to.have.all.keys('epoch', 'loss', 'accuracy', 'valLoss', 'valAccuracy', 'seconds', 'imagesPerSecond', 'learningRate');
    }
    expect(JSON.parse(JSON.stringify(study))).to.deep.equal(study);
  });

  it('takes its costs from the graph', () => {
    expect(study.runs[0]).to.include({ arch: 'cnn', params: 12_939_077, bytes: 51_756_308, flops: 1_042_859_422, filters: 224 });
  });

  it('comes to the study’s conclusion', () => {
    expect(study.recommendation).to.include({ arch: 'cnn-final', run: studyArchs.indexOf('cnn-final') });
    expect(study.recommendation?.reason).to.contain('VGG custom is 3.8 points better for 7.2 times');
  });

  it('keeps runs without a result apart, and tells two of one kind apart', () => {
    const failed: RunRecord = { ...studyRun('cnn'), state: { kind: 'failed', error: toErrorData(new WinnowError('not-finite', { epoch: 1, step: 2 })) } };
    const stopped: RunRecord = { ...studyRun('cnn-light'), state: { kind: 'stopped', result: null } };
    const report = buildReport(riceDataset, [failed, stopped, studyRun('cnn-final'), studyRun('cnn-final')], '1');
    expect(report.runs.map((run) => run.title)).to.deep.equal(['CNN final', 'CNN final (2)']);
    expect(report.failed.map(({ arch, error }) => `${arch} ${error?.code}`)).to.deep.equal(['cnn not-finite', 'cnn-light undefined']);
    expect(buildReport(riceDataset, [failed], '1').recommendation).to.equal(null);
  });
});

describe('csv', () => {
  it('has one line an epoch, in the order of the contract', () => {
    const lines = historyCsv(first.history).split('\r\n');
    expect(lines[0]).to.equal('epoch,loss,accuracy,valLoss,valAccuracy,seconds,imagesPerSecond,learningRate');
    expect(lines).to.have.length(first.history.length + 2);
    expect(lines[3].split(',').map(Number)).to.deep.equal(Object.values(first.history[2]));
  });

  it('quotes titles that hold a comma or a quote', () => {
    const run = { ...study.runs[0], title: 'a "b", c' };
    expect(comparisonCsv({ ...study, runs: [run] }).split('\r\n')[1]).to.match(/^"a ""b"", c",cnn,12939077,/);
  });
});

describe('report.html', () => {
  it('is one file: no script, nothing fetched', () => {
    const page = parse(renderReportHtml(study));
    expect(page.querySelectorAll('script, link, img, iframe, object, [src], [href]')).to.have.length(0);
    expect(page.querySelector('style')!.textContent).to.not.match(/url\(|@import/);
  });

  it('shows every run: a point, a row, two curves with the best epoch marked', () => {
    const page = parse(renderReportHtml(study));
    expect(page.querySelectorAll('.on-front circle, .off-front circle')).to.have.length(8);
    expect([...page.querySelectorAll('.on-front > text')].map((text) => text.textContent)).to.have.members(['CNN final', 'VGG custom']);
    expect(page.querySelectorAll('polyline')).to.have.length(8 * 4);
    const marks = [...page.querySelectorAll('.best-label')].map((label) => label.textContent);
    expect(marks).to.have.length(16).and.include('best, epoch 34');
    expect(page.querySelector('tr.chosen')!.textContent).to.contain('CNN final chosen').and.contain('17,301');
    expect(page.querySelectorAll('.poor')).to.have.length(3);
    expect(page.body.textContent).to.not.match(/NaN|undefined|null/);
  });

  it('shows classes, mistakes, what the sentinel said, and what was not plain training', () => {
    const run = studyRun('cnn-final');
    if (run.state.kind !== 'done') throw new Error('unreachable');
    const { result } = run.state;
    const details = { topK: { k: 2, accuracy: 0.9991 }, calibrationError: 0.0123, perClass: classMetrics(result.confusion), confusion: result.confusion };
    const report = buildReport(
      riceDataset,
      [{
        ...run,
        settings: {
          ...run.settings, schedule: { kind: 'cosine', alpha: 0.1 }, loss: { labelSmoothing: 0.1, classWeights: 'balanced' }, freeze: 'base', splitSeed: 7,
          augment: { ...run.settings.augment, flipX: 0.5 }, perturbation: { ...run.settings.perturbation, zoom: 0.3 },
        },
        parent: 'f00d',
        advice: [{ epoch: 2, notice: toErrorData(new WinnowError('not-learning', { epoch: 2, loss: '1.6094', constant: '1.6094' })) }],
        state: {
          ...run.state,
          result: {
            ...result, test: { ...result.test, ...details },
            mistakes: [{ index: 4, name: 'Ipsala/<b>.jpg', truth: 'Ipsala', predicted: 'Arborio', probability: 0.9871 }],
          },
        },
      }],
      '1',
    );
    const page = parse(renderReportHtml(report));
    const text = page.body.textContent.replace(/\s+/g, ' ');
    expect(text).to.contain('0.9991').and.contain('0.0123').and.contain('always giving the same answer would reach 1.6094');
    expect(text).to.contain('Ipsala/<b>.jpg').and.contain('0.9871');
    for (const [name, value] of [
      ['Seed', '1, of the split 7'], ['Schedule', 'cosine, alpha 0.1'], ['Label smoothing', '0.1'], ['Class weights', 'balanced'], ['Augmentation', 'flipX 0.5'],
      ['Frozen', 'all before the head'], ['Begun from', 'f00d'], ['Perturbed by', 'flip 0.5, rotation 0.1, zoom 0.3, shift 0.1, contrast 0.1'],
    ]) expect([...page.querySelectorAll('tr')].some((row) => row.cells[0].textContent === name && row.cells[1].textContent === value), name).to.equal(true);
    const arborio = [...page.querySelectorAll('section')].find((section) => section.textContent.includes('Classes, test photos'))!.querySelector('tbody tr') as HTMLTableRowElement;
    const { precision, recall } = details.perClass[0];
    expect([...arborio.cells].slice(0, 3).map((cell) => cell.textContent)).to.deep.equal(['Arborio', precision!.toFixed(4), recall!.toFixed(4)]);
  });

  it('puts every mark inside its chart', () => {
    const page = parse(renderReportHtml(study));
    for (const svg of page.querySelectorAll('svg[role=img]')) {
      const [, , width, height] = svg.getAttribute('viewBox')!.split(' ').map(Number);
      for (const circle of svg.querySelectorAll('circle')) {
        expect(Number(circle.getAttribute('cx'))).to.be.within(0, width);
        expect(Number(circle.getAttribute('cy'))).to.be.within(0, height);
      }
      for (const line of svg.querySelectorAll('polyline')) {
        for (const point of line.getAttribute('points')!.split(' ')) {
          const [x, y] = point.split(',').map(Number);
          expect(x).to.be.within(0, width);
          expect(y).to.be.within(0, height);
        }
      }
    }
  });

  it('shows text from outside as text', () => {
    const evil = `<img src=x onerror="parent.hacked=1">"'&</title></style><script>parent.hacked = 1</script>`;
    const report = buildReport(
      { ...riceDataset, name: evil, refused: [{ name: evil, code: 'unreadable', reason: evil }] },
      [{ ...first, classes: first.classes.map((name) => name + evil), adapter: { ...first.adapter, description: evil } }],
      evil,
    );
    const page = parse(renderReportHtml(report));
    expect(page.querySelectorAll('script, img')).to.have.length(0);
    expect(page.querySelector('h1')!.textContent).to.equal(evil);
    expect(page.title).to.contain(evil);
  });

  it('says synthetic data, a software adapter and perturbed validation photos plainly', () => {
    expect(parse(renderReportHtml(study)).querySelectorAll('.notice')).to.have.length(0);
    const run = studyRun('cnn-light');
    if (run.state.kind !== 'done') throw new Error('unreachable');
    const { result } = run.state;
    const report = buildReport(
      { ...riceDataset, source: 'synthetic' },
      [{ ...run, adapter: { ...run.adapter, fallback: true }, state: { kind: 'stopped', result: { ...result, test: { loss: null, accuracy: null, perturbed: { ...result.test.perturbed, of: 'validation' } } } } }],
      '1',
    );
    const notices = [...parse(renderReportHtml(report)).querySelectorAll('.notice')].map((notice) => notice.textContent).join('\n');
    expect(notices).to.match(/Synthetic data/).and.match(/Software adapter/).and.match(/validation photos/).and.match(/stopped/);
  });

  it('draws the least there can be: one epoch, one model, perfect or hopeless', () => {
    const run = studyRun('cnn-light');
    if (run.state.kind !== 'done') throw new Error('unreachable');
    for (const value of [0, 1]) {
      const epoch = { ...run.history[0], loss: value, valLoss: value, accuracy: value, valAccuracy: value };
      const perturbed = { ...run.state.result.test.perturbed, accuracy: value, interval: [value, value] as const };
      const report = buildReport(riceDataset, [{ ...run, history: [epoch], state: { ...run.state, result: { ...run.state.result, bestEpoch: 1, test: { ...run.state.result.test, perturbed } } } }], '1');
      expect(renderReportHtml(report)).to.not.match(/NaN|Infinity/);
    }
  });
});
