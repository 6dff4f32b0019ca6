/** Loss and accuracy on the validation split. */
export interface Figures {
  readonly loss: number;
  readonly accuracy: number;
}

/** How good a network is: by what a search decides. */
export interface Judged {
  readonly validation: Figures;
  /** Accuracy on validation photos that were perturbed, mean of several draws, 0 to 1. */
  readonly perturbed: number;
}

/** What a lighter network may cost. */
export interface Rule {
  /** How much lower the validation accuracy may get, 0 to 1. */
  readonly margin: number;
  /** Whether it must also hold on perturbed photos. */
  readonly judge: 'both' | 'validation';
  /** Validation photos: how far an accuracy on them may be off by chance. */
  readonly photos: number;
}

/** Accuracies that a lighter network must reach. */
export interface Limits {
  readonly validation: number;
  readonly perturbed: number;
}

/** Standard error of an accuracy on so many photos, from Agresti and Coull's shrunken share, which stays above 0 where all are right. */
export function standardError(accuracy: number, photos: number): number {
  const share = (accuracy * photos + 2) / (photos + 4);
  return Math.sqrt((share * (1 - share)) / (photos + 4));
}

/**
 * The given model's validation accuracy less the margin; its perturbed accuracy less the margin or a standard error, whichever is more, since perturbed
 * photos are drawn and no model is to be refused for a draw. Neither depends on what else a search finds: a limit that follows the best
 * of many models follows that one's luck.
 */
export function limitsOf(given: Judged, { margin, judge, photos }: Rule): Limits {
  return {
    validation: given.validation.accuracy - margin,
    perturbed: judge === 'validation' ? 0 : given.perturbed - Math.max(margin, standardError(given.perturbed, photos)),
  };
}

/** One standard error lower: what is between the two may fall short of the limits by chance. */
export function slackened({ validation, perturbed }: Limits, photos: number): Limits {
  return { validation: validation - standardError(validation, photos), perturbed: perturbed - standardError(perturbed, photos) };
}

/** Accuracies are shares of a count of photos, so that the least real difference is far above rounding. */
export function isWithin({ validation, perturbed }: Judged, limits: Limits): boolean {
  return validation.accuracy >= limits.validation - 1e-9 && perturbed >= limits.perturbed - 1e-9;
}

/** Of those within the limits the one with the fewest FLOPs; of equals the one that is better on perturbed photos. Null where none is within them. */
export function lightest<T extends Judged & { readonly flops: number }>(found: readonly T[], limits: Limits): T | null {
  const good = found.filter((one) => isWithin(one, limits));
  return good.sort((a, b) => a.flops - b.flops || b.perturbed - a.perturbed)[0] ?? null;
}

/** In English, for reports. */
export function ruleText({ margin, judge }: Rule): string {
  const count = Number((100 * margin).toPrecision(3));
  const points = `${count} ${count === 1 ? 'point' : 'points'}`;
  const perturbed = judge === 'both' ? ', and with an accuracy on perturbed photos that is lower by no more than that, or than one standard error' : '';
  return `The fewest FLOPs with a validation accuracy within ${points} of the given model's${perturbed}.`;
}
