import type { PixelBatch } from '../gpu/engine.js';
import { createEngine, type Device, type EnginePath } from '../gpu/index.js';
import { filterLayers, type FilterLayer } from '../graph/filter-layers.js';
import { freeze } from '../graph/freeze.js';
import type { LayerGraph, Weight } from '../graph/types.js';
import { WinnowError } from '../support/errors.js';
import type { LossSettings } from '../support/settings.js';
import type { Network } from './filters.js';
import { MapSample, type MapStatistics } from './map-statistics.js';

/** What the filters of one layer are worth; one entry a filter. Maps are taken where they are judged, see {@link FilterLayer.end}. */
export interface FilterMeasures extends MapStatistics {
  readonly layer: string;
  /** Euclidean norm of the filter's kernel, times what batch norm scales it by. */
  readonly magnitude: readonly number[];
  /**
   * By how much the loss of a batch would change without the filter, squared, to first order, mean over batches (Molchanov
   * et al. 2019, "Importance Estimation for Neural Network Pruning", equation 8, on the filter as one group).
   */
  readonly taylor: readonly number[];
}

export interface MeasureOptions {
  readonly device: Device;
  readonly path: EnginePath;
  readonly loss: LossSettings;
  /** Photos a gradient is taken over. */
  readonly batch: number;
  /** Photos in all. */
  readonly photos: number;
}

/**
 * Measures every filter that can be removed over a sample of photos, in training's loss but without dropout.
 * The Taylor term is weight times gradient, summed over a filter's kernel and bias: because a relu passes a factor
 * through, that is the gradient of a factor on the filter's map, which Molchanov et al. call a gate. Where batch norm follows,
 * which cancels every factor before it, its gamma and beta stand for the filter.
 * @throws WinnowError 'model-broken' where the loss is not finite.
 */
export async function measureFilters({ graph, weights }: Network, batches: AsyncIterable<PixelBatch>, { device, path, loss, batch, photos }: MeasureOptions): Promise<FilterMeasures[]> {
  const layers = filterLayers(graph);
  const ends = [...new Set(layers.map(({ end }) => end))];
  const samples = new Map(layers.map(({ end, filters }) => [end, new MapSample(filters, photos)]));
  const contributions = new Map(layers.map(({ name, filters }) => [name, new Float64Array(filters)]));
  const values = new Map(weights.map((weight) => [weight.name, weight.data]));
  const bytes = graph.input[0] * graph.input[1] * graph.input[2];
  let steps = 0;

  // Plain gradient descent at rate 1 leaves minus the gradient in its velocity.
  const engine = await createEngine(path, device, { graph: learningAll(graph), weights, batch, optimizer: { kind: 'sgd', learningRate: 1, momentum: 0 }, loss, seed: 0 });
  try {
    for await (const { pixels, labels, size } of batches) {
      if (size === 0) continue;
      steps++;
      await engine.step({ pixels, labels, size });
      const { slots } = await engine.readOptimizer();
      engine.writeWeights(weights);
      const { firstBadStep } = await engine.takeSums();
      if (firstBadStep !== null) throw new WinnowError('model-broken', { source: 'The model', why: 'its loss is not finite' });
      const velocities = new Map(slots.map((slot) => [slot.name, slot]));
      for (const layer of layers) {
        const changes = lossChanges(layer, values, (name) => velocities.get(`${name}/velocity`)!);
        const sums = contributions.get(layer.name)!;
        changes.forEach((change, filter) => (sums[filter] += change ** 2));
      }
      for (let photo = 0; photo < size; photo++) {
        for (const { layer, data } of await engine.featureMaps(pixels.subarray(photo * bytes, (photo + 1) * bytes), ends)) samples.get(layer)!.add(data);
      }
    }
  } finally {
    engine.dispose();
  }
  return layers.map((layer) => ({
    layer: layer.name,
    ...samples.get(layer.end)!.result(),
    magnitude: magnitudes(layer, graph, values),
    taylor: Array.from(contributions.get(layer.name)!, (sum) => sum / steps),
  }));
}

/** With nothing frozen, so that every weight has a gradient, and nothing dropped. */
function learningAll(graph: LayerGraph): LayerGraph {
  const learning = freeze(graph, []);
  return { ...learning, layers: learning.layers.map((layer) => (layer.type === 'dropout' ? { ...layer, rate: 0 } : layer)) };
}

/** By filter: the sum over its own weights of weight times gradient. */
function lossChanges({ name, norm, filters }: FilterLayer, values: ReadonlyMap<string, Float32Array>, velocity: (weight: string) => Weight): Float64Array {
  const changes = new Float64Array(filters);
  for (const weight of norm === null ? [`${name}/kernel`, `${name}/bias`] : [`${norm}/gamma`, `${norm}/beta`]) {
    const value = values.get(weight);
    if (value === undefined) continue;
    const { data } = velocity(weight);
    for (let i = 0; i < value.length; i++) changes[i % filters] -= value[i] * data[i];
  }
  return changes;
}

function magnitudes({ name, norm, filters }: FilterLayer, graph: LayerGraph, values: ReadonlyMap<string, Float32Array>): number[] {
  const squares = new Float64Array(filters);
  values.get(`${name}/kernel`)!.forEach((value, i) => (squares[i % filters] += value ** 2));
  const layer = graph.layers.find((one) => one.name === norm);
  const scale = (filter: number): number => {
    if (layer?.type !== 'batchNorm') return 1;
    return Math.abs(values.get(`${layer.name}/gamma`)![filter]) / Math.sqrt(values.get(`${layer.name}/moving_variance`)![filter] + layer.epsilon);
  };
  return Array.from(squares, (square, filter) => Math.sqrt(square) * scale(filter));
}
