import { html, type TemplateResult } from 'lit';
import type { ErrorData } from '../../engine/support/errors.js';
import { describeError } from '../locales/errors.js';

/** What went wrong and what to do about it, spoken at once; needs the `cards` styles. */
export function errorNote(error: ErrorData): TemplateResult {
  const { what, remedy } = describeError(error);
  return html`<div class="note failure" role="alert" part="error"><strong>${what}</strong> ${remedy}</div>`;
}
