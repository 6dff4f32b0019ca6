import { css, html, nothing, svg, type TemplateResult } from 'lit';
import { guard } from 'lit/directives/guard.js';
import { msg, str } from '@lit/localize';
import type { LayerGraph } from '../../engine/graph/types.js';
import { formatInteger } from '../locales/format.js';
import { countKinds, layDiagram, type BlockKind } from './diagram-layout.js';

/** The drawing of a network, its kinds of layers in words as its name; needs {@link diagramStyles}. */
export function diagram(graph: LayerGraph): TemplateResult {
  const { width, height, blocks, modules } = layDiagram(graph);
  return html`
    <svg class="diagram" role="img" aria-label=${kindsText(graph)} width=${width} height=${height} viewBox="0 0 ${width} ${height}">
      <line x1="0" x2=${width} y1=${height / 2} y2=${height / 2}></line>
      ${modules.map((box) => svg`<rect class="module" x=${box.x} y=${box.y} width=${box.width} height=${box.height} rx="3"></rect>`)}
      ${blocks.map(({ kind, ...box }) => svg`<rect class=${kind} x=${box.x} y=${box.y} width=${box.width} height=${box.height} rx="1"></rect>`)}
    </svg>
  `;
}

/** As {@link diagram}, laid out anew only for another graph. */
export const keptDiagram = (graph: LayerGraph) => guard([graph], () => diagram(graph));

/** What the colours of one drawing mean. */
export const keyOf = (graph: LayerGraph) => diagramKey(countKinds(graph).depthwise > 0);

/** 13 convolutions, 5 poolings, 3 dense. */
function kindsText(graph: LayerGraph): string {
  const { conv, depthwise, pool, dense } = countKinds(graph);
  return [
    conv > 0 ? msg(str`${formatInteger(conv)} conv`, { id: 'diagram.conv' }) : '',
    depthwise > 0 ? msg(str`${formatInteger(depthwise)} depthwise`, { id: 'diagram.depthwise' }) : '',
    pool > 0 ? msg(str`${formatInteger(pool)} pool`, { id: 'diagram.pool' }) : '',
    dense > 0 ? msg(str`${formatInteger(dense)} dense`, { id: 'diagram.dense' }) : '',
  ].filter(Boolean).join(' · ');
}

/** What the colours and the sizes mean. */
export function diagramKey(withDepthwise: boolean): TemplateResult {
  const key = (kind: BlockKind, text: string) => html`<li><svg class="diagram" width="9" height="12" viewBox="0 0 9 12" aria-hidden="true"><rect class=${kind} x="1" y="1" width=${kind === 'pool' ? 3 : 7} height="10" rx="1"></rect></svg>${text}</li>`;
  return html`
    <ul class="diagram-key">
      ${key('conv', msg('convolution', { id: 'diagram.key-conv' }))}
      ${withDepthwise ? key('depthwise', msg('depthwise', { id: 'diagram.key-depthwise' })) : nothing}
      ${key('pool', msg('pooling', { id: 'diagram.key-pool' }))}
      ${key('dense', msg('dense', { id: 'diagram.key-dense' }))}
      ${key('output', msg('classes', { id: 'diagram.key-output' }))}
      <li>${msg('height: rows of a map · width: channels', { id: 'diagram.key-size' })}</li>
    </ul>
  `;
}

export const diagramStyles = css`
  .diagram {
    display: block;
    max-width: 100%;
    overflow: visible;
  }
  .diagram line {
    stroke: var(--_control);
    stroke-width: 1;
  }
  .diagram .module {
    fill: var(--_card);
    stroke: var(--_control);
    stroke-width: 0.75;
  }
  .diagram .input {
    fill: var(--_card);
    stroke: var(--_muted);
    stroke-width: 1;
  }
  .diagram .conv {
    fill: var(--_series-1);
  }
  .diagram .depthwise {
    fill: var(--_card);
    stroke: var(--_series-1);
    stroke-width: 1.25;
  }
  .diagram .pool {
    fill: var(--_series-5);
  }
  .diagram .dense {
    fill: var(--_series-3);
  }
  .diagram .output {
    fill: var(--_highlight);
  }
  .diagram-key {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 14px;
    color: var(--_muted);
    font-size: var(--_small);
  }
  .diagram-key li {
    display: inline-flex;
    align-items: center;
    gap: 5px;
  }
`;
