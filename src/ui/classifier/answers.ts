import { html, nothing, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import type { Classification, LoadedModel } from '../../workers/contract.js';
import { formatInteger, formatMilliseconds, formatPercent } from '../locales/format.js';

/** The class first, then the most probable as bars, and how long it took. @param most that are listed. */
export function answerList({ top, ms }: Classification, model: LoadedModel, most: number): TemplateResult {
  const rows = top.slice(0, Math.max(1, most));
  const rest = top.length - rows.length;
  return html`
    <p class="best">${rows[0].class} <span class="muted">${formatPercent(rows[0].probability, 1)}</span></p>
    <ol part="answers">
      ${rows.map((row) => html`
        <li>
          <span class="name">${row.class}</span>
          <span class="bar" part="bar" aria-hidden="true"><i .style=${`width: ${row.probability * 100}%`}></i></span>
          <span class="share">${formatPercent(row.probability, 1)}</span>
        </li>
      `)}
    </ol>
    ${rest > 0 ? html`<p class="muted small">${msg(str`and ${formatInteger(rest)} more`, { id: 'classifier.more' })}</p>` : nothing}
    <p class="muted small">${msg(str`${formatMilliseconds(ms)} on ${whereOf(model)}`, { id: 'classifier.timed' })}</p>
  `;
}

function whereOf({ kind, adapter }: LoadedModel): string {
  return kind === 'javascript' ? msg('plain JavaScript', { id: 'classifier.javascript' }) : `${kind === 'webgpu' ? 'WebGPU' : 'WebGL'}, ${adapter}`;
}
