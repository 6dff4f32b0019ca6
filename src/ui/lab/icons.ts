import { html, svg, type TemplateResult } from 'lit';
import type { Place } from './state.js';

const draw = (path: TemplateResult<2>): TemplateResult =>
  html`<svg viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${path}</svg>`;

export const lock = draw(svg`<path d="M3.5 7.5h9v6h-9zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5" />`);

export const icons: Readonly<Record<Place, TemplateResult>> = {
  data: draw(svg`<path d="M2 4h12M2 8h12M2 12h8" />`),
  train: draw(svg`<path d="M1.5 12.5 5.5 7l3 3 6-7" />`),
  look: draw(svg`<path d="M2.5 2.5h4.2v4.2H2.5zM9.3 2.5h4.2v4.2H9.3zM2.5 9.3h4.2v4.2H2.5zM9.3 9.3h4.2v4.2H9.3z" />`),
  compare: draw(svg`<path d="M3 13.5v-6M8 13.5v-11M13 13.5v-8" />`),
  lighten: draw(svg`<path d="M2 8h12M9.5 3.5 14 8l-4.5 4.5" />`),
  use: draw(svg`<path d="m2.5 8.5 4 4 7-9" />`),
};
