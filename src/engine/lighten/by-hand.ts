import { inferShapes } from '../graph/shapes.js';
import { scaleWidths } from '../graph/scale.js';
import type { LayerGraph } from '../graph/types.js';

/** A smaller shape that nobody measured anything for. */
export interface HandShape {
  /** width-0.5, stride-2, fewer-layers. */
  readonly name: string;
  readonly graph: LayerGraph;
}

const WIDTHS = [0.5, 0.25, 0.125];

/**
 * What the study did by hand to its CNN: narrower, a stride in the first convolution, its last convolution gone, and all of it at
 * once. A network that branches, or has no room left for a stride or no convolution to spare, only gets narrower.
 */
export function handShapes(graph: LayerGraph): HandShape[] {
  const narrower = WIDTHS.map((width): HandShape => ({ name: `width-${width}`, graph: scaleWidths(graph, width) }));
  const strided = withStride(graph);
  const shallow = withoutLastConvolution(graph);
  const both = strided && withoutLastConvolution(strided);
  return [
    ...narrower,
    ...(strided ? [{ name: 'stride-2', graph: strided }] : []),
    ...(shallow ? [{ name: 'fewer-layers', graph: shallow }] : []),
    ...(both ? [{ name: 'all-by-hand', graph: scaleWidths(both, 0.25) }] : []),
  ];
}

/** The first convolution with a stride of 2. Null where it has one, or a later layer would be left without a pixel. */
function withStride(graph: LayerGraph): LayerGraph | null {
  const first = graph.layers.find(({ type }) => type === 'conv2d');
  if (first?.type !== 'conv2d' || first.stride > 1) return null;
  const strided = { ...graph, layers: graph.layers.map((layer) => (layer === first ? { ...first, stride: 2 } : layer)) };
  try {
    inferShapes(strided);
    return strided;
  } catch {
    return null;
  }
}

/** Without its last convolution and the pooling, batch norm and activation that only follow it. Null where it branches or has one convolution only. */
function withoutLastConvolution(graph: LayerGraph): LayerGraph | null {
  const isChain = graph.layers.every(({ inputs }, index) => (index === 0 ? inputs.length === 0 : inputs.length === 1 && inputs[0] === graph.layers[index - 1].name));
  const at = graph.layers.findLastIndex(({ type }) => type === 'conv2d');
  if (!isChain || at === graph.layers.findIndex(({ type }) => type === 'conv2d')) return null;
  let end = at + 1;
  while (['maxPool2d', 'avgPool2d', 'batchNorm', 'activation'].includes(graph.layers[end].type)) end++;
  const [before, after] = [graph.layers.slice(0, at), graph.layers.slice(end)];
  return { ...graph, layers: [...before, { ...after[0], inputs: [before.at(-1)!.name] }, ...after.slice(1)] };
}
