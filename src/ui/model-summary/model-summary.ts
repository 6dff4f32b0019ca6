import { LitElement, html, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { msg, str, updateWhenLocaleChanges } from '@lit/localize';
import { graphCosts } from '../../engine/graph/costs.js';
import { formatBytes, summaryRows, type SummaryRow } from '../../engine/graph/summary.js';
import type { LayerGraph } from '../../engine/graph/types.js';
import { formatCount, formatInteger } from '../locales/format.js';
import { standsAlone } from '../session/alone.js';
import { keptDiagram, keyOf } from './diagram.js';
import { styles } from './styles.js';

/**
 * The network drawn, and the table of Keras's `model.summary()` for a layer graph: its columns, its row order, its totals; and what an image costs.
 * A block (an inception module) is one row. Where every layer follows the one above, the column of connections is left out.
 *
 * @csspart table - The table.
 * @cssproperty --winnow-rule - Colour of the lines between rows.
 */
@customElement('winnow-model-summary')
@standsAlone
export class WinnowModelSummary extends LitElement {
  static override styles = styles;

  /** Title of the model, shown above the table. */
  @property() name = '';
  /** The network. */
  @property({ attribute: false }) graph: LayerGraph | null = null;

  constructor() {
    super();
    updateWhenLocaleChanges(this);
  }

  override render() {
    if (!this.graph) return html`<p class="empty">${msg('No architecture is chosen.', { id: 'summary.empty' })}</p>`;
    const rows = summaryRows(this.graph);
    const branches = rows.some(({ connectedTo }) => connectedTo.length > 0);
    const [height, width, channels] = this.graph.input;
    return html`
      <h2 id="title">${msg(str`${this.name}, layer by layer`, { id: 'summary.title' })}</h2>
      <p class="muted small">${msg(str`Input ${height} × ${width} × ${channels}, ${formatInteger(this.graph.classes)} classes`, { id: 'summary.input' })}</p>
      <div class="drawing">${keptDiagram(this.graph)} ${keyOf(this.graph)}</div>
      <div class="scroll" tabindex="0" role="region" aria-labelledby="title">
        <table part="table" aria-labelledby="title">
          <thead>
            <tr>
              <th scope="col">Layer <span class="type">(type)</span></th>
              <th scope="col">Output Shape</th>
              <th scope="col" class="number">Param #</th>
              ${branches ? html`<th scope="col">Connected to</th>` : nothing}
            </tr>
          </thead>
          <tbody>
            ${rows.map((row) => this.row(row, branches))}
          </tbody>
        </table>
      </div>
      ${this.totals(this.graph)}
    `;
  }

  private row({ name, type, shape, costs, connectedTo }: SummaryRow, branches: boolean) {
    return html`
      <tr>
        <th scope="row">${name} <span class="type">(${type})</span></th>
        <td class="shape">(None, ${shape.join(', ')})</td>
        <td class="number">${formatInteger(costs.params)}</td>
        ${branches ? html`<td class="connected">${connectedTo.join(', ')}</td>` : nothing}
      </tr>
    `;
  }

  private totals(graph: LayerGraph) {
    const costs = graphCosts(graph);
    const weights = (params: number) => html`${formatInteger(params)} <span class="muted">(${formatBytes(params * 4)})</span>`;
    return html`
      <dl class="facts">
        <div><dt>${msg('Total params', { id: 'summary.params' })}</dt><dd>${weights(costs.params)}</dd></div>
        <div><dt>${msg('Trainable params', { id: 'summary.trainable' })}</dt><dd>${weights(costs.trainableParams)}</dd></div>
        <div><dt>${msg('Non-trainable params', { id: 'summary.frozen' })}</dt><dd>${weights(costs.nonTrainableParams)}</dd></div>
        <div><dt>${msg('MACs an image', { id: 'summary.macs' })}</dt><dd>${formatCount(costs.macs)}</dd></div>
        <div><dt>${msg('FLOPs an image', { id: 'summary.flops' })}</dt><dd>${formatCount(costs.flops)}</dd></div>
        <div><dt>${msg('Filters', { id: 'summary.filters' })}</dt><dd>${formatInteger(costs.filters)}</dd></div>
      </dl>
    `;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'winnow-model-summary': WinnowModelSummary;
  }
}
