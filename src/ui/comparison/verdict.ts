import { difference, recommend, type Difference } from '../../engine/comparison/recommendation.js';
import { candidateOf, type JudgedModel } from './models.js';

/** What the numbers say under the rule: the fewest FLOPs at or above the floor on perturbed photos. */
export interface Verdict {
  readonly chosen: JudgedModel;
  /** False where none reaches the floor: the chosen one is then only the most accurate. */
  readonly reaches: boolean;
  /** The most accurate, where that is another one. */
  readonly better: (Difference & {
    readonly model: JudgedModel;
    /** Percentage points on perturbed photos. */
    readonly points: number;
    /** How many times the FLOPs. */
    readonly times: number;
  }) | null;
  /** At or above the floor on validation, under it on perturbed photos. */
  readonly misjudged: readonly JudgedModel[];
  /** The one with the most params, where that is another one: what the chosen one saves is told against it. */
  readonly largest: JudgedModel | null;
}

/** Null without a judged model. */
export function judge(models: readonly JudgedModel[], floor: number): Verdict | null {
  const recommendation = recommend(models.map(candidateOf), floor);
  if (!recommendation) return null;
  const chosen = models[recommendation.run];
  const perturbed = (model: JudgedModel) => model.result.test.perturbed;
  const best = models.reduce((best, model) => (perturbed(model).accuracy > perturbed(best).accuracy ? model : best));
  const largest = models.reduce((largest, model) => (model.costs.params > largest.costs.params ? model : largest));
  return {
    chosen,
    reaches: perturbed(chosen).accuracy >= floor,
    better: perturbed(best).accuracy > perturbed(chosen).accuracy
      ? {
          model: best,
          points: (perturbed(best).accuracy - perturbed(chosen).accuracy) * 100,
          times: best.costs.flops / chosen.costs.flops,
          ...difference(candidateOf(best), candidateOf(chosen)),
        }
      : null,
    misjudged: models.filter((model) => model.result.validation.accuracy >= floor && perturbed(model).accuracy < floor),
    largest: largest.costs.params > chosen.costs.params ? largest : null,
  };
}
