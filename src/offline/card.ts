import type { ModelCard } from '../engine/exchange/card.js';
import { cardLimits } from '../engine/exchange/limits.js';
import { element } from './dom.js';
import type { Language, Words } from './words.js';

/** The model's card: what it was trained on and how, its numbers, its limits. */
export function renderCard(card: ModelCard, say: Words, language: Language): HTMLElement {
  const { settings, dataset, metrics, speed } = card;
  const number = new Intl.NumberFormat(language);
  const share = new Intl.NumberFormat(language, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const rounded = new Intl.NumberFormat(language, { maximumSignificantDigits: 3 });
  const fact = (name: string, value: string | null) => (value === null ? [] : [element('div', {}, element('dt', { textContent: name }), element('dd', { textContent: value }))]);
  const percent = (accuracy: number | null) => (accuracy === null ? null : share.format(accuracy));
  return element('section', { className: 'card' },
    element('h2', { textContent: say.card }),
    element('dl', {},
      ...fact(say.network, card.arch),
      ...fact(say.trainedOn, dataset.images === null ? dataset.name : `${dataset.name}, ${say.images(number.format(dataset.images))}`),
      ...fact(say.trained, new Intl.DateTimeFormat(language, { dateStyle: 'medium' }).format(new Date(card.created))),
      ...fact(say.with, say.how(metrics.bestEpoch, settings.batch, settings.size, settings.seed)),
      ...fact(say.validation, percent(metrics.validation.accuracy)),
      ...fact(say.test, percent(metrics.test.accuracy)),
      ...fact(say.perturbed, percent(metrics.test.perturbed.accuracy)),
      ...fact(say.speed, speed && say.fast(rounded.format(speed.latencyMs), speed.imagesPerSecond === null ? null : rounded.format(speed.imagesPerSecond), speed.adapter)),
      ...fact(say.preparation, say.prepared(settings.size)),
      ...fact(say.program, `Winnow ${card.winnow}`),
    ),
    element('h3', { textContent: say.limits }),
    element('ul', {}, ...cardLimits(card).map((limit) => element('li', { textContent: say.limit(limit) }))),
  );
}
