import type { Interval } from '../storage/records.js';
import { formatAccuracy, formatCount } from './format.js';

/** One model, by what decides. */
export interface Candidate {
  readonly arch: string;
  readonly title: string;
  /** One forward pass of one image. */
  readonly flops: number;
  /** On perturbed photos, 0 to 1. */
  readonly accuracy: number;
  readonly interval: Interval;
}

export interface Recommendation {
  readonly arch: string;
  /** The chosen one's place among the candidates (in a report: its runs). */
  readonly run: number;
  /** One English sentence: how it was chosen. */
  readonly rule: string;
  /** English: what speaks for it, in numbers. */
  readonly reason: string;
}

/** Under it a model is of no use, whatever it costs. */
export const accuracyFloor = 0.9;

/**
 * Places of the candidates that no other beats: none has fewer FLOPs and no less accuracy, or more accuracy for no more FLOPs.
 * Ordered by FLOPs.
 */
export function tradeOffFront(candidates: readonly Pick<Candidate, 'flops' | 'accuracy'>[]): number[] {
  const byCost = [...candidates.keys()].sort((a, b) => candidates[a].flops - candidates[b].flops || candidates[b].accuracy - candidates[a].accuracy);
  let best = -Infinity;
  return byCost.filter((index) => {
    if (candidates[index].accuracy <= best) return false;
    best = candidates[index].accuracy;
    return true;
  });
}

/** The fewest FLOPs at or above the floor; where none reaches it, the most accurate, and it says so. Null without candidates. */
export function recommend(candidates: readonly Candidate[], floor = accuracyFloor): Recommendation | null {
  const front = tradeOffFront(candidates);
  if (front.length === 0) return null;
  const bestIndex = front.at(-1)!;
  const index = front.find((place) => candidates[place].accuracy >= floor);
  const best = candidates[bestIndex];
  if (index === undefined) {
    return {
      arch: best.arch,
      run: bestIndex,
      rule: `The most accurate on perturbed photos, because none reaches the floor of ${floor.toFixed(2)}.`,
      reason: `No model reaches ${floor.toFixed(2)} on perturbed photos; ${best.title} comes nearest with ${formatAccuracy(best.accuracy)}. Train longer or on more photos before cost decides.`,
    };
  }
  const chosen = candidates[index];
  const usable = candidates.filter((candidate) => candidate.accuracy >= floor).length;
  const among = usable === 1 ? 'the only one to reach the floor' : `the fewest of the ${usable} that reach the floor`;
  return {
    arch: chosen.arch,
    run: index,
    rule: `The fewest FLOPs among the models with an accuracy of at least ${floor.toFixed(2)} on perturbed photos.`,
    reason: `${chosen.title} reaches ${formatAccuracy(chosen.accuracy)} on perturbed photos for ${formatCount(chosen.flops)} FLOPs an image, ${among}.${index === bestIndex ? '' : ` ${against(best, chosen)}`}`,
  };
}

function against(best: Candidate, chosen: Candidate): string {
  const points = ((best.accuracy - chosen.accuracy) * 100).toFixed(1);
  const overlap = best.interval[0] <= chosen.interval[1] ? '; the 95 % intervals overlap, so that may be chance' : '';
  return `${best.title} is ${points} points better for ${times(best.flops / chosen.flops)} the FLOPs${overlap}.`;
}

function times(ratio: number): string {
  return `${ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0)} times`;
}
