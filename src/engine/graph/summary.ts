import { graphCosts, layerCosts, sumCosts, type Costs } from './costs.js';
import { inferShapes } from './shapes.js';
import type { Layer, LayerGraph, Shape } from './types.js';

/** One row of the table: a layer, or a group of layers (an inception module). */
export interface SummaryRow {
  readonly name: string;
  /** Keras's class: Conv2D; of a group, Functional, as Keras shows a model within a model. */
  readonly type: string;
  /** Without the batch. */
  readonly shape: Shape;
  readonly costs: Costs;
  /** The rows that it reads, named only where they are not just the row above. */
  readonly connectedTo: readonly string[];
  /** The graph's layers in this row; the last gives its output. */
  readonly layers: readonly string[];
}

/** Keras's class of a layer. */
export function kerasClass(layer: Layer): string {
  switch (layer.type) {
    case 'activation':
      return layer.activation === 'relu' || layer.activation === 'relu6' ? 'ReLU' : 'Activation';
    case 'input': return 'InputLayer';
    case 'conv2d': return 'Conv2D';
    case 'depthwiseConv2d': return 'DepthwiseConv2D';
    case 'dense': return 'Dense';
    case 'maxPool2d': return 'MaxPooling2D';
    case 'avgPool2d': return 'AveragePooling2D';
    case 'globalAvgPool2d': return 'GlobalAveragePooling2D';
    case 'batchNorm': return 'BatchNormalization';
    case 'dropout': return 'Dropout';
    case 'concat': return 'Concatenate';
    case 'flatten': return 'Flatten';
  }
}

/** The rows of Keras's `model.summary()`, in its order. @throws WinnowError 'model-broken', see {@link inferShapes}. */
export function summaryRows(graph: LayerGraph): SummaryRow[] {
  const shapes = inferShapes(graph);
  const costs = layerCosts(graph);
  const rowOf = new Map(graph.layers.map((layer) => [layer.name, layer.group ?? layer.name]));
  const blocks = new Map<string, Layer[]>();
  for (const layer of graph.layers) {
    const row = rowOf.get(layer.name)!;
    blocks.set(row, [...(blocks.get(row) ?? []), layer]);
  }

  let above: string | undefined;
  return [...blocks].map(([name, layers]) => {
    const reads = [...new Set(layers.flatMap((layer) => layer.inputs.map((input) => rowOf.get(input)!)))].filter((row) => row !== name);
    const row: SummaryRow = {
      name,
      type: layers[0].group === undefined ? kerasClass(layers[0]) : 'Functional',
      shape: shapes.get(layers.at(-1)!.name)!,
      costs: sumCosts(layers.map((layer) => costs.get(layer.name)!)),
      connectedTo: reads.length === 1 && reads[0] === above ? [] : reads,
      layers: layers.map((layer) => layer.name),
    };
    above = name;
    return row;
  });
}

/** `summary --json`. Output shapes as Keras and tfjs give them: the batch first, null. */
export interface SummaryJson extends Omit<Costs, 'activationBytes'> {
  readonly arch: string;
  /** Height, width, channels. */
  readonly input: LayerGraph['input'];
  readonly layers: readonly { readonly name: string; readonly type: string; readonly outputShape: readonly (number | null)[]; readonly params: number }[];
}

export function summaryJson(arch: string, graph: LayerGraph): SummaryJson {
  const { activationBytes: _, ...costs } = graphCosts(graph);
  return {
    arch,
    input: graph.input,
    layers: summaryRows(graph).map(({ name, type, shape, costs: { params } }) => ({ name, type, outputShape: [null, ...shape], params })),
    ...costs,
  };
}

/** The table for a terminal, ending in a newline. */
export function summaryText(arch: string, graph: LayerGraph): string {
  const rows = summaryRows(graph);
  const costs = graphCosts(graph);
  const branches = rows.some((row) => row.connectedTo.length > 0);
  const header = ['Layer (type)', 'Output shape', 'Params', ...(branches ? ['Connected to'] : [])];
  const lines = rows.map((row) => [
    `${row.name} (${row.type})`,
    `(None, ${row.shape.join(', ')})`,
    row.costs.params.toLocaleString('en'),
    ...(branches ? [row.connectedTo.join(', ')] : []),
  ]);
  const widths = header.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column].length)));
  const isNumber = (column: number) => column === 2;
  const format = (cells: readonly string[]) =>
    cells.map((cell, column) => (isNumber(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join('  ').trimEnd();
  const rule = '─'.repeat(widths.reduce((sum, width) => sum + width + 2, -2));
  const count = (params: number) => `${params.toLocaleString('en')} (${formatBytes(params * 4)})`;
  return [
    `${arch}, ${graph.input.join(' x ')}, ${graph.classes} classes`,
    rule,
    format(header),
    rule,
    ...lines.map(format),
    rule,
    `Total params: ${count(costs.params)}`,
    `Trainable params: ${count(costs.trainableParams)}`,
    `Non-trainable params: ${count(costs.nonTrainableParams)}`,
    `MACs an image: ${costs.macs.toLocaleString('en')}`,
    `FLOPs an image: ${costs.flops.toLocaleString('en')}`,
    `Filters: ${costs.filters.toLocaleString('en')}`,
    '',
  ].join('\n');
}

/** Bytes as Keras prints them: 201.83 KB (1024 a step). */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  const step = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  return `${(bytes / 1024 ** step).toFixed(2)} ${units[step]}`;
}
