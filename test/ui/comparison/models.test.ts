import { expect } from 'chai';
import { columns, sortModels } from '../../../src/ui/comparison/columns.js';
import { frontOf, groupsOf, isJudged } from '../../../src/ui/comparison/models.js';
import { judge } from '../../../src/ui/comparison/verdict.js';
import { defaultSettings } from '../../../src/engine/support/settings.js';
import { result, run } from '../support/runs.js';

const settings = { ...defaultSettings, size: 224 };
const done = (id: string, arch: string, accuracy: number, perturbed: number, rest = {}) =>
  run(id, { settings: { ...settings, arch }, classes: ['a', 'b', 'c', 'd', 'e'], state: { kind: 'done', result: result(accuracy, perturbed) }, ...rest });

describe('the models that are compared', () => {
  it('have the costs of their architecture at their own size and classes', () => {
    const [{ models }] = groupsOf([done('a', 'cnn', 0.99, 0.7)]);
    expect(models[0].costs).to.include({ params: 12_939_077, flops: 1_042_859_422, filters: 224, bytes: 51_756_308 });
  });

  it('are compared only on the same photos in the same split', () => {
    const groups = groupsOf([
      done('a', 'cnn', 0.99, 0.7),
      done('b', 'cnn-light', 0.99, 0.7),
      done('c', 'cnn', 0.99, 0.7, { settings: { ...settings, arch: 'cnn', seed: 2 }, created: '2026-12-01T00:00:00Z' }),
      done('d', 'cnn', 0.99, 0.7, { settings: { ...settings, arch: 'cnn', size: 64, batch: 8 } }),
      done('e', 'cnn', 0.99, 0.7, { dataset: 'others' }),
      done('f', 'cnn', 0.99, 0.7, { settings: { ...settings, arch: 'cnn', testShare: 0.1 } }),
    ]);
    expect(groups.map(({ models }) => models.map(({ run: { id } }) => id))).to.deep.equal([['c'], ['a', 'b', 'd'], ['e'], ['f']]);
    expect(groups[1].models.map(({ title }) => title)).to.deep.equal(['CNN', 'CNN light', 'CNN (3)']);
  });

  it('may be of an architecture that is unknown here', () => {
    const [{ models }] = groupsOf([done('a', 'from-the-future', 0.99, 0.7)]);
    expect(models[0]).to.include({ title: 'from-the-future', costs: null });
    expect(isJudged(models[0])).to.equal(false);
  });

  it('sort by every column both ways, those without a number last', () => {
    const [{ models }] = groupsOf([run('x'), done('a', 'cnn', 0.97, 0.7), done('b', 'cnn-light', 0.99, 0.95), done('c', 'vgg-custom', 0.98, 0.8)]);
    const order = (column: 'perturbed' | 'params' | 'model', descending: boolean) => sortModels(models, { column, descending }).map(({ run: { id } }) => id);
    expect(order('perturbed', true)).to.deep.equal(['b', 'c', 'a', 'x']);
    expect(order('perturbed', false)).to.deep.equal(['a', 'c', 'b', 'x']);
    expect(order('params', false).at(-1)).to.equal('a');
    expect(order('model', false)).to.deep.equal(['a', 'x', 'b', 'c']);
    for (const { id } of columns) expect(sortModels(models, { column: id, descending: true })).to.have.members(models);
  });
});

describe('the front of what is compared', () => {
  it('is those that no other beats in all of accuracy, stored bytes, MACs, latency and memory', () => {
    const lightened = { origin: 'a', name: 'a-int8', method: 'quantise', precision: 'int8', bytes: 1000, downloadBytes: 900, perturbed: 0.7, search: '' } as const;
    // The second costs more than the first and is worth less; the third is the first in fewer bytes.
    const [{ models }] = groupsOf([done('a', 'cnn-final', 0.99, 0.9), done('b', 'cnn', 0.99, 0.8), done('c', 'cnn-final', 0.99, 0.9, { parent: 'a', lightened }), run('x')]);
    expect([...frontOf(models)].map(({ run: { id } }) => id)).to.deep.equal(['c']);
    expect(models.map(({ costs }) => costs!.bytes)[2]).to.equal(1000);
    expect([...frontOf(models.slice(0, 2))].map(({ run: { id } }) => id)).to.deep.equal(['a']);
    expect(frontOf(models.slice(0, 1)).size, 'one alone is compared with nothing').to.equal(0);
  });
});

describe('the verdict', () => {
  const rule = { kind: 'floor', floor: 0.9 } as const;
  const judgedOf = (...runs: Parameters<typeof groupsOf>[0]) => groupsOf(runs)[0].models.filter(isJudged);

  it('chooses the fewest FLOPs above the floor, and says what that costs', () => {
    const verdict = judge(judgedOf(done('a', 'cnn', 0.99, 0.7), done('b', 'cnn-final', 0.98, 0.95), done('c', 'vgg-custom', 0.99, 0.99), done('d', 'cnn-light', 0.99, 0.75)), rule)!;
    expect(verdict.chosen.run.id).to.equal('b');
    expect(verdict.reaches).to.equal(true);
    expect(verdict.better?.model.run.id).to.equal('c');
    expect(verdict.better?.points).to.be.closeTo(4, 1e-9);
    expect(verdict.better?.times).to.be.closeTo(1_203_943_966 / 167_860_766, 1e-9);
    expect(verdict.better?.mayBeChance).to.equal(true);
    expect(verdict.misjudged.map(({ run: { id } }) => id)).to.deep.equal(['a', 'd']);
    expect(verdict.largest?.run.id).to.equal('a');
  });

  it('says where none reaches the floor, and where nothing is better or larger', () => {
    const none = judge(judgedOf(done('a', 'cnn', 0.8, 0.5), done('d', 'cnn-light', 0.8, 0.6)), rule)!;
    expect(none).to.include({ reaches: false, better: null });
    expect(none.chosen.run.id).to.equal('d');
    expect(none.misjudged).to.deep.equal([]);
    const single = judge(judgedOf(done('a', 'cnn', 0.99, 0.95)), rule)!;
    expect(single).to.include({ reaches: true, better: null, largest: null });
    expect(judge([], rule)).to.equal(null);
  });
});
