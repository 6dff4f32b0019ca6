import { html, nothing } from 'lit';
import { msg } from '@lit/localize';
import type { RunRecord } from '../../../engine/storage/records.js';
import type { LightenChoice } from '../../lighten/lighten.js';
import type { Options } from '../../lighten/options-form.js';
import '../../lighten/lighten.js';
import { latest } from '../latest.js';
import { canBeLightened } from '../lightener.js';
import { lookInto, namedRuns, saveModel } from '../runs.js';
import type { LabStore } from '../store.js';
import type { PlaceContent } from './index.js';

export function render(store: LabStore): PlaceContent {
  const { runs, selected, training, lightening, measured, errors, ready } = store.state;
  const choices = choicesOf(runs, selected);
  const origin = choices.find(({ run }) => run === lightening.origin) ?? choices.at(-1);
  return {
    lead: msg('A trained model, made smaller without losing what it knows.', { id: 'lighten.lead' }),
    actions: nothing,
    body: html`
      ${
        origin
          ? html`
              <winnow-lighten
                .runs=${runs}
                .choices=${choices}
                .origin=${origin.run}
                .work=${lightening.work}
                .result=${lightening.result}
                .layers=${measured.layers.get(origin.run) ?? null}
                .measuring=${measured.measuring !== null}
                .occupied=${training !== null}
                .error=${errors.lighten ?? null}
                @winnow-origin=${(event: CustomEvent<{ run: string }>) => store.lighten.choose(event.detail.run)}
                @winnow-lighten=${(event: CustomEvent<{ run: string; options: Options }>) => store.lighten.begin(event.detail.run, event.detail.options)}
                @winnow-pause=${() => store.lighten.pause()}
                @winnow-resume=${() => store.lighten.resume()}
                @winnow-stop=${() => store.lighten.stop()}
                @winnow-measure=${(event: CustomEvent<{ run: string }>) => store.measurer.measure(event.detail.run, 'lighten')}
                @winnow-save-layers=${(event: CustomEvent<{ run: string }>) => store.measurer.save(event.detail.run)}
                @winnow-look=${(event: CustomEvent<{ run: string }>) => lookInto(store, event.detail.run)}
                @winnow-export=${(event: CustomEvent<{ run: string }>) => saveModel(store, event.detail.run)}
              >
                <a slot="next" class="button" href="#compare">${msg('Compare', { id: 'lighten.compare' })}</a>
              </winnow-lighten>
            `
          : ready
            ? html`
                <section class="card empty">
                  <p>${training?.queued.dataset === selected
                    ? msg('The first model of this dataset is being trained; it can be made lighter when that has ended.', { id: 'lighten.empty-training' })
                    : msg('There is no trained model of this dataset yet. The larger the model, the more there is to take out.', { id: 'lighten.empty' })}</p>
                  <p>${training ? html`<a class="button" href="#train">${msg('To the training', { id: 'lighten.to-training' })}</a>` : html`<a class="button primary" href="#train">${msg('Train one', { id: 'lighten.train' })}</a>`}</p>
                </section>
              `
            : html`<div class="waiting" aria-busy="true"></div>`
      }
    `,
  };
}

const choicesOf = latest((runs: readonly RunRecord[], selected: string | null): readonly LightenChoice[] => {
  const able = canBeLightened(runs, selected);
  return namedRuns(runs, selected).filter(({ run }) => able.includes(run)).map(({ run, name }) => ({ run: run.id, title: name }));
});
