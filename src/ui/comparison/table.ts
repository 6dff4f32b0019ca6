import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import { formatInteger } from '../locales/format.js';
import { describeError } from '../locales/errors.js';
import { columnsOf, sortModels, type Column, type ColumnId, type Sorting } from './columns.js';
import { frontOf, type Model } from './models.js';

export interface TableContext {
  readonly models: readonly Model[];
  readonly chosen: Model | null;
  readonly floor: number;
  readonly sorting: Sorting;
  readonly onSort: (column: ColumnId) => void;
  readonly onLook: (run: string) => void;
  readonly onExport: (run: string) => void;
  readonly onDelete: (model: Model) => void;
  /** Null where there is nothing to report yet. */
  readonly onReport: ((format: ReportFormat) => void) | null;
}

export type ReportFormat = 'html' | 'csv' | 'json';

/** Every run, with its costs beside what it reached; sorts by any column. */
export function modelsTable(context: TableContext) {
  const { models, sorting, onSort, onReport } = context;
  const onFront = frontOf(models);
  const header = (id: ColumnId, title: string, className: string) => html`
    <th scope="col" class=${className} aria-sort=${sorting.column === id ? (sorting.descending ? 'descending' : 'ascending') : nothing}>
      <button class="bare" @click=${() => onSort(id)}>${title}<span class="arrow" aria-hidden="true">${sorting.column === id ? (sorting.descending ? '↓' : '↑') : ''}</span></button>
    </th>
  `;
  return html`
    <header>
      <h2 id="runs">${msg('Runs', { id: 'comparison.runs' })}</h2>
      ${onReport
        ? html`<div class="downloads">
            <button @click=${() => onReport('html')}>${msg('Report', { id: 'comparison.report' })}</button>
            <button @click=${() => onReport('csv')}>CSV</button>
            <button @click=${() => onReport('json')}>JSON</button>
          </div>`
        : nothing}
    </header>
    <div class="scroll" role="region" aria-labelledby="runs" tabindex="0">
      <table part="table" aria-labelledby="runs">
        <thead>
          <tr>
            ${header('model', msg('Model', { id: 'comparison.model' }), 'name')}
            ${columnsOf(models).map(({ id, title }) => header(id, title(), 'number'))}
            <th scope="col" class="actions"><span class="visually-hidden">${msg('Actions', { id: 'comparison.actions' })}</span></th>
          </tr>
        </thead>
        <tbody>${sortModels(models, sorting).map((model) => row(model, onFront.has(model), context))}</tbody>
      </table>
    </div>
    ${onFront.size > 0 ? html`<p class="muted small">${msg('On the front: no other model is at least as good in perturbed accuracy, weights, MACs, time an image and GPU memory.', { id: 'comparison.front-means' })}</p>` : nothing}
  `;
}

function row(model: Model, onFront: boolean, { models, chosen, floor, onLook, onExport, onDelete }: TableContext) {
  const { run, title, result } = model;
  return html`
    <tr class=${model === chosen ? 'chosen' : ''}>
      <th scope="row" class="name">
        <span class="title">${title}</span>${model === chosen ? html` <span class="mark">${msg('chosen', { id: 'comparison.chosen' })}</span>` : nothing}
        ${onFront ? html`<small class="muted">${msg('on the front', { id: 'comparison.on-front' })}</small>` : nothing}
        ${model.madeOf === null ? nothing : html`<small class="muted">${msg(str`made of ${model.madeOf}`, { id: 'comparison.made-of' })}</small>`}
        ${result && run.state.kind === 'done' ? nothing : html`<small class=${run.state.kind === 'failed' ? 'failed' : 'muted'}>${stateText(model)}</small>`}
      </th>
      ${columnsOf(models).map((column) => cell(model, column, floor))}
      <td class="actions">
        ${result ? html`
          <button class="bare" aria-label=${msg(str`Look into ${title}`, { id: 'comparison.look-named' })} @click=${() => onLook(run.id)}>${msg('Look', { id: 'comparison.look' })}</button>
          <button class="bare" aria-label=${msg(str`Export ${title}`, { id: 'comparison.export-named' })} @click=${() => onExport(run.id)}>${msg('Export', { id: 'comparison.export' })}</button>
        ` : nothing}
        ${run.state.kind === 'running' || run.state.kind === 'paused' ? nothing : html`
          <button class="bare" aria-label=${msg(str`Delete ${title}`, { id: 'comparison.delete-named' })} @click=${() => onDelete(model)}>${msg('Delete', { id: 'comparison.delete' })}</button>
        `}
      </td>
    </tr>
  `;
}

function cell(model: Model, { id, value, format, detail }: Column, floor: number) {
  const number = value(model);
  const under = id === 'perturbed' && number < floor;
  return html`
    <td class="number ${id}">
      ${under
        ? html`<b class="under">${format(number)}<span class="visually-hidden"> ${msg('under the floor', { id: 'comparison.under' })}</span><span aria-hidden="true"> ▾</span></b>`
        : html`<b>${format(number)}</b>`}
      ${detail ? html`<small class="muted">${detail(model)}</small>` : nothing}
    </td>
  `;
}

function stateText({ run: { state, history, settings } }: Model): string {
  switch (state.kind) {
    case 'running':
      return msg(str`training, ${formatInteger(history.length)} of ${formatInteger(settings.epochs)} epochs`, { id: 'comparison.running' });
    case 'paused':
      return msg(str`paused after ${formatInteger(history.length)} epochs`, { id: 'comparison.paused' });
    case 'interrupted':
      return msg(str`interrupted after ${formatInteger(history.length)} epochs`, { id: 'comparison.interrupted' });
    case 'failed':
      return msg(str`failed: ${describeError(state.error).what}`, { id: 'comparison.failed' });
    case 'stopped':
      return state.result ? msg('stopped by hand', { id: 'comparison.stopped' }) : msg('stopped before its first epoch ended', { id: 'comparison.stopped-empty' });
    case 'done':
      return '';
  }
}
