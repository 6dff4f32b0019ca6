import { pair, type Pairing } from '../../engine/comparison/paired.js';
import { difference, leastAccuracy, recommend, type Difference, type Rule } from '../../engine/comparison/recommendation.js';
import { candidateOf, type JudgedModel } from './models.js';

/** What the numbers say under a rule, by the accuracy on perturbed photos. */
export interface Verdict {
  readonly rule: Rule;
  readonly chosen: JudgedModel;
  /** False where none reaches the floor: the chosen one is then only the most accurate. */
  readonly reaches: boolean;
  /** Models that the rule lets through. */
  readonly usable: number;
  /** The most accurate, where that is another one. */
  readonly better: (Rival & Difference) | null;
  /** The most accurate of those with fewer FLOPs, where the chosen one is the most accurate: what it would be to settle for that. */
  readonly cheaper: Rival | null;
  /** At or above the floor on validation, under it on perturbed photos. */
  readonly misjudged: readonly JudgedModel[];
  /** The one with the most params, where that is another one: what the chosen one saves is told against it. */
  readonly largest: JudgedModel | null;
}

/** Another model, against the chosen one. */
export interface Rival {
  readonly model: JudgedModel;
  /** Percentage points on perturbed photos between the two, above 0. */
  readonly points: number;
  /** How many times the FLOPs the costlier of the two takes. */
  readonly times: number;
  /** Photo by photo, the more accurate one first; null where they did not see the same photos. */
  readonly pairing: Pairing | null;
}

/** Null without a judged model. */
export function judge(models: readonly JudgedModel[], rule: Rule): Verdict | null {
  const recommendation = recommend(models.map(candidateOf), rule);
  if (!recommendation) return null;
  const chosen = models[recommendation.run];
  const perturbed = (model: JudgedModel) => model.result.test.perturbed;
  const mostAccurate = (among: readonly JudgedModel[]) => among.reduce((best, model) => (perturbed(model).accuracy > perturbed(best).accuracy ? model : best));
  const best = mostAccurate(models);
  const largest = models.reduce((most, model) => (model.costs.params > most.costs.params ? model : most));
  const isBest = perturbed(best).accuracy <= perturbed(chosen).accuracy;
  const below = models.filter((model) => model.costs.flops < chosen.costs.flops && perturbed(model).accuracy < perturbed(chosen).accuracy);
  return {
    rule,
    chosen,
    reaches: perturbed(chosen).accuracy >= rule.floor,
    usable: models.filter((model) => perturbed(model).accuracy >= leastAccuracy(rule, perturbed(best).accuracy)).length,
    better: isBest ? null : { ...rival(best, best, chosen), ...difference(candidateOf(best), candidateOf(chosen)) },
    cheaper: isBest && below.length > 0 ? rival(mostAccurate(below), chosen, mostAccurate(below)) : null,
    misjudged: models.filter((model) => model.result.validation.accuracy >= rule.floor && perturbed(model).accuracy < rule.floor),
    largest: largest.costs.params > chosen.costs.params ? largest : null,
  };
}

function rival(model: JudgedModel, better: JudgedModel, other: JudgedModel): Rival {
  return {
    model,
    points: (better.result.test.perturbed.accuracy - other.result.test.perturbed.accuracy) * 100,
    times: Math.max(better.costs.flops / other.costs.flops, other.costs.flops / better.costs.flops),
    pairing: pairOn(better, other, 'perturbed'),
  };
}

/** Two models photo by photo; null where they did not see the same photos. */
export function pairOn(first: JudgedModel, second: JudgedModel, on: 'validation' | 'perturbed'): Pairing | null {
  const [one, other] = [candidateOf(first), candidateOf(second)];
  return one.photos === other.photos ? pair(first.result.hits?.[on], second.result.hits?.[on]) : null;
}
