import { elements, inferShapes } from '../../graph/shapes.js';
import type { Layer, LayerGraph, Weight, WeightSpec } from '../../graph/types.js';
import { weightSpecs } from '../../graph/weights.js';
import { WinnowError } from '../../support/errors.js';
import type { Memory, Region } from './kernel.js';
import { concatChannels, flatChannels, plainChannels, type Channels } from './views.js';

/** 'moving': the statistics that a batch norm in training keeps; 'fixed': what is frozen. */
export type ArenaName = 'learning' | 'moving' | 'fixed';

/** Where one weight lies in its arena: a matrix of rows of whole quads. */
export interface Place {
  readonly spec: WeightSpec;
  readonly arena: ArenaName;
  /** Floats before it in the arena. */
  readonly offset: number;
  /** Physical row of each logical row, and floats from one to the next. */
  readonly rows: Int32Array | null;
  readonly rowCount: number;
  readonly rowLength: number;
  /** Logical length of a row, and where its elements lie in it. */
  readonly columns: Channels;
  /** Floats in the arena, padding and all. */
  readonly length: number;
}

/** The weights of one layer in one arena. */
export interface LayerWeights {
  readonly arena: ArenaName;
  /** In bytes. */
  readonly offset: number;
  readonly bytes: number;
  readonly places: readonly Place[];
}

/**
 * All weights in three arenas: those that learn, which the optimiser walks in one dispatch beside gradients and slots of
 * the same layout; moving statistics, beside those of the batch; and the frozen. A layer's stretch starts at a multiple of 256
 * bytes, so that it can be bound; within it weights follow each other without a gap. Padding is zero, has zero gradient, and stays zero.
 */
export interface Arenas {
  readonly layers: ReadonlyMap<string, readonly LayerWeights[]>;
  readonly places: readonly Place[];
  /** Floats of each. */
  readonly lengths: Readonly<Record<ArenaName, number>>;
}

const ALIGN = 64;

/** Channels of the output of every layer, as laid out in memory. */
export function layoutOf(graph: LayerGraph): ReadonlyMap<string, Channels> {
  const shapes = inferShapes(graph);
  const layouts = new Map<string, Channels>();
  for (const layer of graph.layers) {
    const inputs = layer.inputs.map((name) => layouts.get(name)!);
    layouts.set(layer.name, outputChannels(layer, inputs, shapes.get(layer.inputs[0] ?? layer.name)!, shapes.get(layer.name)!.at(-1)!));
  }
  return layouts;
}

function outputChannels(layer: Layer, inputs: readonly Channels[], inputShape: readonly number[], count: number): Channels {
  switch (layer.type) {
    case 'input':
    case 'conv2d':
    case 'dense':
      return plainChannels(count);
    case 'concat':
      return concatChannels(inputs);
    case 'flatten':
      return inputShape.length === 3 ? flatChannels(inputShape[0] * inputShape[1], inputs[0]) : inputs[0];
    default:
      return inputs[0];
  }
}

export function layOutWeights(graph: LayerGraph): Arenas {
  const layouts = layoutOf(graph);
  const layers = new Map<string, LayerWeights[]>();
  const lengths = { learning: 0, moving: 0, fixed: 0 };
  const byName = new Map(graph.layers.map((layer) => [layer.name, layer]));
  const specs = weightSpecs(graph);
  for (const arena of ['learning', 'moving', 'fixed'] as const) {
    for (const spec of specs) {
      if (arenaOf(spec, byName.get(spec.layer)!) !== arena) continue;
      const parts = layers.get(spec.layer) ?? [];
      layers.set(spec.layer, parts);
      const started = parts.find((part) => part.arena === arena);
      if (!started) lengths[arena] = Math.ceil(lengths[arena] / ALIGN) * ALIGN;
      const layer = byName.get(spec.layer)!;
      const place = placeOf(spec, arena, lengths[arena], layouts.get(layer.inputs[0])!, layouts.get(layer.name)!);
      lengths[arena] += place.length;
      const grown: LayerWeights = {
        arena,
        offset: started?.offset ?? place.offset * 4,
        bytes: (started?.bytes ?? 0) + place.length * 4,
        places: [...(started?.places ?? []), place],
      };
      layers.set(spec.layer, [...parts.filter((part) => part !== started), grown]);
    }
  }
  const placed = new Map([...layers.values()].flat().flatMap((part) => part.places).map((place) => [place.spec.name, place]));
  const round = (length: number) => Math.max(ALIGN, Math.ceil(length / ALIGN) * ALIGN);
  return { layers, places: specs.map((spec) => placed.get(spec.name)!), lengths: { learning: round(lengths.learning), moving: round(lengths.moving), fixed: round(lengths.fixed) } };
}

function arenaOf(spec: WeightSpec, layer: Layer): ArenaName {
  if (spec.trainable) return 'learning';
  return layer.type === 'batchNorm' && layer.trainable !== false ? 'moving' : 'fixed';
}

function placeOf(spec: WeightSpec, arena: ArenaName, offset: number, input: Channels, output: Channels): Place {
  const { shape } = spec;
  if (shape.length === 1) return matrix(spec, arena, offset, 1, null, 1, output);
  // A depthwise kernel [kh, kw, C, 1]: its channels are the columns, laid out as its input's.
  if (shape.length === 4 && output === input) return matrix(spec, arena, offset, shape[0] * shape[1], null, shape[0] * shape[1], output);
  const taps = elements(shape.slice(0, -2));
  const physical = input.quads * 4;
  if (input.places === null && input.count === physical) return matrix(spec, arena, offset, taps * physical, null, taps * physical, output);
  const rows = new Int32Array(taps * input.count);
  for (let tap = 0; tap < taps; tap++) for (let i = 0; i < input.count; i++) rows[tap * input.count + i] = tap * physical + (input.places?.[i] ?? i);
  return matrix(spec, arena, offset, taps * input.count, rows, taps * physical, output);
}

function matrix(spec: WeightSpec, arena: ArenaName, offset: number, rowCount: number, rows: Int32Array | null, physicalRows: number, columns: Channels): Place {
  const rowLength = columns.quads * 4;
  return { spec, arena, offset, rows, rowCount, rowLength, columns, length: physicalRows * rowLength };
}

/** Region of a layer's weights in the arena's memory. */
export function regionIn(memory: Memory, part: LayerWeights): Region {
  return { memory, offset: part.offset, bytes: part.bytes };
}

/** One weight as it lies in its arena. @throws 'model-broken' where the shape is not the graph's. */
export function pack(place: Place, weight: Weight): Float32Array<ArrayBuffer> {
  const { rowCount, rowLength, rows, columns } = place;
  if (weight.data.length !== rowCount * columns.count) throw new WinnowError('model-broken', { source: weight.name, why: `it has ${weight.data.length} numbers, not ${rowCount * columns.count}` });
  const out = new Float32Array(place.length);
  for (let row = 0; row < rowCount; row++) {
    const base = (rows?.[row] ?? row) * rowLength;
    for (let i = 0; i < columns.count; i++) out[base + (columns.places?.[i] ?? i)] = weight.data[row * columns.count + i];
  }
  return out;
}

/** The weight again, out of a copy of its arena. */
export function unpack(place: Place, arena: Float32Array): Float32Array<ArrayBuffer> {
  const { rowCount, rowLength, rows, columns } = place;
  const out = new Float32Array(rowCount * columns.count);
  for (let row = 0; row < rowCount; row++) {
    const base = place.offset + (rows?.[row] ?? row) * rowLength;
    for (let i = 0; i < columns.count; i++) out[row * columns.count + i] = arena[base + (columns.places?.[i] ?? i)];
  }
  return out;
}
