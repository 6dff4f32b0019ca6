import { expect } from 'chai';
import type { BatchSource } from '../../src/engine/data/types.js';
import { readModel } from '../../src/engine/exchange/formats.js';
import { writeModelZip } from '../../src/engine/exchange/model-zip.js';
import { openDevice } from '../../src/engine/gpu/device.js';
import { GraphBuilder } from '../../src/engine/graph/builder.js';
import { freeze } from '../../src/engine/graph/freeze.js';
import { graphCosts } from '../../src/engine/graph/costs.js';
import { initialWeights } from '../../src/engine/graph/weights.js';
import type { Attempt } from '../../src/engine/lighten/schedule.js';
import { RunControl } from '../../src/engine/training/control.js';
import { evaluateModel } from '../../src/engine/training/evaluate-model.js';
import { Lightening, type LightenRequest } from '../../src/workers/lightening.js';
import { exampleCard } from '../engine/exchange/example.js';
import { ToySource, toyClasses, toyEngine, toySettings, toySplit } from '../engine/training/toy.js';
import { fit } from '../../src/engine/training/fit.js';

const graph = new GraphBuilder([6, 6, 3], 3).conv(16, 3).maxPool(2).conv(12, 3).globalAvgPool().dense(10).dropout(0.2).predictions();
const settings = { ...toySettings, epochs: 8, patience: 8, optimizer: { kind: 'adam', learningRate: 0.02 } as const };
const request: LightenRequest = { criterion: 'taylor', margin: 0.1, baselines: true, backend: 'cpu', engine: 'auto' };

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
}

function lightening(file: Blob, source: BatchSource, control: RunControl, change: Partial<LightenRequest> = {}, onAttempt: (attempt: Attempt) => void = () => {}): { lightening: Lightening; heard: Heard } {
  const heard: Heard = { attempts: [], stages: new Set() };
  const listener = {
    stage: (stage: string) => void heard.stages.add(stage),
    progress: () => {},
    attempt: (attempt: Attempt) => {
      heard.attempts.push(attempt);
      onAttempt(attempt);
    },
  };
  return { heard, lightening: new Lightening(file, 'toy', { ...request, ...change }, source, openDevice, control, listener, '9.9.9') };
}

describe('lightening a model', () => {
  it('cuts it as far as the margin goes, and says what every variant costs and reaches', async function () {
    this.timeout(120_000);
    const source = new RgbSource();
    const file = await given(source);
    const { lightening: work, heard } = lightening(file, source, new RunControl());
    const { variants, attempts, layers, chosen, finished, classes, adapter } = await work.run();
    expect([finished, classes, adapter.backend]).to.deep.equal([true, toyClasses, 'cpu']);
    expect(heard.attempts).to.deep.equal(attempts);
    expect([...heard.stages].sort()).to.deep.equal(['compiling', 'measuring', 'training', 'validating']);

    expect(layers.map(({ name }) => name)).to.deep.equal(graph.layers.map(({ name }) => name));
    expect(layers.filter(({ filters }) => filters !== null).map(({ name, filters }) => [name, filters!.layer, filters!.taylor.length])).to.deep.equal([['conv2d', 'conv2d', 16], ['conv2d_1', 'conv2d_1', 12], ['dense', 'dense', 10]]);
    expect(layers.reduce((sum, { params }) => sum + params, 0)).to.equal(graphCosts(graph).params);

    const [first] = variants;
    const pruned = variants.filter(({ method }) => method === 'prune');
    expect(first).to.deep.include({ name: 'given', parent: null, method: 'given', params: graphCosts(graph).params });
    expect(first.validation.accuracy).to.be.above(0.8);
    expect(pruned.length).to.equal(attempts.filter(({ kept }) => kept).length);
    expect(pruned.map(({ parent }) => parent)).to.deep.equal(['given', ...pruned.slice(0, -1).map(({ name }) => name)]);
    for (const { validation, test } of pruned) {
      expect(validation.accuracy).to.be.at.least(first.validation.accuracy - 0.1 - 1e-9);
      expect(test.perturbed.of).to.equal('test');
    }
    const best = variants.find(({ name }) => name === chosen)!;
    expect(best).to.equal(pruned.at(-1));
    expect(best.flops).to.be.below(first.flops / 4);
    expect(best.params).to.be.below(first.params / 4);

    const quantised = variants.filter(({ method }) => method === 'quantise');
    expect(quantised.map(({ name, parent, precision }) => [name, parent, precision])).to.deep.equal([[`${chosen}-float16`, chosen, 'float16'], [`${chosen}-int8`, chosen, 'int8']]);
    for (const variant of quantised) {
      expect(variant.bytes).to.be.below(best.bytes);
      expect(variant.macs).to.equal(best.macs);
      expect(variant.weightsSha256).to.not.equal(best.weightsSha256);
      expect(Math.abs(variant.validation.loss - best.validation.loss)).to.be.below(0.05);
    }
    for (const name of ['random', 'scratch']) expect(variants.find((variant) => variant.name === name)).to.deep.include({ params: best.params, macs: best.macs });
    expect(variants.find(({ name }) => name === 'scratch')!.parent).to.equal(null);

    // The file is what the report says.
    const exported = new File([await work.export(chosen)], 'chosen.zip');
    const { card, graph: small } = await readModel(exported);
    expect(card).to.deep.include({ arch: 'toy', winnow: '9.9.9', classes: toyClasses });
    expect(card.metrics.validation.accuracy).to.equal(best.validation.accuracy);
    expect(graphCosts(small).params).to.equal(best.params);
    const again = await evaluateModel(exported, 'toy', source, openDevice, { backend: 'cpu', engine: 'auto' }, new RunControl());
    expect(again.weightsSha256).to.equal(best.weightsSha256);
    expect(again.validation.accuracy).to.equal(best.validation.accuracy);
    expect(again.test.perturbed).to.deep.equal(best.test.perturbed);
  });

  it('stopped keeps what it has; what cannot be is refused', async function () {
    this.timeout(120_000);
    const source = new RgbSource();
    const file = await given(source);
    const control = new RunControl();
    const { variants, attempts, finished, chosen } = await lightening(file, source, control, {}, () => control.stop()).lightening.run();
    expect(finished).to.equal(false);
    expect(attempts.length).to.equal(1);
    expect(variants.map(({ method }) => method)).to.include('given').and.not.include('scratch');
    expect(variants.map(({ name }) => name)).to.include(chosen);
    const refused = await lightening(file, source, new RunControl(), { margin: 1 }).lightening.run().then(() => null, (error: unknown) => error);
    expect(refused).to.deep.include({ code: 'settings-invalid' });
  });
});
