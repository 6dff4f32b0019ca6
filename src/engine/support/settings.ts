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
  /** Every batch then carries targets of a teacher beside its labels. */
  readonly distillation?: DistillationSettings;
}

/**
 * Learning from another network's answers (Hinton, Vinyals and Dean 2015, "Distilling the Knowledge in a Neural Network"): the loss of an
 * image is (1 - share) times the cross-entropy with its label, plus share times temperature squared times the cross-entropy of
 * the softmax at that temperature with the teacher's. The square keeps the gradients of both parts in proportion. Class weights
 * scale both, label smoothing the first.
 */
export interface DistillationSettings {
  /** At least 1; the higher, the more the teacher's small probabilities count. */
  readonly temperature: number;
  /** Of the teacher's part, 0 to 1. */
  readonly share: number;
}

/** As the user says it: 'balanced' becomes numbers once the training split is known. */
export interface LossChoice {
  readonly labelSmoothing: number;
  readonly classWeights: LossSettings['classWeights'] | 'balanced';
}

/** How the learning rate moves from the optimiser's; see training/schedule.ts. */
export type ScheduleSettings =
  | { readonly kind: 'constant' }
  /** Keras's ReduceLROnPlateau on the validation loss. */
  | { readonly kind: 'plateau'; readonly factor: number; readonly patience: number; readonly least: number }
  /** Keras's CosineDecay over all epochs, from the optimiser's rate to `alpha` of it. */
  | { readonly kind: 'cosine'; readonly alpha: number }
  /** Keras's ExponentialDecay(staircase=True): times `factor` after every so many epochs. */
  | { readonly kind: 'step'; readonly every: number; readonly factor: number };

/** How far training photos are changed at random, anew each epoch; 0 leaves a change out. See data/augment.ts. */
export interface AugmentSettings {
  /** Probabilities of a left-right and of a top-bottom mirror image, 0 to 1. */
  readonly flipX: number;
  readonly flipY: number;
  /** Largest turn either way, as a share of a full one. */
  readonly rotation: number;
  /** Largest shift in each direction, as a share of the side. */
  readonly shift: number;
  /** Largest change of scale either way; 0 to below 1. */
  readonly zoom: number;
  /** Most that is added to or taken from every value, as a share of white. */
  readonly brightness: number;
}

/** How far each change of the generalisation test may go; 0 leaves it out. See data/perturb.ts. */
export interface PerturbationStrengths {
  /** Probability of a mirror image, drawn for left-right and for top-bottom alone; 0 to 1. */
  readonly flip: number;
  /** Largest turn either way, as a share of a full one. */
  readonly rotation: number;
  /** Largest change of scale either way, about the centre; 0 to below 1. */
  readonly zoom: number;
  /** Largest shift in each direction, as a share of the side. */
  readonly shift: number;
  /** Largest change of contrast either way, as a share. */
  readonly contrast: number;
}

/** The study's: photos flipped, and rotated, zoomed, shifted and changed in contrast by up to a tenth. */
export const studyStrengths: PerturbationStrengths = { flip: 0.5, rotation: 0.1, zoom: 0.1, shift: 0.1, contrast: 0.1 };

/** Everything that decides a run. Two runs with equal settings, first weights, dataset and adapter give the same result. */
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
  /** Seeds initial weights, dropout and augmentation, and all else that is random where `splitSeed` is null. */
  readonly seed: number;
  /** Seeds split, order and perturbation: a run from another seed on the same split can be compared with the first. Null for `seed`. */
  readonly splitSeed: number | null;
  readonly optimizer: OptimizerSettings;
  readonly schedule: ScheduleSettings;
  readonly loss: LossChoice;
  readonly augment: AugmentSettings;
  /** Of the generalisation test. */
  readonly perturbation: PerturbationStrengths;
  /** Layers that do not learn: the first so many that hold weights, or all before the head. */
  readonly freeze: number | 'base';
  readonly backend: 'auto' | Backend;
  readonly engine: 'auto' | 'compiled' | 'reference';
}

export const noAugmentation: AugmentSettings = { flipX: 0, flipY: 0, rotation: 0, shift: 0, zoom: 0, brightness: 0 };

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
  splitSeed: null,
  optimizer: { kind: 'adam', learningRate: 0.001 },
  schedule: { kind: 'constant' },
  augment: noAugmentation,
  perturbation: studyStrengths,
  freeze: 0,
  loss: { labelSmoothing: 0, classWeights: null },
  backend: 'auto',
  engine: 'auto',
};
