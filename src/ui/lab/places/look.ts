import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import '../../feature-maps/feature-maps.js';
import type { View } from '../../feature-maps/feature-maps.js';
import { formatInteger } from '../../locales/format.js';
import { resultOf } from '../../support/runs.js';
import { errorNote } from '../../theme/error-note.js';
import { lookProperties } from '../look-properties.js';
import type { Pane } from '../pane.js';
import { namedRuns, type NamedRun } from '../runs.js';
import { hasModel } from '../state.js';
import type { LabStore } from '../store.js';
import type { PlaceContent } from './index.js';

export function render(store: LabStore): PlaceContent {
  const { runs, selected, looking, beside, training, errors, ready } = store.state;
  const choices = namedRuns(runs, selected).filter(({ run }) => hasModel(run) || run.id === training?.run);
  const shown = choices.find(({ run }) => run.id === looking?.run);
  const other = choices.find(({ run }) => run.id === beside?.run);
  const others = choices.filter(({ run }) => run !== shown?.run && hasModel(run));
  return {
    lead: shown ? leadOf(shown, shown.run.id === training?.run, looking?.epoch ?? null) : msg('What each filter of a network answers to a photo.', { id: 'look.lead' }),
    actions: shown
      ? html`
          ${modelChoice(msg('Model', { id: 'look.model' }), choices, shown, (id) => store.look.open(id))}
          ${others.length > 0 || other
            ? html`<label class="choice">${msg('Beside', { id: 'look.beside' })}
                <select @change=${(event: Event) => store.look.beside((event.target as HTMLSelectElement).value || null)}>
                  <option value="" ?selected=${!other}>${msg('none', { id: 'look.beside-none' })}</option>
                  ${others.map(({ run, name }) => html`<option value=${run.id} ?selected=${run === other?.run}>${name}</option>`)}
                </select>
              </label>`
            : nothing}
        `
      : nothing,
    body: html`
      ${errors.look ? errorNote(errors.look) : nothing}
      ${
        shown && looking
          ? html`
              <div class=${other ? 'row' : ''}>
                ${paneOf(store, store.look.main, other ? shown.name : null)} ${other ? paneOf(store, store.look.side, other.name) : nothing}
              </div>
            `
          : ready && choices.length === 0
            ? html`
                <section class="card empty">
                  <p>${msg('There is no model of this dataset to look into yet. Feature maps can be watched from the first step of a training.', { id: 'look.empty' })}</p>
                  <p><a class="button primary" href="#train">${msg('Train one', { id: 'look.train' })}</a></p>
                </section>
              `
            : html`<div class="waiting" aria-busy="true"></div>`
      }
    `,
  };
}

function modelChoice(label: string, choices: readonly NamedRun[], chosen: NamedRun, onChoose: (id: string) => unknown) {
  return html`
    <label class="choice">${label}
      <select @change=${(event: Event) => onChoose((event.target as HTMLSelectElement).value)}>
        ${choices.map(({ run, name }) => html`<option value=${run.id} ?selected=${run.id === chosen.run.id}>${name}</option>`)}
      </select>
    </label>
  `;
}

/** @param name over it where there are two. */
function paneOf(store: LabStore, pane: Pane, name: string | null) {
  const properties = lookProperties(store, pane);
  return html`
    <section aria-label=${name ?? nothing}>
      ${name === null ? nothing : html`<h2 class="look-name">${name}</h2>`}
      <winnow-feature-maps
        .layers=${properties.layers} .layer=${properties.layer} .view=${properties.view} .maps=${properties.maps} .filters=${properties.filters}
        .photo=${properties.photo} .classes=${properties.classes} .epochs=${properties.epochs} .epoch=${properties.epoch} .bestEpoch=${properties.bestEpoch}
        .silence=${properties.silence} .counting=${properties.counting}
        .measures=${properties.measures} .measuring=${properties.measuring} .cam=${properties.cam} .camFailure=${properties.camFailure} .camLayers=${properties.camLayers}
        .live=${properties.live} .busy=${properties.busy}
        @winnow-layer=${(event: CustomEvent<{ layer: string }>) => pane.layer(event.detail.layer)}
        @winnow-photo=${(event: CustomEvent<{ step: 1 | -1 }>) => store.look.photo(event.detail.step)}
        @winnow-view=${(event: CustomEvent<{ view: View }>) => pane.view(event.detail.view)}
        @winnow-channel=${(event: CustomEvent<{ channel: number | null }>) => pane.channel(event.detail.channel)}
        @winnow-epoch=${(event: CustomEvent<{ epoch: number | null }>) => pane.epoch(event.detail.epoch)}
        @winnow-cam=${(event: CustomEvent<{ layer: string; label: number | null }>) => pane.look(event.detail.layer, event.detail.label)}
        @winnow-measure=${() => pane.shown && store.measurer.measure(pane.shown.run, 'look')}
        @winnow-save-layers=${() => pane.shown && store.measurer.save(pane.shown.run)}
        @winnow-lighten=${() => (location.hash = '#lighten')}
      ></winnow-feature-maps>
    </section>
  `;
}

function leadOf({ run, name }: NamedRun, live: boolean, epoch: number | null): string {
  if (live && epoch !== null) return msg(str`${name}, epoch ${formatInteger(epoch)}, as it trains. What each filter answers to this photo.`, { id: 'look.lead-live' });
  if (live) return msg(str`${name}, as it trains. What each filter answers to this photo.`, { id: 'look.lead-starting' });
  const best = resultOf(run)?.bestEpoch;
  return msg(str`${name}, epoch ${best === undefined ? '–' : formatInteger(best)}. What each filter answers to this photo.`, { id: 'look.lead-best' });
}
