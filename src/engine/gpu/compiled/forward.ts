import { windowPadding } from '../../graph/shapes.js';
import type { BatchNormLayer, Conv2DLayer, DenseLayer, DepthwiseConv2DLayer, Layer, PoolLayer } from '../../graph/types.js';
import { type Kernel, type Memory, type Region } from './kernel.js';
import { mergeStatistics, normalise, partialStatistics, type BatchNorm } from './kernels/batch-norm.js';
import { convolutionForward, type Convolution } from './kernels/convolution.js';
import { depthwiseForward } from './kernels/depthwise.js';
import { copy, dropout } from './kernels/elementwise.js';
import { activated, partial } from './kernels/epilogue.js';
import { averagePool, globalAverage, maxPool, type Pooling } from './kernels/pooling.js';
import { shallowForward, shallowForwardTime } from './kernels/shallow.js';
import { sumProduct } from './kernels/sum-splits.js';
import type { Lowering } from './lowering.js';
import { chooseProduct, type TileRates } from './tiles.js';
import { flatten, pixelsOf, regionOf, sidesOf, slice, viewOf, type View } from './views.js';
import type { Arenas } from './weights.js';

/** The GPU memories that live as long as a plan. */
export interface Lasting {
  readonly learning: Memory;
  readonly moving: Memory;
  readonly fixed: Memory;
  /** Batch norm's statistics of the step, laid out as `moving`. */
  readonly batchStatistics: Memory;
  readonly step: Region;
}

export const transient = (label: string, bytes: number): Memory => ({ label, bytes, lasting: false });

/** Splits of a sum over all pixels, by threads that keep the adapter busy. */
export function splitsFor(rates: TileRates, threadsEach: number, pixels: number): number {
  return Math.max(1, Math.min(Math.ceil(rates.threads / threadsEach), Math.ceil(pixels / 16), 256));
}

/**
 * Lays out one forward pass. Outputs that go into a concat are written there; a layer that only renames another's output
 * (flatten, dropout in inference) has no kernel.
 */
export class Forward {
  readonly kernels: Kernel[] = [];
  /** Winners of max pooling, by layer; in training. */
  readonly winners = new Map<string, Memory>();
  private readonly views = new Map<string, View>();
  private readonly layers: ReadonlyMap<string, Layer>;

  constructor(
    readonly lowering: Lowering,
    readonly arenas: Arenas,
    readonly lasting: Lasting,
    readonly rates: TileRates,
    readonly images: number,
    private readonly training: { readonly seed: number } | null,
    private readonly label: string,
  ) {
    this.layers = new Map(lowering.graph.layers.map((layer) => [layer.name, layer]));
  }

  /** Output of a layer. */
  view(name: string): View {
    const known = this.views.get(name);
    if (known) return known;
    const layer = this.layers.get(name)!;
    const source = this.lowering.source(name);
    const view = source === name ? this.place(name, (label, bytes) => transient(`${this.label} ${label}`, bytes), (concat) => this.view(concat)) : this.renamed(layer, this.view(layer.inputs[0]));
    this.views.set(name, view);
    return view;
  }

  /** A view for a layer's output or its gradient, in its concat or in memory of its own. */
  place(name: string, allocate: (label: string, bytes: number) => Memory, concatView: (name: string) => View): View {
    const channels = this.lowering.layouts.get(name)!;
    const home = this.lowering.home(name);
    if (home) return slice(concatView(home.concat), home.first, channels);
    const sides = sidesOf(this.lowering.shapes.get(name)!);
    return viewOf(allocate(name, this.images * sides[0] * sides[1] * channels.quads * 16), this.images, sides, channels);
  }

  renamed(layer: Layer, view: View): View {
    return layer.type === 'flatten' ? flatten(view) : view;
  }

  run(): void {
    for (const layer of this.lowering.graph.layers) {
      if (layer.type !== 'input' && this.lowering.source(layer.name) === layer.name) this.kernels.push(...this.kernelsOf(layer));
    }
  }

  private kernelsOf(layer: Layer): Kernel[] {
    const input = this.view(layer.inputs[0]);
    const output = this.view(layer.name);
    const activation = this.lowering.activation(layer.name);
    switch (layer.type) {
      case 'conv2d':
      case 'dense': {
        const conv = this.convolution(layer);
        const epilogue = activated(output, conv.weights, this.biasAt(layer), activation);
        const rows = pixelsOf(output);
        const { quads } = input.channels;
        const { tile, splits, milliseconds } = chooseProduct(this.rates, 'forward', rows, output.channels.quads, conv.kernel ** 2 * quads * 4, 1, quads);
        const shallow = shallowForwardTime(this.rates, conv);
        if (shallow < milliseconds) return [shallowForward(conv, epilogue, shallow)];
        if (splits === 1) return [convolutionForward(conv, epilogue, tile, 1, milliseconds)];
        const scratch = transient(`${layer.name} forward splits`, splits * rows * output.channels.quads * 16);
        return [convolutionForward(conv, partial(scratch, output), tile, splits, milliseconds), sumProduct(`${layer.name} forward sum`, scratch, splits, output, epilogue)];
      }
      case 'depthwiseConv2d': {
        const conv = this.convolution(layer);
        return [depthwiseForward(conv, activated(output, conv.weights, this.biasAt(layer), activation))];
      }
      case 'maxPool2d': {
        const pooling = this.pooling(layer);
        if (this.training) this.winners.set(layer.name, transient(`${layer.name} winners`, pixelsOf(output) * output.channels.quads * 4));
        return [maxPool(pooling, this.winners.get(layer.name) ?? null, this.lowering.activation(layer.inputs[0]))];
      }
      case 'avgPool2d':
        return [averagePool(this.pooling(layer))];
      case 'globalAvgPool2d':
        return [globalAverage(layer.name, input, output)];
      case 'batchNorm': {
        const norm = this.batchNorm(layer);
        if (!this.learns(layer)) return [normalise(norm, activation)];
        const splits = splitsFor(this.rates, input.channels.quads, pixelsOf(input));
        const scratch = transient(`${layer.name} statistics splits`, splits * input.channels.quads * 32);
        return [partialStatistics(norm, scratch, splits, this.lasting.step), mergeStatistics(norm, scratch, splits, this.lasting.step), normalise(norm, activation)];
      }
      case 'activation':
        return [copy(`${layer.name} forward`, input, activated(output, regionOf(output), null, activation))];
      case 'dropout':
        return [dropout(`${layer.name} forward`, input, activated(output, regionOf(output), null, 'linear'), this.dropoutOf(layer.name, layer.rate), this.lasting.step)];
      case 'concat': {
        if (layer.inputs.every((name) => this.lowering.home(this.lowering.source(name))?.concat === layer.name)) return [];
        let first = 0;
        return layer.inputs.map((name) => {
          const part = this.view(name);
          const to = slice(output, first, part.channels);
          first += part.channels.quads;
          return copy(`${layer.name} copy of ${name}`, part, activated(to, regionOf(to), null, 'linear'));
        });
      }
      case 'input':
      case 'flatten':
        return [];
    }
  }

  convolution(layer: Conv2DLayer | DepthwiseConv2DLayer | DenseLayer): Convolution {
    const input = this.view(layer.inputs[0]);
    const output = this.view(layer.name);
    const part = this.arenas.layers.get(layer.name)![0];
    const weights: Region = { memory: this.lasting[part.arena], offset: part.offset, bytes: part.bytes };
    if (layer.type === 'dense') return { name: layer.name, input, output, kernel: 1, stride: 1, top: 0, left: 0, weights };
    const { kernel, stride, padding } = layer;
    const before = (side: number) => windowPadding(side, kernel, stride, padding).before;
    return { name: layer.name, input, output, kernel, stride, top: before(input.height), left: before(input.width), weights };
  }

  /** vec4s from a layer's kernel to its bias; null where it has none. */
  biasAt(layer: Conv2DLayer | DepthwiseConv2DLayer | DenseLayer): number | null {
    return layer.useBias ? this.arenas.layers.get(layer.name)![0].places[0].length / 4 : null;
  }

  pooling(layer: PoolLayer): Pooling {
    const input = this.view(layer.inputs[0]);
    const { pool, stride, padding } = layer;
    const before = (side: number) => windowPadding(side, pool, stride, padding).before;
    return { name: layer.name, input, output: this.view(layer.name), pool, stride, top: before(input.height), left: before(input.width) };
  }

  /** Whether a batch norm takes its statistics from the batch. */
  learns(layer: BatchNormLayer): boolean {
    return this.training !== null && layer.trainable !== false;
  }

  batchNorm(layer: BatchNormLayer): BatchNorm {
    const parts = this.arenas.layers.get(layer.name)!;
    const region = (part: (typeof parts)[number]): Region => ({ memory: this.lasting[part.arena], offset: part.offset, bytes: part.bytes });
    const input = this.view(layer.inputs[0]);
    const shared = { name: layer.name, input, output: this.view(layer.name), epsilon: layer.epsilon };
    const half = input.channels.quads * 32;
    const frozen = parts.find((part) => part.arena === 'fixed');
    // A frozen layer's four weights lie together: gamma and beta, then the statistics, which may not start at a multiple of 256.
    if (frozen) return { ...shared, affine: { ...region(frozen), bytes: half }, statistics: region(frozen), statisticsFirst: half / 16 };
    const moving = region(parts.find((part) => part.arena === 'moving')!);
    return {
      ...shared,
      affine: region(parts.find((part) => part.arena === 'learning')!),
      statistics: this.training === null ? moving : { ...moving, memory: this.lasting.batchStatistics },
      statisticsFirst: 0,
    };
  }

  dropoutOf(name: string, rate: number): { seed: number; layer: number; rate: number } {
    return { seed: this.training!.seed, layer: this.lowering.graph.layers.findIndex((layer) => layer.name === name), rate };
  }
}

/** The gradient of a layer's weights: its stretch of the arena, vec4s. */
export function weightGradient(arenas: Arenas, gradients: Memory, name: string): Region | null {
  const part = arenas.layers.get(name)?.find(({ arena }) => arena === 'learning');
  return part ? { memory: gradients, offset: part.offset, bytes: part.bytes } : null;
}

