import type { ModelCard } from './card.js';

/** What a model cannot do, as far as its card tells; each consumer has the words for it. */
export type Limit =
  /** It names one of its classes whatever it is shown. */
  | { readonly kind: 'closed-set'; readonly classes: number }
  /** It has seen drawn photos only. */
  | { readonly kind: 'synthetic' }
  /** No photos were set aside that had no part in choosing the epoch. */
  | { readonly kind: 'no-test' }
  /** Photos that are turned, shifted, zoomed or changed in contrast are told apart much worse. */
  | { readonly kind: 'fragile'; readonly accuracy: number; readonly perturbed: number }
  /** Another program trained it on, and has not measured it on changed photos. */
  | { readonly kind: 'continued'; readonly with: string };

/** Points of accuracy that changed photos may cost before it is a limit. */
const FRAGILE = 0.05;

export function cardLimits({ classes, dataset, metrics, continued }: ModelCard): Limit[] {
  const { test, validation } = metrics;
  const accuracy = test.perturbed.of === 'test' && test.accuracy !== null ? test.accuracy : validation.accuracy;
  const perturbed = test.perturbed.accuracy;
  return [
    { kind: 'closed-set', classes: classes.length },
    ...(dataset.synthetic ? [{ kind: 'synthetic' } as const] : []),
    ...(test.accuracy === null ? [{ kind: 'no-test' } as const] : []),
    ...(continued ? [{ kind: 'continued', with: continued.with } as const] : []),
    ...(!continued && accuracy - perturbed > FRAGILE ? [{ kind: 'fragile', accuracy, perturbed } as const] : []),
  ];
}
