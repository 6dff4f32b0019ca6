import { html, nothing } from 'lit';
import { msg } from '@lit/localize';
import type { ArchitectureOption } from '../../engine/architectures/architecture.js';
import { formatBytes, formatCount, formatInteger, formatRounded } from '../locales/format.js';
import type { Sides } from './draft.js';

/** An architecture that can be chosen, with what it costs at the settings' size and the dataset's classes. */
export interface ArchitectureChoice {
  readonly id: string;
  readonly title: string;
  /** Where it comes from, in a sentence. */
  readonly paper?: string;
  readonly options?: readonly ArchitectureOption[];
  /** Sides of the input that it takes, pixels. */
  readonly sides?: Sides;
  readonly params: number;
  /** One forward pass of one image. */
  readonly flops: number;
  /** Of all convolutions. */
  readonly filters?: number;
  /** Predicted peak of GPU memory, where it is known. */
  readonly gpuBytes?: number;
}

export interface ArchitectureListContext {
  readonly architectures: readonly ArchitectureChoice[];
  readonly chosen: ReadonlySet<string>;
  /** By architecture, then by option. */
  readonly options: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly onChoose: (id: string, chosen: boolean) => void;
  readonly onOption: (id: string, option: string, value: number) => void;
}

/** A table of checkboxes: one or several may be chosen. */
export function architectureList({ architectures, chosen, options, onChoose, onOption }: ArchitectureListContext) {
  const withFilters = architectures.some(({ filters }) => filters !== undefined);
  const withMemory = architectures.some(({ gpuBytes }) => gpuBytes !== undefined);
  return html`
    <div class="scroll" role="region" aria-labelledby="architectures" tabindex="0">
      <table class="architectures">
        <caption id="architectures">${msg('Architectures', { id: 'training.architectures' })}</caption>
        <thead>
          <tr>
            <th scope="col">${msg('Train one, or several to compare', { id: 'training.choose' })}</th>
            <th scope="col" class="number">${msg('Params', { id: 'training.params' })}</th>
            <th scope="col" class="number">${msg('FLOPs', { id: 'training.flops' })}</th>
            ${withFilters ? html`<th scope="col" class="number">${msg('Filters', { id: 'training.filters' })}</th>` : nothing}
            ${withMemory ? html`<th scope="col" class="number">${msg('GPU memory', { id: 'training.memory' })}</th>` : nothing}
          </tr>
        </thead>
        <tbody>
          ${architectures.map((architecture) => html`
            <tr class=${chosen.has(architecture.id) ? 'chosen' : ''}>
              <th scope="row">
                <label>
                  <input type="checkbox" name="arch" value=${architecture.id} .checked=${chosen.has(architecture.id)} @change=${(event: Event) => onChoose(architecture.id, (event.target as HTMLInputElement).checked)} />
                  <span>${architecture.title}${architecture.paper ? html`<small>${architecture.paper}</small>` : nothing}</span>
                </label>
                ${chosen.has(architecture.id) ? architecture.options?.map((option) => html`
                  <label class="option">${option.title}
                    <select @change=${(event: Event) => onOption(architecture.id, option.name, Number((event.target as HTMLSelectElement).value))}>
                      ${option.values.map((value) => html`<option value=${value} ?selected=${value === (options[architecture.id]?.[option.name] ?? option.default)}>${formatRounded(value)}</option>`)}
                    </select>
                  </label>
                `) : nothing}
              </th>
              <td class="number">${formatInteger(architecture.params)}</td>
              <td class="number">${formatCount(architecture.flops)}</td>
              ${withFilters ? html`<td class="number">${formatInteger(architecture.filters ?? NaN)}</td>` : nothing}
              ${withMemory ? html`<td class="number">${formatBytes(architecture.gpuBytes ?? NaN)}</td>` : nothing}
            </tr>
          `)}
        </tbody>
      </table>
    </div>
  `;
}
