import type { TrainingEngine } from '../gpu/engine.js';
import { followers } from '../graph/followers.js';
import { inferShapes } from '../graph/shapes.js';
import type { LayerGraph } from '../graph/types.js';
import { SilenceCount, type Silence } from './zeros.js';

/** How silent the filters of one layer are, judged at `layer`: after the batch norm and activation that follow a convolution or dense layer. */
export interface LayerSilence extends Silence {
  readonly layer: string;
  readonly kind: 'filters' | 'units';
}

export interface NetworkSilence {
  /** That it was measured over. */
  readonly photos: number;
  /** In the order of the network; the last, which answers with the classes, is left out. */
  readonly layers: readonly LayerSilence[];
}

/** @param photos each as the network sees it, [height, width, channels]. */
export async function measureSilence(engine: TrainingEngine, graph: LayerGraph, photos: AsyncIterable<Uint8Array<ArrayBuffer>>): Promise<NetworkSilence> {
  const shapes = inferShapes(graph);
  const layers = graph.layers.slice(0, -1).flatMap(({ name, type }) => {
    if (type !== 'conv2d' && type !== 'depthwiseConv2d' && type !== 'dense') return [];
    const layer = followers(graph, name).at(-1)?.name ?? name;
    return layer === graph.layers.at(-1)!.name ? [] : [{ layer, kind: type === 'dense' ? ('units' as const) : ('filters' as const), count: new SilenceCount(shapes.get(layer)!.at(-1)!) }];
  });
  const names = layers.map(({ layer }) => layer);
  let seen = 0;
  for await (const pixels of photos) {
    for (const [i, { data }] of (await engine.featureMaps(pixels, names)).entries()) layers[i].count.add(data);
    seen++;
  }
  return { photos: seen, layers: layers.map(({ layer, kind, count }) => ({ layer, kind, ...count.result() })) };
}
