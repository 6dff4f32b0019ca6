import { findArchitecture } from '../../engine/architectures/index.js';
import type { WinnowConfusionMatrix } from '../confusion-matrix/confusion-matrix.js';
import { classesOf } from '../lab/costs.js';
import { latest } from '../lab/latest.js';
import { graph } from '../lab/places/train.js';
import { namedRuns, type NamedRun } from '../lab/runs.js';
import { chosenDataset } from '../lab/state.js';
import type { LabStore } from '../lab/store.js';
import type { ChartSeries, LivePoint, WinnowMetricsChart } from '../metrics-chart/metrics-chart.js';
import type { WinnowModelSummary } from '../model-summary/model-summary.js';
import { bestEpochOf, resultOf } from '../support/runs.js';
import { followed } from '../training/curves-card.js';

/** The runs on the chosen dataset, the newest first: a chart has that one in focus. */
const curvesOf = latest((named: readonly NamedRun[]): ChartSeries[] =>
  named.filter(({ run }) => run.history.length > 0).map(({ run, name }) => ({ name, history: run.history, bestEpoch: bestEpochOf(run) })).reverse(),
);

/** The way of each store's run through its epoch so far. */
const ways = new WeakMap<LabStore, readonly LivePoint[]>();

function wayOf(store: LabStore): readonly LivePoint[] {
  const { training, runs, selected } = store.state;
  const model = namedRuns(runs, selected).find(({ run }) => run.id === training?.run);
  const way = model ? followed(ways.get(store) ?? [], training?.progress ?? null, model.name, model.run.history.at(-1)?.epoch ?? 0) : [];
  ways.set(store, way);
  return way;
}

export function chart(store: LabStore): Pick<WinnowMetricsChart, 'series' | 'live'> {
  return { series: curvesOf(namedRuns(store.state.runs, store.state.selected)), live: wayOf(store) };
}

/** Of the newest run that has a result. */
export function matrix({ state: { runs, selected } }: LabStore): Pick<WinnowConfusionMatrix, 'label' | 'classes' | 'matrix'> {
  const judged = namedRuns(runs, selected).flatMap(({ run, name }) => {
    const result = resultOf(run);
    return result ? [{ label: name, classes: run.classes, matrix: result.confusion }] : [];
  });
  return judged.at(-1) ?? { label: '', classes: [], matrix: [] };
}

/** Of what trains, or else of what the form would train. */
export function summary({ state }: LabStore): Pick<WinnowModelSummary, 'name' | 'graph'> {
  const settings = state.training?.queued.settings ?? state.form.now;
  return { name: findArchitecture(settings.arch).title, graph: graph(settings.arch, settings, classesOf(chosenDataset(state))) };
}
