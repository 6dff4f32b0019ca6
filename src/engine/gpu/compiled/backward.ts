import type { BatchNormLayer, Conv2DLayer, DenseLayer, DepthwiseConv2DLayer, Layer } from '../../graph/types.js';
import { splitsFor, transient, weightGradient, type Forward } from './forward.js';
import { whole, type Kernel, type Memory, type Region } from './kernel.js';
import { affineGradient, frozenNormGradient, normaliseGradient } from './kernels/batch-norm.js';
import { convolutionInputGradient, type Convolution } from './kernels/convolution.js';
import { depthwiseFilterGradient, depthwiseInputGradient } from './kernels/depthwise.js';
import { dropout, passGradient } from './kernels/elementwise.js';
import { partial, toGradient, type GradientTarget } from './kernels/epilogue.js';
import { filterGradient } from './kernels/filter-gradient.js';
import type { Guard } from './kernels/guard.js';
import { averagePoolGradient, globalAverageGradient, maxPoolGradient } from './kernels/pooling.js';
import { chooseShallowFilter, shallowFilterGradient } from './kernels/shallow.js';
import { sumProduct, sumWeights } from './kernels/sum-splits.js';
import { learningLayers } from './lowering.js';
import { chooseFilter, chooseProduct } from './tiles.js';
import { pixelsOf, slice, type View } from './views.js';

/**
 * Lays out the backward pass, layers last to first. The gradient of a tensor is that before the activation which made it:
 * each of the tensor's readers applies the activation's slope as it writes, so no pass is spent on it.
 */
export class Backward {
  readonly kernels: Kernel[] = [];
  private readonly views = new Map<string, View>();
  /** Tensors that have got a gradient from a reader, by the layer that made them. */
  private readonly written = new Set<string>();
  private readonly learning: ReadonlySet<string>;

  constructor(private readonly forward: Forward, private readonly gradients: Memory, private readonly bad: Guard) {
    this.learning = learningLayers(forward.lowering.graph);
  }

  /** Gradient of the logits, which the loss writes. */
  get logits(): View {
    return this.view(this.forward.lowering.logits);
  }

  run(): void {
    const { lowering } = this.forward;
    for (const layer of lowering.graph.layers.toReversed()) {
      if (this.learning.has(layer.name) && lowering.source(layer.name) === layer.name) this.kernels.push(...this.kernelsOf(layer));
    }
  }

  private view(name: string): View {
    const known = this.views.get(name);
    if (known) return known;
    const { lowering } = this.forward;
    const layer = lowering.graph.layers.find((one) => one.name === name)!;
    const view =
      lowering.source(name) === name
        ? this.forward.place(name, (label, bytes) => transient(`gradient of ${label}`, bytes), (concat) => this.view(concat))
        : this.forward.renamed(layer, this.view(layer.inputs[0]));
    this.views.set(name, view);
    return view;
  }

  /** Where a reader puts its share of the gradient of one of its inputs; null where no weight before it learns. */
  private target(name: string): GradientTarget | null {
    if (!this.learning.has(name)) return null;
    const { lowering } = this.forward;
    const source = lowering.source(name);
    const adds = this.written.has(source);
    this.written.add(source);
    return { gradient: this.view(name), value: this.forward.view(name), activation: lowering.activation(name), adds };
  }

  private kernelsOf(layer: Layer): Kernel[] {
    const gradient = this.view(layer.name);
    const pass = (kernel: (target: GradientTarget) => Kernel): Kernel[] => {
      const target = this.target(layer.inputs[0]);
      return target === null ? [] : [kernel(target)];
    };
    switch (layer.type) {
      case 'conv2d':
      case 'dense':
        return [...this.filterGradient(layer), ...this.inputGradient(layer)];
      case 'depthwiseConv2d':
        return [...this.depthwiseFilterGradient(layer), ...pass((target) => depthwiseInputGradient(this.convolution(layer), toGradient(target)))];
      case 'batchNorm':
        return this.batchNorm(layer, gradient);
      case 'concat':
        return this.concat(layer.name, layer.inputs);
      case 'maxPool2d':
        return pass((target) => maxPoolGradient(this.forward.pooling(layer), gradient, this.forward.winners.get(layer.name)!, target));
      case 'avgPool2d':
        return pass((target) => averagePoolGradient(this.forward.pooling(layer), gradient, target));
      case 'globalAvgPool2d':
        return pass((target) => globalAverageGradient(layer.name, gradient, target));
      case 'activation':
        return pass((target) => passGradient(`${layer.name} gradient`, gradient, target));
      case 'dropout':
        return pass((target) => dropout(`${layer.name} gradient`, gradient, toGradient(target), this.forward.dropoutOf(layer.name, layer.rate), this.forward.lasting.step));
      case 'input':
      case 'flatten':
        return [];
    }
  }

  /** A layer's convolution with the gradient in the place of its output. */
  private convolution(layer: Conv2DLayer | DepthwiseConv2DLayer | DenseLayer): Convolution {
    return { ...this.forward.convolution(layer), output: this.view(layer.name) };
  }

  private inputGradient(layer: Conv2DLayer | DenseLayer): Kernel[] {
    const target = this.target(layer.inputs[0]);
    if (target === null) return [];
    const conv = this.convolution(layer);
    const { input, stride, kernel } = conv;
    const rows = input.images * Math.ceil(input.height / stride) * Math.ceil(input.width / stride);
    const depth = (kernel ** 2 / stride ** 2) * conv.output.channels.quads * 4;
    // A split's scratch is laid out by pixel, which phases are not.
    const splittable = stride === 1 ? conv.output.channels.quads : 1;
    const { tile, splits, milliseconds } = chooseProduct(this.forward.rates, 'inputGradient', rows, input.channels.quads, depth, stride ** 2, splittable);
    if (splits === 1) return [convolutionInputGradient(conv, toGradient(target), tile, 1, milliseconds)];
    const scratch = transient(`${layer.name} input gradient splits`, splits * rows * input.channels.quads * 16);
    return [convolutionInputGradient(conv, partial(scratch, input), tile, splits, milliseconds), sumProduct(`${layer.name} input gradient sum`, scratch, splits, input, toGradient(target))];
  }

  private filterGradient(layer: Conv2DLayer | DenseLayer): Kernel[] {
    const into = weightGradient(this.forward.arenas, this.gradients, layer.name);
    if (into === null) return [];
    const conv = this.convolution(layer);
    const pixels = pixelsOf(conv.output);
    const { tile, splits, milliseconds } = chooseFilter(this.forward.rates, conv.kernel ** 2, conv.input.channels.quads, conv.output.channels.quads, pixels, into.bytes);
    const biasAt = this.forward.biasAt(layer);
    const shallow = chooseShallowFilter(this.forward.rates, conv, into.bytes);
    if (shallow !== null && shallow.milliseconds < milliseconds) {
      return this.split(layer.name, into, shallow.splits, (region, bad) => shallowFilterGradient(conv, region, into.bytes / 16, biasAt, shallow.splits, bad, shallow.milliseconds));
    }
    return this.split(layer.name, into, splits, (region, bad) => filterGradient(conv, region, into.bytes / 16, biasAt, tile, splits, bad, milliseconds));
  }

  private depthwiseFilterGradient(layer: DepthwiseConv2DLayer): Kernel[] {
    const into = weightGradient(this.forward.arenas, this.gradients, layer.name);
    if (into === null) return [];
    const conv = this.convolution(layer);
    const lines = conv.output.images * conv.output.height;
    const splits = Math.min(lines, splitsFor(this.forward.rates, conv.kernel * conv.output.channels.quads, pixelsOf(conv.output)));
    return this.split(layer.name, into, splits, (region, bad) => depthwiseFilterGradient(conv, region, into.bytes / 16, this.forward.biasAt(layer), splits, bad));
  }

  private batchNorm(layer: BatchNormLayer, gradient: View): Kernel[] {
    const norm = this.forward.batchNorm(layer);
    const { step } = this.forward.lasting;
    const into = weightGradient(this.forward.arenas, this.gradients, layer.name);
    if (into === null) {
      const target = this.target(layer.inputs[0]);
      return target === null ? [] : [frozenNormGradient(norm, gradient, target)];
    }
    const splits = splitsFor(this.forward.rates, norm.input.channels.quads, pixelsOf(norm.input));
    const kernels = this.split(layer.name, into, splits, (region, bad) => affineGradient(norm, gradient, region, splits, step, bad));
    const target = this.target(layer.inputs[0]);
    if (target !== null) kernels.push(normaliseGradient(norm, gradient, into, target, step));
    return kernels;
  }

  /** A weight gradient in one pass, or in splits and their sum. */
  private split(name: string, into: Region, splits: number, kernel: (region: Region, bad: Guard | null) => Kernel): Kernel[] {
    if (splits === 1) return [kernel(into, this.bad)];
    const scratch = transient(`${name} weight gradient splits`, splits * into.bytes);
    return [kernel(whole(scratch), null), sumWeights(`${name} weight gradient sum`, scratch, splits, into, this.bad)];
  }

  private concat(name: string, inputs: readonly string[]): Kernel[] {
    const { lowering } = this.forward;
    if (inputs.every((input) => lowering.home(lowering.source(input))?.concat === name)) return [];
    const gradient = this.view(name);
    let first = 0;
    return inputs.flatMap((input) => {
      const part = slice(gradient, first, lowering.layouts.get(input)!);
      first += part.channels.quads;
      const target = this.target(input);
      return target === null ? [] : [passGradient(`${name} gradient of ${input}`, part, target)];
    });
  }
}
