export type Backend = 'webgpu' | 'webgl' | 'cpu';

/** What runs the numbers, said on the page and in every report. */
export interface AdapterInfo {
  readonly backend: Backend;
  readonly vendor: string;
  readonly architecture: string;
  readonly description: string;
  /** True for a software adapter (SwiftShader), and for the cpu backend. */
  readonly fallback: boolean;
  /** Largest buffer and largest storage binding in bytes; Infinity where the backend states none. */
  readonly maxBufferBytes: number;
}

export type OptimizerSettings =
  | { readonly kind: 'adam'; readonly learningRate: number }
  | { readonly kind: 'adamw'; readonly learningRate: number; readonly weightDecay: number }
  | { readonly kind: 'sgd'; readonly learningRate: number; readonly momentum: number };

export interface LossSettings {
  /** 0 to 1, Keras's label_smoothing. */
  readonly labelSmoothing: number;
  /** One factor a class, or null for equal weights. */
  readonly classWeights: readonly number[] | null;
}

/** Everything that decides a run. Two runs with equal settings, dataset and adapter give the same result. */
export interface RunSettings {
  readonly arch: string;
  /** Options of the architecture (MobileNet's width, say), by name. */
  readonly archOptions: Readonly<Record<string, number>>;
  /** Side of the square input, pixels. */
  readonly size: number;
  readonly batch: number;
  /** The most epochs that are trained. */
  readonly epochs: number;
  /** Epochs without a lower validation loss after which training stops; the best epoch's weights are restored. */
  readonly patience: number;
  /** Shares of the images, 0 to 1; what is left trains. */
  readonly validationShare: number;
  readonly testShare: number;
  /** At most so many images, in proportion of the classes; null for all. */
  readonly limit: number | null;
  /** Seeds initial weights, split, shuffle, dropout and perturbation. */
  readonly seed: number;
  readonly optimizer: OptimizerSettings;
  readonly loss: LossSettings;
  readonly backend: 'auto' | Backend;
  readonly engine: 'auto' | 'compiled' | 'reference';
}

export const defaultSettings: RunSettings = {
  arch: 'cnn-light',
  archOptions: {},
  size: 224,
  batch: 32,
  epochs: 20,
  patience: 3,
  validationShare: 0.2,
  testShare: 0,
  limit: null,
  seed: 1,
  optimizer: { kind: 'adam', learningRate: 0.001 },
  loss: { labelSmoothing: 0, classWeights: null },
  backend: 'auto',
  engine: 'auto',
};
