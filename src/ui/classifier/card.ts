import { html, nothing, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import type { ModelCard } from '../../engine/exchange/card.js';
import { cardLimits, type Limit } from '../../engine/exchange/limits.js';
import { formatDay, formatInteger, formatMilliseconds, formatPercent, formatRounded } from '../locales/format.js';

/** A model's card: what it was trained on and how, its numbers, its limits. */
export function modelCard(card: ModelCard): TemplateResult {
  const { settings, dataset, metrics, speed } = card;
  const fact = (name: string, value: string | null) => (value === null ? nothing : html`<div><dt>${name}</dt><dd>${value}</dd></div>`);
  const share = (accuracy: number | null) => (accuracy === null ? null : formatPercent(accuracy, 1));
  return html`
    <dl class="facts" part="card">
      ${fact(msg('Network', { id: 'classifier.network' }), card.arch)}
      ${fact(msg('Trained on', { id: 'classifier.trained-on' }), dataset.images === null ? dataset.name : msg(str`${dataset.name}, ${formatInteger(dataset.images)} photos`, { id: 'classifier.photos-of' }))}
      ${fact(msg('Trained', { id: 'classifier.trained' }), formatDay(card.created))}
      ${fact(msg('How', { id: 'classifier.how' }), msg(str`epoch ${metrics.bestEpoch} kept, batch ${settings.batch}, ${settings.size} × ${settings.size} pixels, seed ${settings.seed}`, { id: 'classifier.settings' }))}
      ${fact(msg('Validation accuracy', { id: 'classifier.validation' }), share(metrics.validation.accuracy))}
      ${fact(msg('Test accuracy', { id: 'classifier.test' }), share(metrics.test.accuracy))}
      ${fact(msg('On changed photos', { id: 'classifier.perturbed' }), share(metrics.test.perturbed.accuracy))}
      ${fact(msg('Speed where it was trained', { id: 'classifier.speed' }), speed && speedText(speed.latencyMs, speed.imagesPerSecond, speed.adapter))}
      ${fact(msg('Written by', { id: 'classifier.program' }), `Winnow ${card.winnow}`)}
    </dl>
    <ul class="limits">
      ${cardLimits(card).map((limit) => html`<li>${limitText(limit)}</li>`)}
    </ul>
  `;
}

export function speedText(latencyMs: number, imagesPerSecond: number | null, adapter: string): string {
  return imagesPerSecond === null
    ? msg(str`${formatMilliseconds(latencyMs)} a photo, ${adapter}`, { id: 'classifier.latency-on' })
    : msg(str`${formatMilliseconds(latencyMs)} a photo, ${formatRounded(imagesPerSecond)} photos a second, ${adapter}`, { id: 'classifier.speed-on' });
}

function limitText(limit: Limit): string {
  switch (limit.kind) {
    case 'closed-set': return msg(str`It answers with one of its ${formatInteger(limit.classes)} classes, whatever the photo shows.`, { id: 'classifier.limit-closed' });
    case 'synthetic': return msg('It was trained on drawn photos, not on real ones.', { id: 'classifier.limit-synthetic' });
    case 'no-test': return msg('No photos were set aside for a test: the validation photos also chose the epoch.', { id: 'classifier.limit-no-test' });
    case 'fragile': return msg(str`Turned, shifted or zoomed photos are harder for it: ${formatPercent(limit.perturbed, 1)} right in place of ${formatPercent(limit.accuracy, 1)}.`, { id: 'classifier.limit-fragile' });
    case 'continued': return msg(str`It was trained on with ${limit.with}; its accuracy on changed photos was measured before that.`, { id: 'classifier.limit-continued' });
  }
}
