import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import { isWithin } from '../../engine/comparison/lightest.js';
import { formatBytes, formatCount, formatInteger, formatMetric, formatMilliseconds, formatPercent } from '../locales/format.js';
import { methodText, ruleText } from './texts.js';
import type { Found, LightPoint } from './points.js';

export interface ModelsContext {
  readonly found: Found;
  readonly selected: LightPoint;
  /** A search is under way: what is chosen may change. */
  readonly busy: boolean;
  readonly onSelect: (run: string) => void;
  readonly onLook: (run: string) => void;
  readonly onExport: (run: string) => void;
}

/** The model that is chosen, by the rule or by hand: what it costs beside the given one, and what can be done with it. */
export function choiceCard({ found, selected, busy, onLook, onExport }: ModelsContext) {
  const [given] = found.points;
  const { name, method, costs, bytes, downloadBytes, result, run } = selected;
  const figure = (value: string, what: string, part: number) => html`
    <div class="figure"><b>${value}</b><span>${what}${selected === given ? nothing : html`<br>${msg(str`${formatPercent(part, 1)} of the given`, { id: 'lighten.share-of' })}`}</span></div>
  `;
  return html`
    <section class="card choice" aria-labelledby="choice" part="choice">
      <h2 id="choice">${selected === found.chosen ? msg(str`${name} is the lightest that is still good`, { id: 'lighten.chosen-title' }) : name}</h2>
      <p class="muted">${selected === found.chosen ? ruleText(found.rule) : msg(str`${methodText(method)}, chosen by hand.`, { id: 'lighten.by-hand' })}${busy ? ` ${msg('The search goes on.', { id: 'lighten.goes-on' })}` : ''}</p>
      <div class="figures">
        ${figure(formatInteger(costs.params), msg('params', { id: 'lighten.params' }), costs.params / given.costs.params)}
        ${figure(formatCount(costs.macs), msg('MACs an image', { id: 'lighten.macs' }), costs.macs / given.costs.macs)}
        ${figure(formatBytes(bytes), downloadBytes === null ? msg('weights', { id: 'lighten.bytes' }) : msg(str`weights, ${formatBytes(downloadBytes)} to download`, { id: 'lighten.bytes-download' }), bytes / given.bytes)}
        ${figure(formatMilliseconds(result.latencyMs), msg('an image', { id: 'lighten.latency' }), result.latencyMs / given.result.latencyMs)}
        <div class="figure"><b>${formatMetric(result.validation.accuracy)}</b><span>${msg(str`validation, given ${formatMetric(given.result.validation.accuracy)}`, { id: 'lighten.validation-beside' })}</span></div>
        <div class="figure"><b>${formatMetric(result.test.perturbed.accuracy)}</b><span>${msg(str`perturbed test, given ${formatMetric(given.result.test.perturbed.accuracy)}`, { id: 'lighten.perturbed-beside' })}</span></div>
      </div>
      <p class="buttons">
        <button class="primary" @click=${() => onExport(run.id)}>${msg('Download zip', { id: 'lighten.download' })}</button>
        <button @click=${() => onLook(run.id)}>${msg('Look into it', { id: 'lighten.look-into' })}</button>
        <slot name="next"></slot>
      </p>
    </section>
  `;
}

/** Every model of the search; choosing a row is choosing a point of the curve. */
export function modelsTable({ found, selected, onSelect }: ModelsContext) {
  const { points, limits, chosen, front } = found;
  return html`
    <div class="card">
      <div class="scroll" role="region" aria-labelledby="models" tabindex="0">
        <table part="models">
          <caption id="models">${msg('Models of this search', { id: 'lighten.models' })}</caption>
          <thead>
            <tr>
              <th scope="col">${msg('Model', { id: 'lighten.model' })}</th>
              <th scope="col">${msg('Made', { id: 'lighten.made' })}</th>
              <th scope="col" class="number">${msg('Params', { id: 'lighten.params-column' })}</th>
              <th scope="col" class="number">FLOPs</th>
              <th scope="col" class="number">${msg('Weights', { id: 'lighten.weights-column' })}</th>
              <th scope="col" class="number">${msg('Download', { id: 'lighten.download-column' })}</th>
              <th scope="col" class="number">${msg('An image', { id: 'lighten.latency-column' })}</th>
              <th scope="col" class="number">${msg('GPU memory', { id: 'lighten.memory-column' })}</th>
              <th scope="col" class="number">${msg('Validation', { id: 'lighten.validation-column' })}</th>
              <th scope="col" class="number">${msg('Perturbed test', { id: 'lighten.perturbed-column' })}</th>
              <th scope="col" class="number">${msg('Judged by', { id: 'lighten.judged-column' })}</th>
            </tr>
          </thead>
          <tbody>
            ${points.map((point) => {
              const { name, method, costs, flops, bytes, downloadBytes, result, perturbed, run } = point;
              return html`
                <tr class=${point === selected ? 'selected' : ''}>
                  <th scope="row">
                    <button class="bare" aria-pressed=${point === selected} @click=${() => onSelect(run.id)}>${name}</button>
                    ${front.has(point) ? html`<span class="mark-front">${msg('on the front', { id: 'lighten.mark-front' })}</span>` : nothing}
                    ${point === chosen ? html`<span class="mark-chosen">${msg('lightest good one', { id: 'lighten.mark-chosen' })}</span>` : nothing}
                  </th>
                  <td>${methodText(method)}</td>
                  <td class="number">${formatInteger(costs.params)}</td>
                  <td class="number">${formatCount(flops)}</td>
                  <td class="number">${formatBytes(bytes)}</td>
                  <td class="number">${formatBytes(downloadBytes ?? NaN)}</td>
                  <td class="number">${formatMilliseconds(result.latencyMs)}</td>
                  <td class="number">${formatBytes(result.peakGpuBytes)}</td>
                  <td class="number">${formatMetric(result.validation.accuracy)}</td>
                  <td class="number">${formatMetric(result.test.perturbed.accuracy)}</td>
                  <td class="number">${formatMetric(perturbed)}${isWithin(point, limits) ? nothing : html`<span class="under"> ▾<span class="visually-hidden">${msg('not good enough', { id: 'lighten.not-good' })}</span></span>`}</td>
                </tr>
              `;
            })}
          </tbody>
        </table>
      </div>
      <p class="muted small">${msg('Judged by: accuracy on validation photos that were perturbed by other draws than the perturbed test, so that the test stays out of the choice. On the front: no other model is at least as good in perturbed accuracy, weights, MACs, time an image and GPU memory.', { id: 'lighten.judged-means' })}</p>
    </div>
  `;
}
