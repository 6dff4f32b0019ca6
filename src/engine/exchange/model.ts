import { elements } from '../graph/shapes.js';
import type { LayerGraph, Shape, Weight, WeightSpec } from '../graph/types.js';
import { weightSpecs } from '../graph/weights.js';
import { WinnowError } from '../support/errors.js';
import { parseCard, type ModelCard } from './card.js';
import { refuse } from './schema.js';

/** A trained model as it is carried away. */
export interface Model {
  readonly graph: LayerGraph;
  /** In the order of the graph's specs. */
  readonly weights: readonly Weight[];
  readonly card: ModelCard;
}

/** What a file holds. One that another tool has saved again comes back without its card. */
export interface CarriedModel extends Omit<Model, 'card'> {
  readonly card: ModelCard | null;
}

/** What a person calls a file. */
export function fileName(file: Blob): string {
  return file instanceof File ? file.name : 'The file';
}

/** Runs a reader of `source`; whatever it throws becomes a WinnowError 'model-broken'. */
export async function reading<T>(source: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    // A graph's own check does not know the file's name.
    const why = error instanceof WinnowError ? String(error.details.why) : error instanceof Error ? error.message : String(error);
    throw new WinnowError('model-broken', { source, why }, { cause: error });
  }
}

/** Card of a graph. @throws SchemaError where the two do not belong together. */
export function parseCardOf(graph: LayerGraph, json: unknown): ModelCard {
  const card = parseCard(json, 'its card');
  if (card.classes.length !== graph.classes) refuse(`its card names ${card.classes.length} classes, its last layer has ${graph.classes}`);
  if (new Set(card.classes).size < card.classes.length) refuse('its card names a class twice');
  if (card.settings.size !== graph.input[0]) refuse(`its card says ${card.settings.size} pixels, its input has ${graph.input[0]}`);
  return card;
}

/**
 * The specs of what a file declares, in the file's order.
 * @param names names in the file, by the graph's.
 * @throws SchemaError where one is missing, doubled, unknown or of another shape.
 */
export function matchWeights(graph: LayerGraph, names: ReadonlyMap<string, string>, declared: readonly { readonly name: string; readonly shape: Shape }[]): WeightSpec[] {
  const wanted = new Map(weightSpecs(graph).map((spec) => [names.get(spec.name) ?? spec.name, spec]));
  const stored = declared.map(({ name, shape }) => {
    const spec = wanted.get(name) ?? refuse(`no layer has a place for the weight ${name}`);
    if (shape.join() !== spec.shape.join()) refuse(`the weight ${name} is [${shape.join(', ')}], its layer needs [${spec.shape.join(', ')}]`);
    wanted.delete(name);
    return spec;
  });
  if (wanted.size > 0) refuse(`the weight ${[...wanted.keys()][0]} is missing`);
  return stored;
}

/** Weights in the order of the graph's specs. @throws SchemaError where one holds a value that is not finite. */
export function orderWeights(graph: LayerGraph, weights: ReadonlyMap<string, Weight>): Weight[] {
  return weightSpecs(graph).map(({ name }) => {
    const weight = weights.get(name) ?? refuse(`the weight ${name} is missing`);
    if (!weight.data.every(Number.isFinite)) refuse(`the weight ${name} holds a value that is not finite`);
    return weight;
  });
}

/** A writer's own check: a weight in the wrong place would be a wrong file. */
export function checkWeights({ graph, weights }: CarriedModel): WeightSpec[] {
  const specs = weightSpecs(graph);
  for (const [index, spec] of specs.entries()) {
    const weight = weights[index];
    if (weight?.name !== spec.name || weight.data.length !== elements(spec.shape)) throw new Error(`weight ${weight?.name} does not fit ${spec.name}`);
  }
  return specs;
}

/** float32, little-endian, row-major: the bytes of a weight as every format here stores it. */
export function weightOf({ name, shape }: Pick<WeightSpec, 'name' | 'shape'>, bytes: Uint8Array): Weight {
  const data = new Float32Array(elements(shape));
  new Uint8Array(data.buffer).set(bytes);
  return { name, shape, data };
}

export function specBytes(spec: WeightSpec): number {
  return elements(spec.shape) * Float32Array.BYTES_PER_ELEMENT;
}
