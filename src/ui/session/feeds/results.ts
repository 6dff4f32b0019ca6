import { bestEpoch, namedRuns, type NamedRun } from '../../lab/runs.js';
import { latest } from '../../lab/latest.js';
import type { ChartSeries, LivePoint } from '../../metrics-chart/curves.js';
import type { LabState } from '../../lab/state.js';
import type { Feed } from './index.js';

/** The runs on the chosen dataset, the newest first: a chart has that one in focus. */
const curvesOf = latest((named: readonly NamedRun[]): ChartSeries[] =>
  named.filter(({ run }) => run.history.length > 0).map(({ run, name }) => ({ name, history: run.history, bestEpoch: bestEpoch(run) })).reverse(),
);

const recordsOf = latest((named: readonly NamedRun[]) => named.map(({ run }) => run));

function livePoint({ training, runs, selected }: LabState): LivePoint | null {
  const model = namedRuns(runs, selected).find(({ run }) => run.id === training?.run);
  const progress = training?.progress;
  if (!model || !progress || progress.epoch <= (model.run.history.at(-1)?.epoch ?? 0)) return null;
  return { name: model.name, at: progress.epoch - 1 + progress.step / progress.steps, accuracy: progress.accuracy, loss: progress.loss };
}

export const feedChart: Feed = (element, { state }) => {
  Object.assign(element, { series: curvesOf(namedRuns(state.runs, state.selected)), live: livePoint(state) });
};

export const feedComparison: Feed = (element, { state: { runs, selected } }) => {
  Object.assign(element, { runs: recordsOf(namedRuns(runs, selected)) });
};

/** Of the newest run that has a result. */
export const feedMatrix: Feed = (element, { state: { runs, selected } }) => {
  const results = namedRuns(runs, selected).flatMap(({ run, name }) => ('result' in run.state && run.state.result ? [{ name, classes: run.classes, matrix: run.state.result.confusion }] : []));
  const newest = results.at(-1);
  Object.assign(element, { label: newest?.name ?? '', classes: newest?.classes ?? [], matrix: newest?.matrix ?? [] });
};
