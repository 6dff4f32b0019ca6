import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { LayerGraph } from '../../engine/graph/types.js';
import { formatBytes, formatCount, formatInteger, formatRounded, formatSeconds } from '../locales/format.js';
import { countKinds } from '../model-summary/diagram-layout.js';
import { diagramKey, keptDiagram } from '../model-summary/diagram.js';
import type { Sides } from './draft.js';

export interface ArchitectureOption {
  readonly name: string;
  readonly title: string;
  readonly values: readonly number[];
  readonly default: number;
}

/** A network that can be trained, with what it costs for an image. */
export interface ArchitectureChoice {
  readonly id: string;
  readonly title: string;
  /** Where it comes from, in a sentence. */
  readonly paper?: string;
  readonly options?: readonly ArchitectureOption[];
  /** Sides of the input that it takes, pixels. */
  readonly sides?: Sides;
  /** What is drawn. */
  readonly graph?: LayerGraph;
  readonly params: number;
  /** Multiply-accumulates of one forward pass of one image. */
  readonly macs: number;
  /** Predicted peak of GPU memory at the form's batch, where it is known. */
  readonly gpuBytes?: number;
  /** Of one epoch on this GPU, as measured, where it was; 'measuring' while it is. */
  readonly epochSeconds?: number | 'measuring';
}

export interface ArchitectureCardsContext {
  readonly architectures: readonly ArchitectureChoice[];
  readonly chosen: ReadonlySet<string>;
  /** By architecture, then by option. */
  readonly options: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly onChoose: (id: string, chosen: boolean) => void;
  readonly onOption: (id: string, option: string, value: number) => void;
}

/** A card each, to be ticked: one or several may be chosen. */
export function architectureCards(context: ArchitectureCardsContext) {
  const graphs = context.architectures.flatMap(({ graph }) => graph ?? []);
  return html`
    <div class="architectures" role="group" aria-labelledby="architectures">
      <div class="over-cards">
        <h2 id="architectures">${msg('Architectures: train one, or several to compare', { id: 'training.choose' })}</h2>
        ${graphs.length > 0 ? diagramKey(graphs.some((graph) => countKinds(graph).depthwise > 0)) : nothing}
      </div>
      <div class="arch-cards">${context.architectures.map((architecture) => card(architecture, context))}</div>
    </div>
  `;
}

function card(architecture: ArchitectureChoice, { chosen, options, onChoose, onOption }: ArchitectureCardsContext) {
  const { id, title, paper, graph } = architecture;
  const picked = chosen.has(id);
  return html`
    <div class="arch ${picked ? 'chosen' : ''}">
      <label>
        <span class="arch-name">
          <input type="checkbox" name="arch" value=${id} .checked=${picked} aria-describedby="about-${id}" @change=${(event: Event) => onChoose(id, (event.target as HTMLInputElement).checked)} />
          ${title}
        </span>
        ${graph ? html`<span class="drawing">${keptDiagram(graph)}</span>` : nothing}
      </label>
      <div id="about-${id}">
        ${costs(architecture)}
        ${paper ? html`<p class="small muted">${paper}</p>` : nothing}
      </div>
      ${picked ? architecture.options?.map((option) => html`
        <label class="option">${option.title}
          <select @change=${(event: Event) => onOption(id, option.name, Number((event.target as HTMLSelectElement).value))}>
            ${option.values.map((value) => html`<option value=${value} ?selected=${value === (options[id]?.[option.name] ?? option.default)}>${formatRounded(value)}</option>`)}
          </select>
        </label>
      `) : nothing}
    </div>
  `;
}

function costs({ params, macs, gpuBytes, epochSeconds }: ArchitectureChoice) {
  const cost = (value: unknown, what: string) => html`<div><dt>${what}</dt><dd>${value}</dd></div>`;
  return html`
    <dl class="costs">
      ${cost(formatInteger(params), msg('params', { id: 'training.params' }))}
      ${cost(formatCount(macs), msg('MACs an image', { id: 'training.macs' }))}
      ${cost(formatBytes(gpuBytes ?? NaN), msg('GPU memory', { id: 'training.memory' }))}
      ${cost(epochSeconds === 'measuring' ? msg('measuring…', { id: 'training.measuring' }) : formatSeconds(epochSeconds ?? NaN), msg('an epoch', { id: 'training.epoch-time' }))}
    </dl>
  `;
}

export interface MeasureContext {
  readonly architectures: readonly ArchitectureChoice[];
  /** False where nothing can be measured now: a run trains, or there are no photos. */
  readonly possible: boolean;
  readonly onMeasure: () => void;
  readonly onCancel: () => void;
}

/** Time is measured, not guessed: a few steps of each network on this very GPU. */
export function measureLine({ architectures, possible, onMeasure, onCancel }: MeasureContext) {
  const measuring = architectures.find(({ epochSeconds }) => epochSeconds === 'measuring');
  const unknown = architectures.filter(({ epochSeconds }) => epochSeconds === undefined).length;
  if (!measuring && (unknown === 0 || !possible)) return nothing;
  return html`
    <p class="measure">
      ${
        measuring
          ? html`<button type="button" @click=${onCancel}>${msg('Stop measuring', { id: 'training.measure-stop' })}</button>
              <span class="muted">${msg(str`A few steps of ${measuring.title} on this GPU…`, { id: 'training.measure-now' })}</span>`
          : html`<button type="button" @click=${onMeasure}>${msg('Measure the time an epoch', { id: 'training.measure' })}</button>
              <span class="muted">${msg('A few steps of each on this GPU, the chosen ones first. It is remembered.', { id: 'training.measure-what' })}</span>`
      }
    </p>
  `;
}
