import { elements, inferShapes } from '../graph/shapes.js';
import type { Layer, LayerGraph, Shape } from '../graph/types.js';
import { weightSpecs } from '../graph/weights.js';
import { WinnowError } from '../support/errors.js';
import { runLayer, type Tensor } from './layers.js';
import type { InferenceModel, Runtime } from './runtime.js';

/** Milliseconds of work after which whoever else wants the thread has it. */
const BREATH_MS = 40;

/** The layer graph walked in plain JavaScript, one photo at a time: float32 tensors, sums in float64. For where there is no WebGPU. */
export class JavaScriptRuntime implements Runtime {
  readonly kind = 'javascript';
  readonly adapter = 'JavaScript';
  private readonly shapes: ReadonlyMap<string, Shape>;
  private readonly weights: ReadonlyMap<string, readonly Float32Array[]>;
  /** By layer: those whose output nobody reads after it. */
  private readonly ended: ReadonlyMap<string, readonly string[]>;
  private breathed = 0;

  constructor(private readonly model: InferenceModel) {
    this.shapes = inferShapes(model.graph);
    const given = new Map(model.weights.map(({ name, data }) => [name, data]));
    const weights = new Map<string, Float32Array[]>();
    for (const { name, layer, shape } of weightSpecs(model.graph)) {
      const data = given.get(name);
      if (data?.length !== elements(shape)) throw new WinnowError('model-broken', { source: 'The model', why: `the weight ${name} is missing or of another length` });
      weights.set(layer, [...(weights.get(layer) ?? []), data]);
    }
    this.weights = weights;
    this.ended = lastReaders(model.graph);
  }

  async predict(pixels: Uint8Array<ArrayBuffer>, count: number): Promise<Float32Array<ArrayBuffer>> {
    const { graph } = this.model;
    const bytes = graph.input[0] * graph.input[1] * graph.input[2];
    const all = new Float32Array(count * graph.classes);
    this.breathed = performance.now();
    for (let image = 0; image < count; image++) {
      all.set(await this.one(pixels.subarray(image * bytes, (image + 1) * bytes)), image * graph.classes);
    }
    return all;
  }

  private async one(pixels: Uint8Array): Promise<Float32Array> {
    const { graph } = this.model;
    const outputs = new Map<string, Tensor>();
    for (const layer of graph.layers) {
      const shape = this.shapes.get(layer.name)!;
      const data = layer.type === 'input' ? Float32Array.from(pixels, (value) => value / 255) : await this.run(layer, outputs, shape);
      outputs.set(layer.name, { shape, data });
      for (const name of this.ended.get(layer.name) ?? []) outputs.delete(name);
    }
    return outputs.get(graph.layers.at(-1)!.name)!.data;
  }

  private run(layer: Exclude<Layer, { type: 'input' }>, outputs: ReadonlyMap<string, Tensor>, shape: Shape): Promise<Float32Array> {
    const inputs = layer.inputs.map((name) => outputs.get(name)!);
    return runLayer(layer, inputs, shape, this.weights.get(layer.name) ?? [], () => this.breathe());
  }

  private breathe(): Promise<void> | undefined {
    if (performance.now() - this.breathed < BREATH_MS) return undefined;
    return new Promise((resolve) => {
      setTimeout(() => {
        this.breathed = performance.now();
        resolve();
      });
    });
  }

  dispose(): void {}
}

function lastReaders(graph: LayerGraph): Map<string, string[]> {
  const last = new Map<string, string>();
  for (const layer of graph.layers) for (const name of layer.inputs) last.set(name, layer.name);
  const ended = new Map<string, string[]>();
  for (const [name, reader] of last) ended.set(reader, [...(ended.get(reader) ?? []), name]);
  return ended;
}
