import type { BatchSource, LoadedBatch, SplitName, StreamSpec } from '../../../src/engine/data/types.js';
import { openDevice } from '../../../src/engine/gpu/device.js';
import type { EngineOptions } from '../../../src/engine/gpu/engine.js';
import { ReferenceEngine } from '../../../src/engine/gpu/reference/engine.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';
import { defaultSettings, type RunSettings } from '../../../src/engine/support/settings.js';
import { RunControl } from '../../../src/engine/training/control.js';

const SIDE = 6;
const CLASSES = 3;

/** Images of which one channel is bright: the class. Perturbed, the channels change places: every answer is wrong. */
export class ToySource implements BatchSource {
  readonly asked: StreamSpec[] = [];
  /** Called before each batch, and waited for. */
  before: (spec: StreamSpec, step: number) => void | Promise<void> = () => {};
  constructor(readonly counts: Record<SplitName, number> = { train: 20, validation: 10, test: 0 }) {}

  async split(): ReturnType<BatchSource['split']> {
    throw new Error('not asked for');
  }

  async batch(spec: StreamSpec, step: number): Promise<LoadedBatch> {
    await this.before(spec, step);
    this.asked.push(spec);
    const order = Array.from({ length: this.counts[spec.part] }, (_, index) => index);
    if (spec.epoch !== null) new Random(spec.split.seed, Purpose.shuffle, spec.epoch).shuffle(order);
    const indices = Uint32Array.from(order.slice(step * spec.batch, (step + 1) * spec.batch));
    const random = new Random(spec.part.length, Purpose.sample);
    const labels = Uint16Array.from(indices, (index) => index % CLASSES);
    const pixels = new Uint8Array(indices.length * SIDE * SIDE * 3);
    for (let i = 0; i < pixels.length; i++) {
      const label = labels[Math.floor(i / (SIDE * SIDE * 3))];
      const bright = spec.perturb === null ? label : (label + 1) % CLASSES;
      pixels[i] = random.below(60) + (i % 3 === bright ? 150 : 30);
    }
    return { pixels, labels, size: indices.length, indices, undecodable: spec.part === 'train' && step === 0 ? ['broken.jpg'] : [] };
  }

  async names(_: string, indices: readonly number[]): Promise<string[]> {
    return indices.map((index) => `${index}.png`);
  }

  async pixels(): Promise<Uint8Array<ArrayBuffer>> {
    throw new Error('not asked for');
  }
}

export const toyGraph = new GraphBuilder([SIDE, SIDE, 3], CLASSES).conv(4, 3).globalAvgPool().dropout(0.1).predictions();
export const toySettings: RunSettings = { ...defaultSettings, size: SIDE, batch: 8, epochs: 12, patience: 20, optimizer: { kind: 'adam', learningRate: 0.05 } };
export const toySplit = { dataset: 'toy', seed: 1, validationShare: 0.3, testShare: 0, limit: null };
export const toyClasses = ['red', 'green', 'blue'];

export async function toyEngine(options: Partial<EngineOptions> = {}): Promise<ReferenceEngine> {
  const device = await openDevice('cpu');
  return new ReferenceEngine(device, {
    graph: toyGraph,
    weights: initialWeights(toyGraph, 1),
    batch: toySettings.batch,
    optimizer: toySettings.optimizer,
    loss: { labelSmoothing: 0, classWeights: null },
    seed: 1,
    ...options,
  });
}

/** Stops a fit after so many steps: it is asked before each whether it may go on. */
export class StopsAfter extends RunControl {
  passed = 0;

  constructor(private steps: number) {
    super();
  }

  /** From now on. */
  stopAfter(steps: number): void {
    this.steps = this.passed + steps;
  }

  override async pass(): Promise<void> {
    if (this.passed++ === this.steps) this.stop();
    await super.pass();
  }
}
