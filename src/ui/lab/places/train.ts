import { html, nothing, type TemplateResult } from 'lit';
import { msg, str } from '@lit/localize';
import { architectures, buildGraph, findArchitecture } from '../../../engine/architectures/index.js';
import { graphCosts } from '../../../engine/graph/costs.js';
import type { LayerGraph } from '../../../engine/graph/types.js';
import type { RunRecord } from '../../../engine/storage/records.js';
import type { RunSettings } from '../../../engine/support/settings.js';
import { formatInteger } from '../../locales/format.js';
import { currentLocale, type Locale } from '../../locales/localization.js';
import '../../model-summary/model-summary.js';
import { bestEpochOf } from '../../support/runs.js';
import '../../training/training.js';
import { moreEpochs } from '../../training/run-cards.js';
import type { EarlierRun } from '../../training/curves-card.js';
import type { RunCosts } from '../../training/queue-card.js';
import type { ArchitectureChoice } from '../../training/training.js';
import { classesOf, costsOf, settingsFor } from '../costs.js';
import { latest } from '../latest.js';
import { namedRuns } from '../runs.js';
import { chosenDataset, hasModel, isInterrupted, type LabState, type QueuedRun, type Training } from '../state.js';
import type { LabStore } from '../store.js';
import type { PlaceContent } from './index.js';

/** A first training is of two models, so that there is something to compare. */
const forComparison: readonly string[] = ['cnn'];
const none: readonly string[] = [];

export function render(store: LabStore): PlaceContent {
  const lab = store.state;
  const { selected, runs, training, queue, form, adapter, errors } = lab;
  const dataset = chosenDataset(lab);
  const classes = classesOf(dataset);
  const costs = costsOf(lab.costs, runs, dataset, adapter);
  const comparable = runs.filter((run) => run.dataset === selected && hasModel(run)).length;
  return {
    lead: leadOf(lab),
    actions: dataset === null ? html`<a class="button primary" href="#data">${msg('Add photos', { id: 'train.add-photos' })}</a>`
      : !training && comparable > 0 ? html`<a class="button ${comparable > 1 ? 'primary' : ''}" href="#compare">${msg('Compare', { id: 'train.compare' })}</a>` : nothing,
    body: html`
      <winnow-training
        .architectures=${choices(form.now, classes, currentLocale(), costs, lab.costs.measuring)}
        .settings=${form.start}
        .alsoChosen=${form.chosen ?? (comparable === 0 ? forComparison : none)}
        .data=${dataset}
        .run=${runs.find(({ id }) => id === (training ? training.run : lab.lastRun)) ?? null}
        .progress=${training?.progress ?? null}
        .stage=${training?.stage ?? null}
        .share=${training?.share}
        .queue=${settingsOf(queue)}
        .costsOf=${costs}
        .earlier=${earlier(runs, selected)}
        .interrupted=${interrupted(runs, training, queue)}
        .adapter=${adapter}
        .error=${errors.train ?? null}
        @winnow-train=${(event: CustomEvent<{ settings: RunSettings[]; model: File | null }>) => store.train(event.detail.settings, event.detail.model)}
        @winnow-again=${(event: CustomEvent<{ run: string }>) => store.trainAgain(event.detail.run)}
        @winnow-continue=${(event: CustomEvent<{ run: string }>) => store.trainOn(event.detail.run, moreEpochs)}
        @winnow-settings=${(event: CustomEvent<{ settings: RunSettings; chosen: string[] }>) => store.editForm(event.detail.settings, event.detail.chosen)}
        @winnow-dequeue=${(event: CustomEvent<{ index: number }>) => store.dequeue(event.detail.index)}
        @winnow-resume-run=${(event: CustomEvent<{ run: string }>) => store.resumeRun(event.detail.run)}
        @winnow-requeue=${(event: CustomEvent<{ index: number; to: number }>) => store.requeue(event.detail.index, event.detail.to)}
        @winnow-measure=${() => store.costing.measure()}
        @winnow-measure-stop=${() => store.costing.halt()}
        @winnow-pause=${() => store.pause()}
        @winnow-resume=${() => store.resume()}
        @winnow-stop=${() => store.stop()}
      >
        <a slot="augmentation" href="#data">${msg('See it on your photos', { id: 'train.see-augmentation' })}</a>
        <div slot="next" class="choice">
          <a class="button" href="#look">${msg('Look into it', { id: 'train.look' })}</a>
          <a class="button ${comparable > 1 ? 'primary' : ''}" href="#compare">${msg('Compare', { id: 'train.compare' })}</a>
        </div>
      </winnow-training>
      ${summaryCard(store, classes)}
    `,
  };
}

function leadOf({ training, runs }: LabState): string {
  const run = runs.find(({ id }) => id === training?.run);
  if (!run) return msg('Networks learn the classes on this machine; a good one stops by itself at its best epoch.', { id: 'train.lead' });
  const { title } = findArchitecture(run.settings.arch);
  const { size, batch } = run.settings;
  if (training?.watching) return msg(str`Another tab trains ${title} on ${run.datasetName}. This one shows it, and takes over when that one is closed.`, { id: 'train.lead-watching' });
  return msg(str`${title} on ${run.datasetName}, ${formatInteger(size)} × ${formatInteger(size)}, batch ${formatInteger(batch)}. Training goes on if you leave this tab.`, { id: 'train.lead-running' });
}

/** One architecture, layer by layer. */
function summaryCard(store: LabStore, classes: number): TemplateResult {
  const { form, shownArch, training } = store.state;
  // What trains now is shown as it trains, anything else as the form would train it.
  const settings = training && (shownArch === null || shownArch === training.queued.settings.arch) ? training.queued.settings : form.now;
  const arch = shownArch ?? settings.arch;
  const { title } = findArchitecture(arch);
  return html`
    <section class="card" aria-label=${msg('The architecture, layer by layer', { id: 'train.summary' })}>
      <label class="choice">${msg('Architecture', { id: 'train.architecture' })}
        <select @change=${(event: Event) => store.showArch((event.target as HTMLSelectElement).value)}>
          ${architectures.map((each) => html`<option value=${each.id} ?selected=${each.id === arch}>${each.title}</option>`)}
        </select>
      </label>
      <winnow-model-summary .name=${title} .graph=${graph(arch, settings, classes)}></winnow-model-summary>
    </section>
  `;
}

const graphs = new Map<string, LayerGraph>();

/** At the nearest side that the architecture takes. Kept, so that an element sees a new graph only for a new question. */
export function graph(arch: string, { size, arch: edited, archOptions }: RunSettings, classes: number): LayerGraph {
  const { least, most } = findArchitecture(arch).sides;
  const side = Math.min(Math.max(size, least), most);
  const options = arch === edited ? archOptions : {};
  const key = JSON.stringify([arch, side, classes, options]);
  let known = graphs.get(key);
  if (!known) graphs.set(key, (known = buildGraph(arch, { size: side, classes, options })));
  return known;
}

/** @param _locale the words are in its language. @param measuring whose time is being measured. */
const choices = latest((settings: RunSettings, classes: number, _locale: Locale, costs: (settings: RunSettings) => RunCosts, measuring: string | null): readonly ArchitectureChoice[] =>
  architectures.map(({ id, title, paper, options, sides }) => {
    const drawn = graph(id, settings, classes);
    const { params, macs } = graphCosts(drawn);
    return {
      id, title, sides, params, macs, graph: drawn,
      ...costs(settingsFor(id, settings)),
      ...(measuring === id && { epochSeconds: 'measuring' as const }),
      paper: msg(paper, { id: `arch.${id}` }),
      options: options.map((option) => ({ ...option, title: msg(option.title, { id: `arch.${id}.${option.name}` }) })),
    };
  }),
);

/** Those that neither go on already nor wait to. */
const interrupted = latest((runs: readonly RunRecord[], training: Training | null, queue: readonly QueuedRun[]) =>
  runs.filter((run) => isInterrupted(run) && training?.queued.resumes !== run.id && !queue.some(({ resumes }) => resumes === run.id)));

export const earlier = latest((runs: readonly RunRecord[], dataset: string | null): readonly EarlierRun[] =>
  namedRuns(runs, dataset).filter(({ run }) => hasModel(run)).map(({ run, name }) => ({ id: run.id, name, history: run.history, bestEpoch: bestEpochOf(run) })));

const settingsOf = latest((queue: readonly QueuedRun[]) => queue.map(({ settings }) => settings));
