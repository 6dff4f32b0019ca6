import type { Layer, LayerGraph } from './types.js';

/** The batch norms and activations that follow a layer one after the other, each the only reader of the one before. */
export function followers(graph: LayerGraph, name: string): Layer[] {
  const chain: Layer[] = [];
  for (let at = name; ; ) {
    const readers = graph.layers.filter(({ inputs }) => inputs.includes(at));
    if (readers.length !== 1 || (readers[0].type !== 'batchNorm' && readers[0].type !== 'activation')) return chain;
    chain.push(readers[0]);
    at = readers[0].name;
  }
}
