import { html, nothing } from 'lit';
import { msg } from '@lit/localize';
import { formatInteger, formatMetric } from '../locales/format.js';
import { valueOf, type ChartSeries, type Metric } from './curves.js';

/** Every number of the chart, an epoch a row. */
export function curvesTable(series: readonly ChartSeries[], metric: Metric, title: string) {
  const epochs = [...new Set(series.flatMap(({ history }) => history.map(({ epoch }) => epoch)))].sort((a, b) => a - b);
  const records = series.map(({ history }) => new Map(history.map((record) => [record.epoch, record])));
  const cell = (value: number | undefined, best: boolean) => html`
    <td class="number">${formatMetric(value ?? NaN)}${best ? html` <span class="best">${msg('best', { id: 'chart.best-mark' })}</span>` : nothing}</td>
  `;
  return html`
    <table>
      <caption class="visually-hidden">${title}</caption>
      <thead>
        ${
          series.length > 1
            ? html`<tr><td></td>${series.map(({ name }) => html`<th scope="colgroup" colspan="2">${name}</th>`)}</tr>`
            : nothing
        }
        <tr>
          <th scope="col">${msg('Epoch', { id: 'chart.epoch' })}</th>
          ${series.map(() => html`
            <th scope="col" class="number">${msg('training', { id: 'chart.training' })}</th>
            <th scope="col" class="number">${msg('validation', { id: 'chart.validation' })}</th>
          `)}
        </tr>
      </thead>
      <tbody>
        ${epochs.map((epoch) => html`
          <tr>
            <th scope="row">${formatInteger(epoch)}</th>
            ${series.map(({ bestEpoch }, index) => {
              const record = records[index].get(epoch);
              return [
                cell(record && valueOf(record, metric, 'training'), false),
                cell(record && valueOf(record, metric, 'validation'), epoch === bestEpoch),
              ];
            })}
          </tr>
        `)}
      </tbody>
    </table>
  `;
}
