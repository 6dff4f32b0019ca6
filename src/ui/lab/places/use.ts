import { html, nothing } from 'lit';
import { msg, str } from '@lit/localize';
import type { RunRecord } from '../../../engine/storage/records.js';
import { formatDay, formatMetric } from '../../locales/format.js';
import { currentLocale, type Locale } from '../../locales/localization.js';
import { download } from '../../support/download.js';
import { resultOf } from '../../support/runs.js';
import { errorNote } from '../../theme/error-note.js';
import type { UsableModel } from '../../use/use.js';
import '../../use/use.js';
import { latest } from '../latest.js';
import { namedRuns } from '../runs.js';
import { hasModel } from '../state.js';
import type { LabStore } from '../store.js';
import type { PlaceContent } from './index.js';

export function render(store: LabStore): PlaceContent {
  const { runs, selected, errors } = store.state;
  return {
    lead: msg('A trained model, put to use here and carried away to where it is needed.', { id: 'use.lead' }),
    actions: nothing,
    body: html`
      ${errors.compare ? errorNote(errors.compare) : nothing}
      <winnow-use
        .models=${models(runs, selected, currentLocale())}
        .fetchModel=${(id: string) => store.exportModel(id)}
        @winnow-download=${({ detail }: CustomEvent<{ file: Blob; name: string }>) => download(detail.file, detail.name)}
      ></winnow-use>
    `,
  };
}

/** Those of the chosen dataset last, where the newest is begun with. @param _locale they are described in it. */
const models = latest((runs: readonly RunRecord[], selected: string | null, _locale: Locale): readonly UsableModel[] => {
  const datasets = [...new Set(runs.map(({ dataset }) => dataset))].sort((a, b) => Number(a === selected) - Number(b === selected));
  return datasets.flatMap((dataset) => namedRuns(runs, dataset)).filter(({ run }) => hasModel(run)).map(({ run, name }) => ({ id: run.id, name, about: describe(run) }));
});

function describe(run: RunRecord): string {
  const { settings, created, datasetName } = run;
  const result = resultOf(run);
  const accuracy = result ? formatMetric(result.validation.accuracy) : '–';
  return msg(str`${datasetName}, ${settings.size} × ${settings.size} · validation accuracy ${accuracy} · ${formatDay(created)}`, { id: 'use.model' });
}
