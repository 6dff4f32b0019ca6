import * as tf from '@tensorflow/tfjs';
import { weightSpecs } from '../../graph/weights.js';
import type { LayerGraph, Weight } from '../../graph/types.js';
import type { AdapterInfo, LossSettings } from '../../support/settings.js';
import type { Device } from '../device.js';
import { taught } from '../engine.js';
import type { EngineOptions, FeatureMap, OptimizerState, PixelBatch, StepSums, Viewer } from '../engine.js';
import { forward, type ForwardResult } from './forward.js';
import { crossEntropySum } from './ops.js';
import { Optimizer } from './optimizer.js';
import { allTrue } from './reductions.js';
import { readTensor, variableOf } from './tensors.js';

/** Steps that may wait on the GPU before the next is enqueued: one runs, one is ready. */
const STEPS_IN_FLIGHT = 2;

/** Pixel value to network input, once for all pixels. */
const NORMALISED = Float32Array.from({ length: 256 }, (_, value) => value / 255);

/** {@link Viewer} and trainer by tfjs's own operations and differentiation, on any backend: what every other engine is measured against. */
export class ReferenceEngine implements Viewer {
  readonly path = 'reference';
  readonly adapter: AdapterInfo;
  private readonly graph: LayerGraph;
  private readonly batch: number;
  private readonly loss: LossSettings;
  private readonly seed: number;
  private readonly weights = new Map<string, tf.Variable>();
  private readonly trainable: ReadonlyMap<string, tf.Variable>;
  private readonly optimizer: Optimizer;
  /** Loss, correct and images of the good steps; the number of the first bad step, or {@link NEVER}. */
  private readonly sums: tf.Variable;
  private readonly firstBad: tf.Variable;
  private inFlight: Promise<void>[] = [];
  private disposed = false;

  constructor(private readonly device: Device, options: EngineOptions) {
    device.resetPeak();
    this.adapter = device.adapter;
    this.graph = options.graph;
    this.batch = options.batch;
    this.loss = options.loss;
    this.seed = options.seed;
    for (const weight of options.weights) this.weights.set(weight.name, tf.tidy(() => tf.variable(tensorOf(weight))));
    const learning = weightSpecs(options.graph).filter((spec) => spec.trainable);
    this.trainable = new Map(learning.map(({ name }) => [name, variableOf(this.weights, name)]));
    this.optimizer = new Optimizer(options.optimizer, this.trainable);
    this.sums = tf.tidy(() => tf.variable(tf.zeros([3])));
    this.firstBad = tf.tidy(() => tf.variable(tf.scalar(NEVER)));
  }

  memory(): { bytes: number; peakBytes: number } {
    return this.device.memory();
  }

  async step(batch: PixelBatch): Promise<void> {
    this.check();
    if (batch.size === 0) return;
    this.optimizer.step++;
    tf.tidy(() => this.enqueue(batch));
    await this.backPressure();
  }

  async firstNotFinite(batch: PixelBatch): Promise<string | null> {
    this.check();
    const finite = new Map<string, tf.Tensor>();
    const look = (name: string, tensor: tf.Tensor) => finite.set(name, tf.keep(allTrue(tf.isFinite(tensor))));
    tf.tidy(() => {
      const { value, gradients, pass: { logits, statistics } } = this.differentiate(batch, (layer, output) => look(`${layer} forward`, output));
      look('loss', value);
      for (const [weight, gradient] of [...gradients].toReversed()) look(`${weight} gradient`, gradient);
      tf.dispose([logits, ...[...statistics.values()].flatMap(({ mean, variance }) => [mean, variance])]);
    });
    const flags = await Promise.all([...finite.values()].map((flag) => flag.data()));
    tf.dispose([...finite.values()]);
    return [...finite.keys()][flags.findIndex(([flag]) => flag === 0)] ?? null;
  }

  /** @param each is shown every layer's output, which lives no longer than the pass. */
  private differentiate(batch: PixelBatch, each: (layer: string, output: tf.Tensor) => void = () => {}): { value: tf.Scalar; gradients: Map<string, tf.Tensor>; pass: ForwardResult } {
    const { pixels, labels, size } = batch;
    const x = this.upload(pixels, size);
    const { targets, weights } = this.targets(labels);
    const { distillation } = this.loss;
    const teacher = distillation ? tf.tensor2d(taught(batch, this.graph.classes), [size, this.graph.classes]) : null;
    let pass: ForwardResult | null = null;
    const { value, grads } = tf.variableGrads(
      () => {
        pass = forward(this.graph, this.weights, x, { kind: 'training', seed: this.seed, step: this.optimizer.step });
        tf.keep(pass.logits);
        for (const [layer, output] of pass.outputs) each(layer, output);
        this.device.memory();
        const own = crossEntropySum(pass.logits, targets, weights);
        if (!distillation || teacher === null) return tf.div<tf.Scalar>(own, size);
        const { temperature, share } = distillation;
        const soft = crossEntropySum(tf.div(pass.logits, temperature), teacher, weights);
        return tf.div<tf.Scalar>(tf.add(tf.mul(own, 1 - share), tf.mul(soft, share * temperature ** 2)), size);
      },
      [...this.trainable.values()],
    );
    this.device.memory();
    const gradients = new Map([...this.trainable].map(([name, variable]) => [name, grads[variable.name]]));
    // The compiler does not see that variableGrads calls its function.
    return { value, gradients, pass: pass as unknown as ForwardResult };
  }

  private enqueue(batch: PixelBatch): void {
    const { labels, size } = batch;
    const { value, gradients, pass: { logits, statistics } } = this.differentiate(batch);
    const finite = new Map([...gradients].map(([name, gradient]) => [name, tf.isFinite(gradient)]));
    // After a bad step nothing changes a weight any more.
    const flag = tf.all(tf.stack([tf.equal(this.firstBad, NEVER), tf.isFinite(value), ...[...finite.values()].map(allTrue)]));
    const good = tf.cast(flag, 'float32');

    this.count(flag, good, value, logits, labels, size);
    this.optimizer.apply(gradients, finite, good);
    this.moveStatistics(statistics, flag);
    logits.dispose();
  }

  private count(flag: tf.Tensor, good: tf.Tensor, loss: tf.Scalar, logits: tf.Tensor2D, labels: Uint16Array, size: number): void {
    const truth = tf.tensor1d(Int32Array.from(labels), 'int32');
    const correct = tf.sum(tf.cast(tf.equal(tf.argMax(logits, 1), truth), 'float32'));
    const sums = tf.stack([tf.mul(loss, size), correct, tf.scalar(size)]);
    this.sums.assign(tf.add(this.sums, tf.where(flag, sums, tf.zerosLike(sums))));
    // Good adds NEVER, bad adds nothing: the minimum is the first bad step.
    this.firstBad.assign(tf.minimum(this.firstBad, tf.add(tf.mul(good, NEVER), this.optimizer.step)));
  }

  /** Keras 3: moving = moving * momentum + batch * (1 - momentum). */
  private moveStatistics(statistics: ForwardResult['statistics'], flag: tf.Tensor): void {
    for (const layer of this.graph.layers) {
      const batch = layer.type === 'batchNorm' ? statistics.get(layer.name) : undefined;
      if (layer.type !== 'batchNorm' || batch === undefined) continue;
      for (const [name, now] of [['moving_mean', batch.mean], ['moving_variance', batch.variance]] as const) {
        const moving = this.weights.get(`${layer.name}/${name}`)!;
        moving.assign(tf.where(flag, tf.add(tf.mul(moving, layer.momentum), tf.mul(now, 1 - layer.momentum)), moving));
        now.dispose();
      }
    }
  }

  private upload(pixels: Uint8Array, size: number): tf.Tensor4D {
    const data = new Float32Array(pixels.length);
    for (let i = 0; i < data.length; i++) data[i] = NORMALISED[pixels[i]];
    return tf.tensor4d(data, [size, ...this.graph.input]);
  }

  /** Smoothed one-hot targets and each image's weight, as Keras's label_smoothing and class_weight. */
  private targets(labels: Uint16Array): { targets: tf.Tensor2D; weights: tf.Tensor2D } {
    const { classes } = this.graph;
    const { labelSmoothing, classWeights } = this.loss;
    const rest = labelSmoothing / classes;
    const targets = new Float32Array(labels.length * classes).fill(rest);
    labels.forEach((label, image) => {
      targets[image * classes + label] = 1 - labelSmoothing + rest;
    });
    const weights = Float32Array.from(labels, (label) => classWeights?.[label] ?? 1);
    return { targets: tf.tensor2d(targets, [labels.length, classes]), weights: tf.tensor2d(weights, [labels.length, 1]) };
  }

  private async backPressure(): Promise<void> {
    // WebGL has no fence in tfjs but a read.
    const done = this.adapter.backend === 'webgl' ? this.sums.data().then(() => undefined) : this.device.settle();
    // A failure is thrown by whoever awaits it, or by the next check.
    done.catch(() => undefined);
    this.inFlight.push(done);
    if (this.inFlight.length >= STEPS_IN_FLIGHT) await this.inFlight.shift();
  }

  async takeSums(): Promise<StepSums> {
    this.check();
    const taken = this.readSums();
    tf.tidy(() => this.sums.assign(tf.zeros([3])));
    return taken;
  }

  async readSums(): Promise<StepSums> {
    this.check();
    const taken = tf.tidy(() => tf.concat([this.sums, tf.reshape(this.firstBad, [1])]));
    const [loss, correct, images, firstBad] = await taken.data();
    taken.dispose();
    this.check();
    return { loss, correct, images, firstBadStep: firstBad < NEVER ? firstBad : null };
  }

  async predict(pixels: Uint8Array<ArrayBuffer>, size: number): Promise<Float32Array<ArrayBuffer>> {
    const { classes, input } = this.graph;
    const bytes = input[0] * input[1] * input[2];
    const probabilities = new Float32Array(size * classes);
    for (let first = 0; first < size; first += this.batch) {
      this.check();
      const count = Math.min(this.batch, size - first);
      const chunk = tf.tidy(() => {
        const x = this.upload(pixels.subarray(first * bytes, (first + count) * bytes), count);
        const output = tf.softmax(forward(this.graph, this.weights, x, { kind: 'inference' }).logits);
        this.device.memory();
        return output;
      });
      probabilities.set(await chunk.data(), first * classes);
      chunk.dispose();
    }
    return probabilities;
  }

  async featureMaps(pixels: Uint8Array<ArrayBuffer>, layers?: readonly string[]): Promise<FeatureMap[]> {
    this.check();
    const wanted = layers ?? this.graph.layers.slice(1).map((layer) => layer.name);
    const outputs = tf.tidy(() => {
      const { outputs: all } = forward(this.graph, this.weights, this.upload(pixels, 1), { kind: 'inference' });
      return wanted.map((name) => all.get(name)!);
    });
    const maps = await Promise.all(outputs.map(async (output, i): Promise<FeatureMap> => {
      const { name, data } = await readTensor(wanted[i], output);
      return { layer: name, shape: output.shape.slice(1), data };
    }));
    tf.dispose(outputs);
    return maps;
  }

  async scoreGradient(pixels: Uint8Array<ArrayBuffer>, layer: string, label: number): Promise<{ map: FeatureMap; gradient: FeatureMap }> {
    this.check();
    const [output, slope] = tf.tidy(() => {
      const x = this.upload(pixels, 1);
      const { outputs } = forward(this.graph, this.weights, x, { kind: 'inference' });
      const after = downstream(this.graph, layer);
      const before = [...outputs].filter(([name]) => !after.has(name));
      const score = (value: tf.Tensor): tf.Scalar => {
        const { logits } = forward(this.graph, this.weights, x, { kind: 'inference' }, new Map([...before, [layer, value]]));
        return tf.sum(tf.slice(logits, [0, label], [1, 1]));
      };
      const at = outputs.get(layer)!;
      return [at, tf.grad(score)(at)];
    });
    const read = async (tensor: tf.Tensor): Promise<FeatureMap> => ({ layer, shape: tensor.shape.slice(1), data: (await readTensor(layer, tensor)).data });
    const [map, gradient] = await Promise.all([read(output), read(slope)]);
    tf.dispose([output, slope]);
    return { map, gradient };
  }

  setLearningRate(learningRate: number): void {
    this.optimizer.learningRate = learningRate;
  }

  async readWeights(): Promise<Weight[]> {
    this.check();
    return Promise.all([...this.weights].map(([name, variable]) => readTensor(name, variable)));
  }

  writeWeights(weights: readonly Weight[]): void {
    this.check();
    for (const weight of weights) tf.tidy(() => variableOf(this.weights, weight.name).assign(tensorOf(weight)));
  }

  async readOptimizer(): Promise<OptimizerState> {
    this.check();
    return this.optimizer.read();
  }

  writeOptimizer(state: OptimizerState): void {
    this.check();
    tf.tidy(() => this.optimizer.write(state));
  }

  dispose(): void {
    if (this.disposed) return;
    this.disposed = true;
    this.optimizer.dispose();
    tf.dispose([...this.weights.values(), this.sums, this.firstBad]);
  }

  private check(): void {
    if (this.disposed) throw new Error('The engine is disposed.');
    this.device.check();
  }
}

/** The layers whose output depends on one's. */
function downstream(graph: LayerGraph, layer: string): ReadonlySet<string> {
  const reached = new Set<string>();
  for (const { name, inputs } of graph.layers) if (inputs.some((input) => input === layer || reached.has(input))) reached.add(name);
  return reached;
}

/** Larger than any step number, and exact in float32 beside one. */
const NEVER = 2 ** 30;

function tensorOf(weight: Weight): tf.Tensor {
  return tf.tensor(weight.data.slice(), [...weight.shape]);
}
