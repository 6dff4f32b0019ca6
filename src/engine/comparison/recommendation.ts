import type { Interval, PackedHits } from '../storage/records.js';
import { formatAccuracy, formatCount, formatInteger, formatP } from './format.js';
import { pair } from './paired.js';

/** One model, by what decides. */
export interface Candidate {
  readonly arch: string;
  readonly title: string;
  /** One forward pass of one image. */
  readonly flops: number;
  readonly params: number;
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
 * How the efficient one is chosen, by the accuracy on perturbed photos; under the floor a model counts as unusable. `floor`: the fewest
 * FLOPs at or above the floor. `margin`: the fewest params among those that come within `margin` (a fraction) of the most accurate.
 */
export type Rule = { readonly kind: 'floor'; readonly floor: number } | { readonly kind: 'margin'; readonly floor: number; readonly margin: number };

export const defaultRule: Rule = { kind: 'floor', floor: accuracyFloor };

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

/** What a rule chooses; where none reaches the floor, the most accurate, and it says so. Null without candidates. */
export function recommend(candidates: readonly Candidate[], rule: Rule = defaultRule): Recommendation | null {
  const bestIndex = tradeOffFront(candidates).at(-1);
  if (bestIndex === undefined) return null;
  const best = candidates[bestIndex];
  const floor = rule.floor.toFixed(2);
  const usable = [...candidates.keys()].filter((place) => candidates[place].accuracy >= leastAccuracy(rule, best.accuracy));
  if (usable.length === 0) {
    return {
      arch: best.arch,
      run: bestIndex,
      rule: `The most accurate on perturbed photos, because none reaches the floor of ${floor}.`,
      reason: `No model reaches ${floor} on perturbed photos; ${best.title} comes nearest with ${formatAccuracy(best.accuracy)}. Train longer or on more photos before cost decides.`,
    };
  }
  const cost = ({ flops, params }: Candidate): number => (rule.kind === 'floor' ? flops : params);
  const index = usable.reduce((least, place) => (cost(candidates[place]) - cost(candidates[least]) || candidates[least].accuracy - candidates[place].accuracy) < 0 ? place : least);
  const chosen = candidates[index];
  const more = index === bestIndex || best.accuracy === chosen.accuracy ? '' : ` ${against(best, chosen)}`;
  if (rule.kind === 'margin') {
    const margin = `${formatPoints(rule.margin)} points of the most accurate`;
    return {
      arch: chosen.arch,
      run: index,
      rule: `The fewest params among the models within ${margin} on perturbed photos, and not under ${floor}.`,
      reason: `${chosen.title} reaches ${formatAccuracy(chosen.accuracy)} on perturbed photos with ${formatInteger(chosen.params)} params, ${usable.length === 1 ? `the only one within ${margin}` : `the smallest of the ${usable.length} within ${margin}`}.${more}`,
    };
  }
  const among = usable.length === 1 ? 'the only one to reach the floor' : `the fewest of the ${usable.length} that reach the floor`;
  return {
    arch: chosen.arch,
    run: index,
    rule: `The fewest FLOPs among the models with an accuracy of at least ${floor} on perturbed photos.`,
    reason: `${chosen.title} reaches ${formatAccuracy(chosen.accuracy)} on perturbed photos for ${formatCount(chosen.flops)} FLOPs an image, ${among}.${more}`,
  };
}

/** The accuracy that a rule asks for. @param best the highest that there is. */
export function leastAccuracy(rule: Rule, best: number): number {
  // What differs by rounding alone is within the margin.
  return rule.kind === 'margin' ? Math.max(rule.floor, best - rule.margin - 1e-9) : rule.floor;
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

function formatPoints(margin: number): string {
  return (margin * 100).toFixed(1);
}

function times(ratio: number): string {
  return `${ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0)} times`;
}
