import { findArchitecture } from '../../engine/architectures/index.js';
import { USUAL_CLASSES } from '../lab/costs.js';
import { latest } from '../lab/latest.js';
import { graph } from '../lab/places/train.js';
import { bestEpoch, namedRuns, type NamedRun } from '../lab/runs.js';
import type { LabState } from '../lab/state.js';
import type { LabStore } from '../lab/store.js';
import type { ChartSeries, LivePoint } from '../metrics-chart/curves.js';

/** The runs on the chosen dataset, the newest first: a chart has that one in focus. */
const curvesOf = latest((named: readonly NamedRun[]): ChartSeries[] =>
  named.filter(({ run }) => run.history.length > 0).map(({ run, name }) => ({ name, history: run.history, bestEpoch: bestEpoch(run) })).reverse(),
);

function livePoint({ training, runs, selected }: LabState): LivePoint | null {
  const model = namedRuns(runs, selected).find(({ run }) => run.id === training?.run);
  const progress = training?.progress;
  if (!model || !progress || progress.epoch <= (model.run.history.at(-1)?.epoch ?? 0)) return null;
  return { name: model.name, at: progress.epoch - 1 + progress.step / progress.steps, accuracy: progress.accuracy, loss: progress.loss };
}

export function chart({ state }: LabStore): Record<string, unknown> {
  return { series: curvesOf(namedRuns(state.runs, state.selected)), live: livePoint(state) };
}

/** Of the newest run that has a result. */
export function matrix({ state: { runs, selected } }: LabStore): Record<string, unknown> {
  const results = namedRuns(runs, selected).flatMap(({ run, name }) => ('result' in run.state && run.state.result ? [{ name, classes: run.classes, matrix: run.state.result.confusion }] : []));
  const newest = results.at(-1);
  return { label: newest?.name ?? '', classes: newest?.classes ?? [], matrix: newest?.matrix ?? [] };
}

/** Of what trains, or else of what the form would train. */
export function summary({ state: { training, form, datasets, selected } }: LabStore): Record<string, unknown> {
  const settings = training?.queued.settings ?? form.now;
  const classes = datasets.find(({ id }) => id === selected)?.classes.length ?? USUAL_CLASSES;
  return { name: findArchitecture(settings.arch).title, graph: graph(settings.arch, settings, classes) };
}
