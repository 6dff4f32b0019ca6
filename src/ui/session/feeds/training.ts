import { findArchitecture } from '../../../engine/architectures/index.js';
import { costsOf, USUAL_CLASSES } from '../../lab/costs.js';
import { choices, earlier, graph, settingsOf } from '../../lab/places/train.js';
import type { LabState } from '../../lab/state.js';
import { currentLocale } from '../../locales/localization.js';
import type { Feed } from './index.js';

const datasetOf = ({ datasets, selected }: LabState) => datasets.find(({ id }) => id === selected) ?? null;
const classesOf = (lab: LabState): number => datasetOf(lab)?.classes.length ?? USUAL_CLASSES;

export const feed: Feed = (element, { state: lab }) => {
  const { runs, training, queue, lastRun, form, adapter, errors } = lab;
  const costs = costsOf(lab.costs, runs, datasetOf(lab), adapter);
  Object.assign(element, {
    architectures: choices(form.now, classesOf(lab), currentLocale(), costs, lab.costs.measuring),
    settings: form.start,
    data: datasetOf(lab),
    run: runs.find(({ id }) => id === (training ? training.run : lastRun)) ?? null,
    progress: training?.progress ?? null,
    stage: training?.stage ?? null,
    queue: settingsOf(queue),
    costsOf: costs,
    earlier: earlier(runs, lab.selected),
    adapter,
    error: errors.train ?? errors.data ?? errors.lab ?? null,
  });
};

/** Of what trains, or else of what the form would train. */
export const feedSummary: Feed = (element, { state: lab }) => {
  const settings = lab.training?.queued.settings ?? lab.form.now;
  Object.assign(element, { name: findArchitecture(settings.arch).title, graph: graph(settings.arch, settings, classesOf(lab)) });
};
