import type { LayerGraph, Shape, Weight } from '../graph/types.js';
import type { AdapterInfo, LossSettings, OptimizerSettings } from '../support/settings.js';

/** Uint8 RGB pixels, NHWC, `size` images; labels are class indices. */
export interface PixelBatch {
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly labels: Uint16Array<ArrayBuffer>;
  readonly size: number;
  /** A teacher's class probabilities at the loss's temperature, [size, classes]; read where the engine's loss distils, and needed there. */
  readonly targets?: Float32Array<ArrayBuffer>;
}

/** The targets of a batch that is distilled on. @throws Error where there are none, or too few. */
export function taught({ targets, size }: PixelBatch, classes: number): Float32Array<ArrayBuffer> {
  if (targets?.length !== size * classes) throw new Error('A loss that distils needs the targets of every image.');
  return targets;
}

export interface EngineOptions {
  readonly graph: LayerGraph;
  /** Initial values of all of the graph's weights, in the order of its specs. Copied. */
  readonly weights: readonly Weight[];
  /** The largest batch that will be given; smaller ones are allowed. */
  readonly batch: number;
  readonly optimizer: OptimizerSettings;
  readonly loss: LossSettings;
  /** Seeds dropout: the mask at (seed, layer, step) is always the same. */
  readonly seed: number;
}

/** Sums over the training steps since they were last taken. */
export interface StepSums {
  readonly images: number;
  /** Sum over images of the cross-entropy, in nats; divide by images. */
  readonly loss: number;
  readonly correct: number;
  /** Number (from 1, over the life of the engine) of the first step with a loss or gradient that was not finite; neither such a step nor one after it changes a weight. */
  readonly firstBadStep: number | null;
}

/** Optimiser state, for checkpoints: two (Adam) or one (SGD) slots a trainable weight. */
export interface OptimizerState {
  readonly step: number;
  readonly slots: readonly Weight[];
}

export interface FeatureMap {
  readonly layer: string;
  readonly shape: Shape;
  readonly data: Float32Array<ArrayBuffer>;
}

/**
 * The seam between the training loop and whatever does the arithmetic: tfjs op by op (`reference`), or a compiled plan
 * of dispatches (`compiled`). Normalisation (pixels / 255) happens behind it.
 */
export interface TrainingEngine {
  readonly path: 'reference' | 'compiled';
  readonly adapter: AdapterInfo;
  /** Bytes of GPU memory held now, and the most held at once. */
  memory(): { bytes: number; peakBytes: number };
  /** Enqueues one step; resolves when the engine is ready for the next (back-pressure), not when the GPU is done. */
  step(batch: PixelBatch): Promise<void>;
  /** The sums so far, which begin anew. */
  takeSums(): Promise<StepSums>;
  /** The sums so far, which go on. */
  readSums(): Promise<StepSums>;
  /**
   * Of a batch whose step is not finite, at the weights as they are: the layer, and what of it ('conv2d_1 forward'), that is so first; null
   * where all is finite. Changes no weight; slow, for a run that has failed.
   */
  firstNotFinite(batch: PixelBatch): Promise<string | null>;
  /** Class probabilities in inference mode, [size, classes] row-major. Any size; works in chunks of the engine's batch. */
  predict(pixels: Uint8Array<ArrayBuffer>, size: number): Promise<Float32Array<ArrayBuffer>>;
  /** Outputs of the named layers (all but the input where absent) for one image, in inference mode. */
  featureMaps(pixels: Uint8Array<ArrayBuffer>, layers?: readonly string[]): Promise<FeatureMap[]>;
  setLearningRate(learningRate: number): void;
  readWeights(): Promise<Weight[]>;
  writeWeights(weights: readonly Weight[]): void;
  readOptimizer(): Promise<OptimizerState>;
  writeOptimizer(state: OptimizerState): void;
  /** Frees all GPU memory. Every later call throws. */
  dispose(): void;
}

/** An engine that differentiates with respect to what a layer answers, as well as to the weights. */
export interface Viewer extends TrainingEngine {
  /**
   * A layer's output for one image, in inference mode, and the gradient of a class's score, before the softmax, with respect to it.
   * @param layer any but the last. @param label a class index.
   */
  scoreGradient(pixels: Uint8Array<ArrayBuffer>, layer: string, label: number): Promise<{ map: FeatureMap; gradient: FeatureMap }>;
}
