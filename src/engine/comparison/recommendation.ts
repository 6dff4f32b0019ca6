import type { Interval, PackedHits } from '../storage/records.js';
import { formatAccuracy, formatCount, formatP } from './format.js';
import { pair } from './paired.js';

/** One model, by what decides. */
export interface Candidate {
  readonly arch: string;
  readonly title: string;
  /** One forward pass of one image. */
  readonly flops: number;
  /** On perturbed photos, 0 to 1. */
  readonly accuracy: number;
  readonly interval: Interval;
  /** Candidates with equal keys saw the same perturbed photos, and which each got right is known: then they are compared photo by photo. */
  readonly photos?: string;
  readonly hits?: PackedHits | undefined;
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
  return `${best.title} is ${points} points better for ${times(best.flops / chosen.flops)} the FLOPs${certainty(difference(best, chosen))}.`;
}

/** Whether the difference of two models may be chance. */
export interface Difference {
  /** McNemar's p on the same photos; null where only the intervals can be compared. */
  readonly p: number | null;
  readonly mayBeChance: boolean;
}

/** McNemar's test at 5 % where two models saw the same photos, else whether their 95 % intervals overlap. */
export function difference(better: Candidate, other: Candidate): Difference {
  const pairing = better.photos !== undefined && better.photos === other.photos ? pair(better.hits, other.hits) : null;
  if (pairing) return { p: pairing.p, mayBeChance: pairing.p > 0.05 };
  return { p: null, mayBeChance: better.interval[0] <= other.interval[1] };
}

function certainty({ p, mayBeChance }: Difference): string {
  if (p === null) return mayBeChance ? '; the 95 % intervals overlap, so that may be chance' : '';
  return `; on the same photos that ${mayBeChance ? 'may be' : 'is hardly'} chance (McNemar's test, ${formatP(p)})`;
}

function times(ratio: number): string {
  return `${ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0)} times`;
}
