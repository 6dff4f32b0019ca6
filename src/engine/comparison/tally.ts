import type { ClassMetrics, MetricDetails } from '../storage/records.js';
import type { Predictions } from './predictions.js';

/** A photo that was taken for another class. */
export interface Miss {
  /** In the dataset. */
  readonly index: number;
  readonly truth: number;
  readonly predicted: number;
  /** Of the predicted class. */
  readonly probability: number;
}

/** What inference over some photos gave. */
export interface Evaluation extends MetricDetails {
  readonly images: number;
  readonly correct: number;
  /** Of images, 0 to 1; 0 of none. */
  readonly accuracy: number;
  /** Mean cross-entropy, nats an image. */
  readonly loss: number;
  /** Whether each photo was right, in the order of the stream. */
  readonly hits: readonly boolean[];
  readonly misses: readonly Miss[];
  readonly predictions: Predictions;
}

/** Keras clips probabilities before their logarithm. */
const LEAST_PROBABILITY = 1e-7;
const BINS = 15;

/** Counts an evaluation together, photo by photo. */
export class Tally {
  private readonly confusion: number[][];
  private readonly k: number;
  private readonly hits: boolean[] = [];
  private readonly misses: Miss[] = [];
  private readonly predictions = { indices: [] as number[], truth: [] as number[], predicted: [] as number[] };
  /** By confidence, in bins of equal width: photos, how many were right, and the sum of confidences. */
  private readonly bins = Array.from({ length: BINS }, () => ({ images: 0, right: 0, confidence: 0 }));
  private among = 0;
  private loss = 0;

  /** @param labelSmoothing as in training: Keras smooths the validation loss too. */
  constructor(
    classes: number,
    private readonly labelSmoothing: number,
  ) {
    this.confusion = Array.from({ length: classes }, () => new Array<number>(classes).fill(0));
    this.k = topKOf(classes);
  }

  /** @param probabilities of each class. @param index of the photo in its dataset. */
  add(probabilities: Float32Array, label: number, index: number): void {
    const predicted = indexOfLargest(probabilities);
    const confidence = probabilities[predicted];
    const right = predicted === label;
    this.confusion[label][predicted]++;
    this.hits.push(right);
    this.predictions.indices.push(index);
    this.predictions.truth.push(label);
    this.predictions.predicted.push(predicted);
    if (!right) this.misses.push({ index, truth: label, predicted, probability: confidence });
    if (rankOf(probabilities, label) < this.k) this.among++;
    const bin = this.bins[Math.min(BINS - 1, Math.floor(confidence * BINS))];
    bin.images++;
    bin.confidence += confidence;
    if (right) bin.right++;
    this.loss += crossEntropy(probabilities, label, this.labelSmoothing);
  }

  result(): Evaluation {
    const images = this.hits.length;
    const share = (count: number) => (images === 0 ? 0 : count / images);
    const correct = images - this.misses.length;
    return {
      images,
      correct,
      accuracy: share(correct),
      loss: share(this.loss),
      topK: { k: this.k, accuracy: share(this.among) },
      calibrationError: share(this.bins.reduce((sum, { right, confidence }) => sum + Math.abs(right - confidence), 0)),
      perClass: classMetrics(this.confusion),
      confusion: this.confusion,
      hits: this.hits,
      misses: this.misses,
      predictions: this.predictions,
    };
  }
}

/** Five as is usual, where that says anything; of few classes two, of two one. */
function topKOf(classes: number): number {
  return classes >= 10 ? 5 : Math.min(2, classes - 1);
}

/** @param confusion rows are true classes, columns predicted ones. */
export function classMetrics(confusion: readonly (readonly number[])[]): ClassMetrics[] {
  const ratio = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return confusion.map((row, label) => {
    const right = row[label];
    const images = row.reduce((sum, count) => sum + count, 0);
    const predicted = confusion.reduce((sum, each) => sum + each[label], 0);
    return { precision: ratio(right, predicted), recall: ratio(right, images), f1: ratio(2 * right, predicted + images), images };
  });
}

function indexOfLargest(values: Float32Array): number {
  let largest = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[largest]) largest = i;
  return largest;
}

/** How many classes come before one; of equals the first comes first. */
function rankOf(values: Float32Array, label: number): number {
  let rank = 0;
  for (let i = 0; i < values.length; i++) if (values[i] > values[label] || (values[i] === values[label] && i < label)) rank++;
  return rank;
}

function crossEntropy(probabilities: Float32Array, label: number, smoothing: number): number {
  const nats = (probability: number): number => -Math.log(Math.max(probability, LEAST_PROBABILITY));
  const truth = nats(probabilities[label]);
  if (smoothing === 0) return truth;
  const mean = probabilities.reduce((sum, probability) => sum + nats(probability), 0) / probabilities.length;
  return (1 - smoothing) * truth + smoothing * mean;
}
