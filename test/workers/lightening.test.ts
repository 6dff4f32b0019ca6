import { expect } from 'chai';
import type { BatchSource } from '../../src/engine/data/types.js';
import { writeModelZip } from '../../src/engine/exchange/model-zip.js';
import { openDevice } from '../../src/engine/gpu/device.js';
import { GraphBuilder } from '../../src/engine/graph/builder.js';
import { freeze } from '../../src/engine/graph/freeze.js';
import { graphCosts } from '../../src/engine/graph/costs.js';
import { initialWeights } from '../../src/engine/graph/weights.js';
import type { Attempt } from '../../src/engine/lighten/schedule.js';
import { RunControl } from '../../src/engine/training/control.js';
import type { RunRecord } from '../../src/engine/storage/records.js';
import { deleteRun, listRuns, resultOf } from '../../src/engine/storage/runs.js';
import { loadBest } from '../../src/engine/storage/weights.js';
import { weightsSha256 } from '../../src/engine/training/measure.js';
import { adoptModel } from '../../src/workers/adopt.js';
import { measureLayers } from '../../src/workers/light-models.js';
import { Lightening, type LightenRequest } from '../../src/workers/lightening.js';
import { exampleCard } from '../engine/exchange/example.js';
import { ToySource, toyClasses, toyEngine, toySettings, toySplit } from '../engine/training/toy.js';
import { fit } from '../../src/engine/training/fit.js';

const graph = new GraphBuilder([6, 6, 3], 3).conv(16, 3).maxPool(2).conv(12, 3).globalAvgPool().dense(10).dropout(0.2).predictions();
const settings = { ...toySettings, epochs: 8, patience: 8, optimizer: { kind: 'adam', learningRate: 0.02 } as const };
const request: LightenRequest = { criterion: 'taylor', margin: 0.1, judge: 'both', augment: 'as-trained', byHand: true, baselines: 1, backend: 'cpu', engine: 'auto' };

class RgbSource extends ToySource {
  constructor() {
    super({ train: 40, validation: 20, test: 10 });
  }
  override async split(): ReturnType<BatchSource['split']> {
    const dataset = { id: 'toy', name: 'Toy', created: '2026-01-01', source: 'synthetic', classes: toyClasses, counts: [24, 23, 23], images: 70, bytes: 1, shards: 1, refused: [], refusedCount: 0 } as const;
    return { dataset, train: [14, 13, 13], validation: [7, 7, 6], test: [4, 3, 3] };
  }
}

/** A trained model as a file, all before its head frozen. */
async function given(source: BatchSource): Promise<File> {
  const engine = await toyEngine({ graph, weights: initialWeights(graph, 1), optimizer: settings.optimizer });
  const { best } = await fit({ engine, source, split: toySplit, counts: { train: 40, validation: 20 }, classes: 3, settings, control: new RunControl(), asked: 0, undecodable: new Set() });
  engine.dispose();
  const { arch: _, archOptions: __, ...rest } = settings;
  const card = { ...exampleCard(graph), arch: 'toy', classes: toyClasses, settings: { ...rest, freeze: 'base' as const, testShare: 0.1 } };
  return new File([await writeModelZip({ graph: freeze(graph, ['conv2d', 'conv2d_1']), weights: best!.weights, card })], 'toy.zip');
}

interface Heard {
  readonly attempts: Attempt[];
  readonly stages: Set<string>;
  readonly making: string[];
  readonly made: RunRecord[];
}

function lightening(origin: RunRecord, source: BatchSource, control: RunControl, change: Partial<LightenRequest> = {}, onMade: (run: RunRecord) => void = () => {}): { lightening: Lightening; heard: Heard } {
  const heard: Heard = { attempts: [], stages: new Set(), making: [], made: [] };
  const listener = {
    stage: (stage: string) => void heard.stages.add(stage),
    progress: () => {},
    attempt: (attempt: Attempt) => void heard.attempts.push(attempt),
    making: (name: string) => void heard.making.push(name),
    made: (run: RunRecord) => {
      heard.made.push(run);
      onMade(run);
    },
  };
  return { heard, lightening: new Lightening(origin, { ...request, ...change }, source, openDevice, control, listener) };
}

describe('lightening a run', () => {
  const source = new RgbSource();
  let origin: RunRecord;
  const clear = async () => {
    for (const { id } of await listRuns('toy')) await deleteRun(id);
  };
  before(async function () {
    this.timeout(60_000);
    await clear();
    origin = await adoptModel(await given(source), 'toy', source, openDevice, { backend: 'cpu', engine: 'auto' }, new RunControl());
  });
  after(clear);

  it('measures the layers of a stored run, and nothing where it is stopped', async function () {
    this.timeout(60_000);
    const layers = await measureLayers(origin, source, openDevice, new RunControl());
    expect(layers.map(({ name }) => name)).to.deep.equal(graph.layers.map(({ name }) => name));
    expect(layers.flatMap(({ filters }) => (filters ? [filters.taylor.length] : []))).to.deep.equal([16, 12, 10]);
    for (const { filters } of layers) if (filters) expect(Math.max(...filters.taylor)).to.be.above(0);
    const control = new RunControl();
    control.abort();
    await measureLayers(origin, source, openDevice, control).then(() => expect.fail('it was stopped'), ({ code }: { code: string }) => expect(code).to.equal('cancelled'));
  });

  it('makes a run of every model, cuts as far as it stays good, and says what each costs and reaches', async function () {
    this.timeout(240_000);
    expect(origin).to.deep.include({ dataset: 'toy', classes: toyClasses, history: [] });
    expect(resultOf(origin).imagesPerSecond).to.be.above(0);
    const { lightening: work, heard } = lightening(origin, source, new RunControl());
    const { variants, attempts, layers, chosen, finished, classes, adapter, limits } = await work.run();
    expect([finished, classes, adapter.backend]).to.deep.equal([true, toyClasses, 'cpu']);
    expect(heard.attempts).to.deep.equal(attempts);
    expect([...heard.stages].sort()).to.deep.equal(['compiling', 'measuring', 'training', 'validating']);

    expect(layers.map(({ name }) => name)).to.deep.equal(graph.layers.map(({ name }) => name));
    expect(layers.filter(({ filters }) => filters !== null).map(({ name, filters }) => [name, filters!.layer, filters!.taylor.length])).to.deep.equal([['conv2d', 'conv2d', 16], ['conv2d_1', 'conv2d_1', 12], ['dense', 'dense', 10]]);
    expect(layers.reduce((sum, { params }) => sum + params, 0)).to.equal(graphCosts(graph).params);

    const [first] = variants;
    const named = new Map(variants.map((variant) => [variant.name, variant]));
    expect(named.size).to.equal(variants.length);
    expect(first).to.deep.include({ run: origin.id, name: 'given', parent: null, method: 'given', params: graphCosts(graph).params });
    expect(first.validation.accuracy).to.be.above(0.8);
    const pruned = variants.filter(({ method }) => method === 'prune');
    expect(pruned.map(({ name }) => name)).to.deep.equal(attempts.map((_, index) => `pruned-${index + 1}`));
    // Each is cut from the last before it that held.
    pruned.forEach(({ parent }, index) => {
      const held = attempts.slice(0, index).findLastIndex(({ kept }) => kept);
      expect(parent).to.equal(held < 0 ? 'given' : `pruned-${held + 1}`);
    });
    for (const { test } of pruned) expect(test.perturbed.of).to.equal('test');

    const methods = new Set(variants.map(({ method }) => method));
    expect([...methods].sort()).to.deep.equal(['distil', 'given', 'hand', 'prune', 'quantise', 'random', 'scratch']);
    const held = attempts.findLastIndex(({ good }) => good) + 1;
    const shape = named.get(`pruned-${held}`)!;
    for (const name of [`scratch-${held}`, `distilled-${held}`, `random-${held}`]) {
      expect(named.get(name), name).to.deep.include({ params: shape.params, macs: shape.macs });
    }
    expect(named.get(`scratch-${held}`)!.parent).to.equal(null);

    const best = named.get(chosen)!;
    expect(best.method).to.not.be.oneOf(['random', 'quantise']);
    expect(best.good).to.equal(true);
    expect(best.judged.validation.accuracy).to.be.at.least(limits.validation);
    expect(best.judged.perturbed).to.be.at.least(limits.perturbed);
    for (const variant of variants) if (variant.good && !['random', 'quantise'].includes(variant.method)) expect(variant.flops).to.be.at.least(best.flops);
    expect(best.flops).to.be.below(first.flops / 2);
    expect(variants.some(({ onFront }) => onFront) && variants.some(({ onFront }) => !onFront)).to.equal(true);

    // What was chosen before the shapes by hand were tried may have been quantised, too.
    const quantised = variants.filter(({ method, parent }) => method === 'quantise' && parent === chosen);
    expect(quantised.map(({ name, parent, precision }) => [name, parent, precision])).to.deep.equal([[`${chosen}-float16`, chosen, 'float16'], [`${chosen}-int8`, chosen, 'int8']]);
    for (const variant of quantised) {
      expect(variant.bytes).to.be.below(best.bytes);
      expect(variant.macs).to.equal(best.macs);
      expect(variant.weightsSha256).to.not.equal(best.weightsSha256);
      expect(Math.abs(variant.validation.loss - best.validation.loss)).to.be.below(0.05);
    }

    // Each is a run, with the weights that its numbers are of.
    const runs = new Map((await listRuns('toy')).map((run) => [run.id, run]));
    expect(runs.size).to.equal(variants.length);
    expect(heard.made.map(({ id }) => id).sort()).to.deep.equal(variants.slice(1).map(({ run }) => run).sort());
    for (const { run: id, name, parent, weightsSha256: sha } of variants.slice(1)) {
      const run = runs.get(id)!;
      expect(run.lightened).to.deep.include({ origin: origin.id, name });
      expect(run.parent === null ? null : (runs.get(run.parent)!.lightened?.name ?? 'given')).to.equal(parent);
      expect(await weightsSha256(await loadBest(id))).to.equal(sha);
    }

    // Asked again, it finds all of it.
    const { lightening: again, heard: nothing } = lightening(origin, source, new RunControl());
    const second = await again.run();
    expect(nothing.making).to.deep.equal([]);
    expect(second.variants.map(({ run }) => run).sort()).to.deep.equal(variants.map(({ run }) => run).sort());
    expect([second.chosen, second.attempts]).to.deep.equal([chosen, attempts]);
    for (const { run } of variants.slice(1)) await deleteRun(run);
  });

  it('stopped keeps what it has, and goes on from it; what cannot be is refused', async function () {
    this.timeout(240_000);
    const change = { byHand: false, baselines: 0 };
    const control = new RunControl();
    const { variants, attempts, finished, chosen } = await lightening(origin, source, control, change, () => control.abort()).lightening.run();
    expect(finished).to.equal(false);
    expect(attempts.length).to.equal(1);
    expect(variants.map(({ name }) => name)).to.deep.equal(['given', 'pruned-1']);
    expect(variants.map(({ name }) => name)).to.include(chosen);

    const { lightening: work, heard } = lightening(origin, source, new RunControl(), change);
    const end = await work.run();
    expect(heard.making[0]).to.equal('pruned-2');
    expect(end.finished).to.equal(true);
    expect(end.variants.find(({ name }) => name === 'pruned-1')!.run).to.equal(variants[1].run);
    // Another margin is another search.
    const other = new RunControl();
    const { lightening: elsewhere, heard: anew } = lightening(origin, source, other, { ...change, margin: 0.2 }, () => other.abort());
    await elsewhere.run();
    expect(anew.making[0]).to.equal('pruned-1');
    const refused = await lightening(origin, source, new RunControl(), { margin: 1 }).lightening.run().then(() => null, (error: unknown) => error);
    expect(refused).to.deep.include({ code: 'settings-invalid' });
  });
});
