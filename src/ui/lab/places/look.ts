import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { Shape } from '../../../engine/graph/types.js';
import type { RunRecord } from '../../../engine/storage/records.js';
import '../../feature-maps/feature-maps.js';
import { formatInteger } from '../../locales/format.js';
import { errorNote } from '../../theme/error-note.js';
import { layersOf } from '../layers.js';
import { namedRuns, type NamedRun } from '../runs.js';
import { hasModel } from '../state.js';
import type { LabStore } from '../store.js';
import type { PlaceContent } from './index.js';

export function render(store: LabStore): PlaceContent {
  const { runs, selected, looking, training, errors, ready } = store.state;
  const choices = namedRuns(runs, selected).filter(({ run }) => hasModel(run) || run.id === training?.run);
  const shown = choices.find(({ run }) => run.id === looking?.run);
  const live = shown !== undefined && shown.run.id === training?.run;
  return {
    lead: shown ? leadOf(shown, live, looking?.epoch ?? null) : msg('What each filter of a network answers to a photo.', { id: 'look.lead' }),
    actions: shown
      ? html`
          <label class="choice">${msg('Model', { id: 'look.model' })}
            <select @change=${(event: Event) => store.look.open((event.target as HTMLSelectElement).value)}>
              ${choices.map(({ run, name }) => html`<option value=${run.id} ?selected=${run.id === shown.run.id}>${name}</option>`)}
            </select>
          </label>
        `
      : nothing,
    body: html`
      ${errors.look ? errorNote(errors.look) : nothing}
      ${
        shown && looking
          ? html`
              <winnow-feature-maps
                .layers=${layers(shown.run)}
                .layer=${looking.layer}
                .maps=${looking.maps}
                .photo=${looking.photo}
                .classes=${shown.run.classes}
                .live=${live}
                .busy=${looking.busy}
                @winnow-layer=${(event: CustomEvent<{ layer: string }>) => store.look.layer(event.detail.layer)}
                @winnow-photo=${(event: CustomEvent<{ step: 1 | -1 }>) => store.look.photo(event.detail.step)}
              ></winnow-feature-maps>
            `
          : ready && choices.length === 0
            ? html`
                <section class="card empty">
                  <p>${msg('There is no model of this dataset to look into yet. Feature maps can be watched from the first step of a training.', { id: 'look.empty' })}</p>
                  <p><a class="button" href="#train">${msg('Train one', { id: 'look.train' })}</a></p>
                </section>
              `
            : html`<div class="waiting" aria-busy="true"></div>`
      }
    `,
  };
}

function leadOf({ run, name }: NamedRun, live: boolean, epoch: number | null): string {
  if (live && epoch !== null) return msg(str`${name}, epoch ${formatInteger(epoch)}, as it trains. What each filter answers to this photo.`, { id: 'look.lead-live' });
  if (live) return msg(str`${name}, as it trains. What each filter answers to this photo.`, { id: 'look.lead-starting' });
  const best = run.state.kind === 'done' || run.state.kind === 'stopped' ? run.state.result?.bestEpoch : undefined;
  return msg(str`${name}, epoch ${best === undefined ? '–' : formatInteger(best)}. What each filter answers to this photo.`, { id: 'look.lead-best' });
}

const known = new Map<string, { name: string; shape: Shape }[]>();

/** Kept by run, so that the element sees a new list only for a new run. */
function layers(run: RunRecord): { name: string; shape: Shape }[] {
  let list = known.get(run.id);
  if (!list) known.set(run.id, (list = layersOf(run)));
  return list;
}
