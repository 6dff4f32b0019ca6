import { html, nothing } from 'lit';
import { msg } from '@lit/localize';
import type { Sorting } from './order.js';
import type { View } from './sheet.js';

export interface ToolbarContext {
  readonly view: View;
  readonly sorting: Sorting;
  /** The layer has filters to be shown. */
  readonly kernel: boolean;
  readonly onView: (view: View) => void;
  readonly onSort: (sorting: Sorting) => void;
}

/** What is shown of the layer, and in which order. */
export function toolbar({ view, sorting, kernel, onView, onSort }: ToolbarContext) {
  const toggle = (pressed: boolean, text: string, choose: () => void) => html`<button aria-pressed=${pressed} @click=${choose}>${text}</button>`;
  return html`
    <div class="tools">
      ${kernel
        ? html`<div class="segmented" role="group" aria-label=${msg('Show', { id: 'maps.view' })}>
            ${toggle(view === 'maps', msg('maps', { id: 'maps.view-maps' }), () => onView('maps'))} ${toggle(view === 'filters', msg('filters', { id: 'maps.view-filters' }), () => onView('filters'))}
          </div>`
        : nothing}
      <div class="segmented" role="group" aria-label=${msg('Sort the maps', { id: 'maps.sort' })}>
        ${toggle(sorting === 'activity', view === 'filters' ? msg('by size', { id: 'maps.by-norm' }) : msg('by activity', { id: 'maps.by-activity' }), () => onSort('activity'))}
        ${toggle(sorting === 'index', msg('by index', { id: 'maps.by-index' }), () => onSort('index'))}
      </div>
    </div>
  `;
}
