import { graphOfRun } from '../architectures/index.js';
import { graphCosts } from '../graph/costs.js';
import type { Advice, DatasetRecord, EpochRecord, Refusal, RunRecord, RunResult } from '../storage/records.js';
import type { ErrorData } from '../support/errors.js';
import type { AdapterInfo, Backend, RunSettings } from '../support/settings.js';
import { photosKey } from './paired.js';
import { defaultRule, recommend, type Recommendation, type Rule } from './recommendation.js';
import { titleOfRun } from './title.js';

/** One model of the report: what it costs and what it reached. */
export interface ReportRun extends RunResult, Pick<RunSettings, 'size' | 'batch' | 'seed' | 'splitSeed' | 'optimizer' | 'schedule' | 'loss' | 'augment' | 'perturbation' | 'freeze'> {
  readonly arch: string;
  /** For people; told apart where two runs have the same architecture and options. */
  readonly title: string;
  readonly options: Readonly<Record<string, number>>;
  readonly params: number;
  readonly trainableParams: number;
  /** Of the weights as stored: float32, fewer where a lighter model's are quantised. */
  readonly bytes: number;
  readonly macs: number;
  readonly flops: number;
  readonly filters: number;
  readonly epochs: readonly EpochRecord[];
  /** False where a person or an interrupt ended it. */
  readonly finished: boolean;
  readonly parent: string | null;
  /** What the sentinel noticed. */
  readonly advice: readonly Advice[];
}

/** `report.json`, the terminal's contract. */
export interface Report {
  readonly schema: 1;
  /** Version of Winnow. */
  readonly winnow: string;
  /** ISO 8601. */
  readonly created: string;
  readonly backend: Backend;
  readonly engine: 'reference' | 'compiled';
  readonly adapter: Pick<AdapterInfo, 'vendor' | 'architecture' | 'description' | 'fallback'>;
  readonly dataset: {
    readonly name: string;
    /** Drawn by the generator. */
    readonly synthetic: boolean;
    readonly images: number;
    readonly refused: readonly Refusal[];
    /** `refused` is capped, this is not. */
    readonly refusedCount: number;
    readonly classes: readonly { readonly name: string; readonly train: number; readonly validation: number; readonly test: number }[];
  };
  readonly runs: readonly ReportRun[];
  /** Runs without a result. */
  readonly failed: readonly { readonly arch: string; readonly error: ErrorData | null }[];
  /** How the recommended one was chosen. */
  readonly criterion: Rule;
  /** Null where no run has a result. */
  readonly recommendation: Recommendation | null;
}

/**
 * The report of runs on one dataset. Backend, engine, adapter and split are those of the first run.
 * @param runs at least one, in the order in which they are told.
 */
export function buildReport(dataset: DatasetRecord, runs: readonly [RunRecord, ...RunRecord[]], version: string, criterion: Rule = defaultRule): Report {
  const [first] = runs;
  const { vendor, architecture, description, fallback } = first.adapter;
  const withResult = runs.flatMap((run) => {
    const result = resultOf(run);
    return result ? [{ run, result }] : [];
  });
  const titles = distinct(withResult.map(({ run }) => titleOfRun(run)));
  const reported = withResult.map(({ run, result }, index) => reportRun(run, result, titles[index]));
  return {
    schema: 1,
    winnow: version,
    created: new Date().toISOString(),
    backend: first.adapter.backend,
    engine: first.path,
    adapter: { vendor, architecture, description, fallback },
    dataset: {
      name: dataset.name,
      synthetic: dataset.source === 'synthetic',
      images: dataset.images,
      refused: dataset.refused,
      refusedCount: dataset.refusedCount,
      classes: first.classes.map((name, index) => ({
        name,
        train: first.split.train[index],
        validation: first.split.validation[index],
        test: first.split.test[index],
      })),
    },
    runs: reported,
    failed: runs.filter((run) => !resultOf(run)).map((run) => ({ arch: run.settings.arch, error: run.state.kind === 'failed' ? run.state.error : null })),
    criterion,
    recommendation: recommend(
      reported.map(({ arch, title, flops, params, test: { perturbed }, hits }, index) => ({ arch, title, flops, params, ...perturbed, photos: photosKey(withResult[index].run), hits: hits?.perturbed })),
      criterion,
    ),
  };
}

function resultOf(run: RunRecord): RunResult | null {
  return run.state.kind === 'done' || run.state.kind === 'stopped' ? run.state.result : null;
}

/** A title that comes again gets a number. */
function distinct(titles: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return titles.map((text) => {
    const count = (seen.get(text) ?? 0) + 1;
    seen.set(text, count);
    return count === 1 ? text : `${text} (${count})`;
  });
}

function reportRun(run: RunRecord, result: RunResult, title: string): ReportRun {
  const { settings, history, state, parent, advice = [] } = run;
  const { size, batch, seed, splitSeed, optimizer, schedule, loss, augment, perturbation, freeze } = settings;
  const graph = graphOfRun(run);
  const { params, trainableParams, bytes, macs, flops, filters } = graphCosts(graph);
  return {
    arch: settings.arch,
    title,
    options: settings.archOptions,
    size,
    batch,
    seed,
    splitSeed,
    optimizer,
    schedule,
    loss,
    augment,
    perturbation,
    freeze,
    params,
    trainableParams,
    bytes: run.lightened?.bytes ?? bytes,
    macs,
    flops,
    filters,
    epochs: history,
    finished: state.kind === 'done',
    ...result,
    parent,
    advice,
  };
}
