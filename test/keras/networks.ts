import { buildGraph } from '../../src/engine/architectures/index.js';
import { scaleWidths } from '../../src/engine/graph/scale.js';
import type { LayerGraph, Weight } from '../../src/engine/graph/types.js';
import { weightSpecs } from '../../src/engine/graph/weights.js';
import type { PixelBatch } from '../../src/engine/gpu/engine.js';
import { labelOf, photo, weightValue, type Probe } from './counters.js';

/** What vectors.py writes for one network. Probes are of every layer's output, every gradient, every moving statistic. */
export interface Vectors {
  readonly id: string;
  readonly width: number;
  readonly size: number;
  readonly batch: number;
  readonly classes: number;
  readonly weights: readonly (readonly [name: string, shape: readonly number[]])[];
  readonly forward: { readonly probabilities: readonly number[]; readonly layers: readonly NamedProbe[] };
  readonly gradients: readonly NamedProbe[];
  readonly training: {
    readonly learningRate: number;
    readonly losses: readonly number[];
    /** The most that any of Keras's runs from weights moved by 1e-7 differs, step by step. */
    readonly drift: readonly number[];
    /** After the third step, and after the last. */
    readonly moving: readonly [readonly NamedProbe[], readonly NamedProbe[]];
    /** Relative, after the last step. */
    readonly movingDrift: number;
  };
  readonly summary: { readonly rows: readonly (readonly [name: string, type: string, shape: readonly number[], params: number])[]; readonly params: number; readonly trainableParams: number };
}
export type NamedProbe = readonly [name: string, probe: Probe];

/** What Keras's EarlyStopping did on recorded validation losses, null for one that is not a number; epochs from 1. */
export interface EarlyStoppingRun {
  readonly title: string;
  readonly losses: readonly (number | null)[];
  readonly patience: number;
  readonly epochs: number;
  readonly stopped: boolean;
  readonly best: number;
  readonly restored: number;
}

/** Where the vectors are served from: the committed ones, or those that `npm run parity` has just made. */
const fresh: string | undefined = import.meta.env.VITE_PARITY_VECTORS;
export const madeAfresh = fresh !== undefined;
const folder = fresh ?? '/test/keras/vectors';

export async function readVectors<T>(name: string): Promise<T> {
  const response = await fetch(`${folder}/${name}.json`);
  if (!response.ok) throw new Error(`${folder}/${name}.json: ${response.status}`);
  return response.json() as Promise<T>;
}

/** The same network as Keras's, its dropout off: no two implementations draw the same masks. */
export function graphOf({ id, size, classes, width }: Pick<Vectors, 'id' | 'size' | 'classes' | 'width'>): LayerGraph {
  const graph = scaleWidths(buildGraph(id, { size, classes }), width);
  return { ...graph, layers: graph.layers.map((layer) => (layer.type === 'dropout' ? { ...layer, rate: 0 } : layer)) };
}

export function weightsOf(graph: LayerGraph): Weight[] {
  return weightSpecs(graph).map(({ name, shape }, index) => ({ name, shape, data: weightValue(index, name, shape) }));
}

export function batchOf(step: number, { batch, size, classes }: Pick<Vectors, 'batch' | 'size' | 'classes'>): PixelBatch {
  const images = Array.from({ length: batch }, (_, i) => step * batch + i);
  const pixels = new Uint8Array(batch * size * size * 3);
  images.forEach((image, i) => pixels.set(photo(image, size), i * size * size * 3));
  return { pixels, labels: Uint16Array.from(images, (image) => labelOf(image, classes)), size: batch };
}
