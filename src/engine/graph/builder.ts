import type { Activation, Layer, LayerGraph, LayerType, Padding } from './types.js';

/** Keras's automatic name of each layer type; the second of a kind is `conv2d_1`, and so on. */
const AUTOMATIC: Record<LayerType, string> = {
  input: 'input_layer',
  conv2d: 'conv2d',
  depthwiseConv2d: 'depthwise_conv2d',
  dense: 'dense',
  maxPool2d: 'max_pooling2d',
  avgPool2d: 'average_pooling2d',
  globalAvgPool2d: 'global_average_pooling2d',
  batchNorm: 'batch_normalization',
  activation: 'activation',
  dropout: 'dropout',
  concat: 'concatenate',
  flatten: 'flatten',
};

interface Named {
  readonly name?: string;
}
interface WindowOptions extends Named {
  readonly stride?: number;
  readonly padding?: Padding;
}
interface KernelOptions extends WindowOptions {
  readonly activation?: Activation;
  readonly useBias?: boolean;
}

type Draft<L extends Layer = Layer> = L extends Layer ? Omit<L, 'name' | 'inputs' | 'group'> : never;

/** Writes a {@link LayerGraph} from input to output; each call adds a layer that reads the one before. */
export class GraphBuilder {
  private readonly layers: Layer[] = [];
  private readonly counts = new Map<string, number>();
  private current: string[] = [];
  private label: string | undefined;

  /** @param input height, width, channels. */
  constructor(
    private readonly input: LayerGraph['input'],
    private readonly classes: number,
  ) {
    this.add({ type: 'input' }, {});
  }

  /** Defaults: stride 1, 'same', relu, bias. */
  conv(filters: number, kernel: number, options: KernelOptions = {}): this {
    const { stride = 1, padding = 'same', activation = 'relu', useBias = true } = options;
    return this.add({ type: 'conv2d', filters, kernel, stride, padding, activation, useBias }, options);
  }

  /** Defaults: stride 1, 'same', relu, bias. */
  depthwise(kernel: number, options: KernelOptions = {}): this {
    const { stride = 1, padding = 'same', activation = 'relu', useBias = true } = options;
    return this.add({ type: 'depthwiseConv2d', kernel, stride, padding, activation, useBias }, options);
  }

  dense(units: number, options: Named & { readonly activation?: Activation } = {}): this {
    return this.add({ type: 'dense', units, activation: options.activation ?? 'relu', useBias: true }, options);
  }

  /** Defaults as Keras: stride equal to the window, 'valid'. */
  maxPool(pool: number, options: WindowOptions = {}): this {
    return this.add({ type: 'maxPool2d', pool, stride: options.stride ?? pool, padding: options.padding ?? 'valid' }, options);
  }

  /** Defaults as Keras: stride equal to the window, 'valid'. */
  avgPool(pool: number, options: WindowOptions = {}): this {
    return this.add({ type: 'avgPool2d', pool, stride: options.stride ?? pool, padding: options.padding ?? 'valid' }, options);
  }

  globalAvgPool(options: Named = {}): this {
    return this.add({ type: 'globalAvgPool2d' }, options);
  }

  batchNorm(options: Named = {}): this {
    return this.add({ type: 'batchNorm', momentum: 0.99, epsilon: 1e-3 }, options);
  }

  activation(activation: Activation, options: Named = {}): this {
    // Keras has a layer class for relu, and none for the others that we use.
    const automatic = activation === 'relu' || activation === 'relu6' ? 're_lu' : AUTOMATIC.activation;
    return this.add({ type: 'activation', activation }, options, automatic);
  }

  dropout(rate: number, options: Named = {}): this {
    return this.add({ type: 'dropout', rate }, options);
  }

  flatten(options: Named = {}): this {
    return this.add({ type: 'flatten' }, options);
  }

  /** Every branch starts from the layer before; their ends are joined along channels. */
  concat(branches: readonly ((from: this) => void)[], options: Named = {}): this {
    const start = this.current;
    const ends = branches.flatMap((branch) => {
      this.current = start;
      branch(this);
      return this.current;
    });
    this.current = ends;
    return this.add({ type: 'concat' }, options);
  }

  /** The layers that `write` adds are one block: one row of the summary. */
  group(label: string, write: (builder: this) => void): this {
    this.label = label;
    write(this);
    this.label = undefined;
    return this;
  }

  /** The dense softmax over the classes, and the graph. */
  predictions(options: Named = {}): LayerGraph {
    this.dense(this.classes, { ...options, activation: 'softmax' });
    return { input: this.input, classes: this.classes, layers: this.layers };
  }

  private add(draft: Draft, { name }: Named, automatic = AUTOMATIC[draft.type]): this {
    const layer: Layer = { ...draft, name: name ?? this.nextName(automatic), inputs: this.current, ...(this.label !== undefined && { group: this.label }) };
    this.layers.push(layer);
    this.current = [layer.name];
    return this;
  }

  private nextName(base: string): string {
    const count = this.counts.get(base) ?? 0;
    this.counts.set(base, count + 1);
    return count === 0 ? base : `${base}_${count}`;
  }
}
