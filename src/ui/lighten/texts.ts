import { msg, str } from '@lit/localize';
import type { Rule } from '../../engine/comparison/lightest.js';
import { formatRounded, plural } from '../locales/format.js';
import type { LightPoint } from './points.js';

/** What a method did, in a word or two. */
export function methodText(method: LightPoint['method']): string {
  switch (method) {
    case 'given':
      return msg('given', { id: 'lighten.method-given' });
    case 'prune':
      return msg('pruned', { id: 'lighten.method-prune' });
    case 'random':
      return msg('pruned by chance', { id: 'lighten.method-random' });
    case 'scratch':
      return msg('from scratch', { id: 'lighten.method-scratch' });
    case 'distil':
      return msg('distilled', { id: 'lighten.method-distil' });
    case 'hand':
      return msg('shape by hand', { id: 'lighten.method-hand' });
    case 'quantise':
      return msg('quantised', { id: 'lighten.method-quantise' });
  }
}

export function ruleText({ margin, judge }: Pick<Rule, 'margin' | 'judge'>): string {
  const count = Number((100 * margin).toPrecision(3));
  const points = plural(count, { one: () => msg('1 point', { id: 'lighten.point' }), other: () => msg(str`${formatRounded(count)} points`, { id: 'lighten.points' }) });
  return judge === 'both'
    ? msg(str`The fewest FLOPs with a validation accuracy within ${points} of the given model's, and an accuracy on perturbed photos that is lower by no more than that, or than one standard error.`, { id: 'lighten.rule-both' })
    : msg(str`The fewest FLOPs with a validation accuracy within ${points} of the given model's.`, { id: 'lighten.rule-validation' });
}
