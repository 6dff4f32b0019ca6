/** The search for the lightest model that is still good: which models are made of a trained run, in what order, and which is chosen. */
import { ruleText, type Rule } from '../engine/comparison/lightest.js';
import { augments } from '../engine/data/augment.js';
import type { BatchSource } from '../engine/data/types.js';
import type { Device } from '../engine/gpu/index.js';
import { graphCosts } from '../engine/graph/costs.js';
import type { LayerGraph } from '../engine/graph/types.js';
import { initialWeights } from '../engine/graph/weights.js';
import { handShapes } from '../engine/lighten/by-hand.js';
import { randomFilters, relativeCost, type Criterion } from '../engine/lighten/criteria.js';
import { layerMeasures } from '../engine/lighten/layers.js';
import type { FilterMeasures } from '../engine/lighten/measure.js';
import { prune } from '../engine/lighten/prune.js';
import { beginLightening, lightenOnce, resumeLightening, standing, type Attempt, type LightenState, type LightenTools } from '../engine/lighten/schedule.js';
import type { LightMethod, Precision, RunRecord } from '../engine/storage/records.js';
import { listRuns, resultOf } from '../engine/storage/runs.js';
import { WinnowError } from '../engine/support/errors.js';
import type { Backend, RunSettings } from '../engine/support/settings.js';
import type { RunControl } from '../engine/training/control.js';
import { LightModels, type LightModel, type Made, type Training, type WorkListener } from './light-models.js';
import { choosable, judgeModels, type Judgement, type LightenResult } from './light-report.js';

export interface LightenRequest {
  readonly criterion: Criterion;
  /** How much lower the validation accuracy may get, 0 to 1. */
  readonly margin: number;
  /** Whether a lighter model must hold on perturbed photos too. */
  readonly judge: Rule['judge'];
  /**
   * How training photos are changed: as the given model's were, or as the perturbed test changes its own. 'auto' is that where
   * the given model's were not changed and the first cut does not lose more than the margin by it.
   */
  readonly augment: 'auto' | 'perturbation' | 'as-trained';
  /** Whether shapes that a person would try are trained, too. */
  readonly byHand: boolean;
  /** Seeds for each of: the smallest shape with filters chosen by chance, trained from scratch, and distilled. 0 for no such comparison. */
  readonly baselines: number;
  readonly backend: 'auto' | Backend;
  readonly engine: RunSettings['engine'];
}

export interface LightenListener extends WorkListener {
  /** A smaller network has been tried; `place` counts from 1. */
  attempt(attempt: Attempt, place: number): void;
  /** A model is made next. @param epochs that it trains; null where it does not. */
  making(name: string, epochs: number | null): void;
  /** A model is stored. */
  made(run: RunRecord): void;
}

/** Of one recovery, on a rate that falls from the run's own, so that its end is its best: about so many steps, in so many epochs. */
const RECOVERY_STEPS = 600;
const RECOVERY_EPOCHS = { least: 4, most: 12 };
/** A network that begins with nothing has as many epochs as the way there took, up to so many steps. */
const MOST_STEPS = 1500;

export class Lightening {
  private readonly models: LightModels;
  private readonly made = new Map<string, LightModel>();
  /** Of an equal search before this one, by name. */
  private stored = new Map<string, RunRecord>();
  private given!: LightModel;
  private rule!: Rule;
  /** Of the given model, once they are taken. */
  private measures: readonly FilterMeasures[] | null = null;

  constructor(
    private readonly origin: RunRecord,
    private readonly request: LightenRequest,
    source: BatchSource,
    openDevice: (backend: 'auto' | Backend) => Promise<Device>,
    private readonly control: RunControl,
    private readonly listener: LightenListener,
  ) {
    this.models = new LightModels(origin, source, openDevice, control, listener);
  }

  /**
   * Every model is a stored run once it is made; what an equal search of the same run has left is not made again, so that one that was
   * stopped goes on.
   * @returns what was found, also where it was stopped meanwhile.
   * @throws 'settings-invalid'; what {@link LightModels.open} throws; 'cancelled' where it was stopped before the given model was judged.
   */
  async run(): Promise<LightenResult> {
    const { origin, request, control, models } = this;
    const { margin, judge } = request;
    if (!(margin >= 0 && margin < 1)) throw new WinnowError('settings-invalid', { setting: 'margin', value: margin, allowed: 'a number from 0 to below 1' });
    const { device, dataset } = await models.open(request.backend, request.engine);
    this.rule = { margin, judge, photos: models.photos };
    this.stored = new Map((await listRuns(origin.dataset)).filter(({ lightened }) => lightened?.origin === origin.id && lightened.search === this.search).map((run) => [run.lightened!.name, run]));
    const given = await models.load(origin);
    if (given === null) throw new WinnowError('cancelled');
    this.given = given;
    const state = await this.cut();
    await this.beginAnew(state);
    await this.quantise();
    if (request.baselines > 0) await this.compare(state);
    if (request.byHand) {
      await this.byHand();
      await this.quantise();
    }
    this.measures ??= control.stopping ? null : await models.measure(await models.network(origin));

    const { variants, limits, chosen } = this.judge();
    const times = control.stopping ? null : await models.layerTimes(await models.network(origin));
    return {
      origin: origin.id, arch: origin.settings.arch, options: origin.settings.archOptions, settings: request, adapter: device.adapter, path: models.path,
      dataset, classes: origin.classes, split: origin.split, layers: layerMeasures(given.graph, this.measures ?? [], times), attempts: state.attempts,
      variants, chosen, limits, rule: ruleText(this.rule), finished: !control.stopping,
    };
  }

  /** What decides what is made. */
  private get search(): string {
    const { criterion, margin, judge, augment } = this.request;
    return JSON.stringify([criterion, margin, judge, augment]);
  }

  private async cut(): Promise<LightenState> {
    const { given, models, control, request: { criterion, margin } } = this;
    const { seed } = this.origin.settings;
    const tools: LightenTools<Made> = {
      measure: async (network) => {
        const measures = await models.measure(network);
        if (network.graph === given.graph) this.measures = measures;
        return measures;
      },
      fineTune: async (network) => {
        const training = { epochs: this.recoveryEpochs, seed };
        const tuned = await models.train(network, training);
        if (tuned === null || tuned.validation.accuracy >= given.validation.accuracy - margin - 1e-9 || !this.tryingAugmentation()) return tuned;
        models.augmentation = 'as-trained';
        return models.train(network, training);
      },
    };
    let { state, parent } = await this.recall({ ...this.rule, criterion, seed });
    models.augmentation = this.augmentation();
    while (!state.done && !control.stopping) {
      const place = state.attempts.length + 1;
      const name = `pruned-${place}`;
      this.listener.making(name, this.recoveryEpochs);
      const next = await lightenOnce(state, tools);
      state = next.state;
      const attempt = state.attempts.at(-1);
      if (next.tried === null || attempt === undefined) continue;
      const { share, kept } = attempt;
      const model = this.keep(await models.store(next.tried, { name, parent: parent.run, method: 'prune', search: this.search, cut: { share, kept } }));
      if (kept) parent = model;
      this.listener.attempt(attempt, place);
    }
    return state;
  }

  /** What an equal search decided, or what this one begins with. */
  private augmentation(): LightModels['augmentation'] {
    const { augment } = this.request;
    const { settings } = this.origin;
    if (augment !== 'auto') return augment;
    const first = this.made.get('pruned-1')?.run.settings ?? null;
    if (first === null) return augments(settings.augment) ? 'as-trained' : 'perturbation';
    return JSON.stringify(first.augment) === JSON.stringify(settings.augment) ? 'as-trained' : 'perturbation';
  }

  /** Nothing is kept yet, so that augmentation can still be given up. */
  private tryingAugmentation(): boolean {
    return this.request.augment === 'auto' && this.models.augmentation === 'perturbation' && this.made.size === 0;
  }

  /** Where the cuts of an equal search ended. */
  private async recall(settings: Parameters<typeof resumeLightening>[1]): Promise<{ state: LightenState; parent: LightModel }> {
    const { given, models } = this;
    const whole = { ...given, ...(await models.network(given.run)), graph: given.graph };
    const attempts: Attempt[] = [];
    let parent = given;
    for (let run = this.stored.get('pruned-1'); run?.lightened?.cut; run = this.stored.get(`pruned-${attempts.length + 1}`)) {
      const model = await models.load(run);
      if (model === null) break;
      const { graph, validation, perturbed } = model;
      const stands = standing(model, given, settings);
      attempts.push({ share: run.lightened.cut.share, costs: graphCosts(graph), relativeCost: relativeCost(graph, given.graph), validation, perturbed, ...stands });
      this.made.set(run.lightened.name, model);
      if (stands.kept) parent = model;
    }
    if (parent === given) return { state: attempts.length === 0 ? beginLightening(whole, settings) : resumeLightening(whole, settings, attempts, whole), parent };
    return { state: resumeLightening(whole, settings, attempts, { ...parent, ...(await models.network(parent.run)) }), parent };
  }

  private async byHand(): Promise<void> {
    const { epochs, seed } = this.origin.settings;
    for (const { name, graph } of handShapes(this.given.graph)) await this.fromScratch(name, 'hand', graph, { epochs: this.atMost(epochs), seed });
  }

  /**
   * The shapes where cutting ended, drawn anew: trained on the labels, and on the answers of the best model that was found. That
   * is often as good as what was cut, and sometimes where a cut was too much.
   */
  private async beginAnew(state: LightenState): Promise<void> {
    for (const place of this.endsOf(state)) {
      const training = { epochs: this.epochsTo(place), seed: this.origin.settings.seed };
      const { graph } = this.made.get(`pruned-${place}`)!;
      await this.fromScratch(`scratch-${place}`, 'scratch', graph, training);
      await this.distil(`distilled-${place}`, graph, training);
    }
  }

  /** The last good cut, the last that was kept beyond it, and the smallest that was not kept. */
  private endsOf({ attempts }: LightenState): number[] {
    const good = attempts.findLastIndex((attempt) => attempt.good) + 1;
    const kept = attempts.findLastIndex((attempt) => attempt.kept) + 1;
    const failed = [...attempts.keys()].filter((place) => !attempts[place].kept).sort((a, b) => attempts[a].costs.flops - attempts[b].costs.flops).map((place) => place + 1);
    return [...new Set([good, kept, ...failed.slice(0, 1)])].filter((place) => place > 0);
  }

  private get recoveryEpochs(): number {
    return Math.min(RECOVERY_EPOCHS.most, Math.max(RECOVERY_EPOCHS.least, this.epochsOf(RECOVERY_STEPS)));
  }

  private epochsOf(steps: number): number {
    const { split, settings: { batch } } = this.origin;
    return Math.round(steps / Math.ceil(split.train.reduce((sum, count) => sum + count, 0) / batch));
  }

  /** Epochs of the first training and of all that led to a cut. */
  private epochsTo(place: number): number {
    const cuts = this.lineageOf(this.made.get(`pruned-${place}`)!.run).length;
    return this.atMost(Math.max(this.origin.history.length, resultOf(this.origin).bestEpoch) + cuts * this.recoveryEpochs);
  }

  private atMost(epochs: number): number {
    return Math.min(epochs, Math.max(RECOVERY_EPOCHS.least, this.epochsOf(MOST_STEPS)));
  }

  /** Names from the given model's first child to a run. */
  private lineageOf(run: RunRecord): string[] {
    const parent = [...this.made.values()].find((model) => model.run.id === run.parent);
    return [...(parent ? this.lineageOf(parent.run) : []), run.lightened!.name];
  }

  private async fromScratch(name: string, method: 'scratch' | 'hand', graph: LayerGraph, training: Training): Promise<void> {
    await this.make(name, method, null, training.epochs, () => this.models.train({ graph, weights: initialWeights(graph, training.seed) }, training));
  }

  private async distil(name: string, graph: LayerGraph, training: Training): Promise<void> {
    const teacher = choosable(this.given, [...this.made.values()]).reduce((best, model) => (model.perturbed > best.perturbed ? model : best));
    await this.make(name, 'distil', teacher.run, training.epochs, async () => this.models.train({ graph, weights: initialWeights(graph, training.seed) }, { ...training, teacher: await this.models.network(teacher.run) }));
  }

  /** What the chosen cut is to be judged against: its shape by chance, from nothing and distilled, each as long as the way there, from several seeds. */
  private async compare(state: LightenState): Promise<void> {
    const [place] = this.endsOf(state);
    if (place === undefined) return;
    const { graph } = this.made.get(`pruned-${place}`)!;
    for (let turn = 0; turn < this.request.baselines; turn++) {
      const training = { epochs: this.epochsTo(place), seed: (this.origin.settings.seed + turn) >>> 0 };
      const name = (of: string) => `${of}-${place}${turn === 0 ? '' : `-seed-${training.seed}`}`;
      await this.make(name('random'), 'random', this.origin, training.epochs, async () => this.models.train(prune(await this.models.network(this.origin), randomFilters(this.given.graph, graph, training.seed)), training));
      await this.fromScratch(name('scratch'), 'scratch', graph, training);
      await this.distil(name('distilled'), graph, training);
    }
  }

  /** The chosen one at lower precisions. */
  private async quantise(): Promise<void> {
    const { chosen } = this.judge();
    const { run } = this.made.get(chosen) ?? this.given;
    for (const precision of ['float16', 'int8'] as const) {
      await this.make(`${chosen}-${precision}`, 'quantise', run, null, () => this.models.quantise(run, precision), precision);
    }
  }

  /** Makes and stores a model, unless there is one of that name or nobody waits for it any more. */
  private async make(name: string, method: LightMethod, parent: RunRecord | null, epochs: number | null, train: () => ReturnType<LightModels['train']>, precision: Precision = 'float32'): Promise<void> {
    if (this.made.has(name) || this.control.stopping) return;
    const stored = this.stored.get(name);
    if (stored) {
      const model = await this.models.load(stored);
      if (model) this.made.set(name, model);
      return;
    }
    this.listener.making(name, epochs);
    const made = await train();
    if (made) this.keep(await this.models.store(made, { name, parent, method, precision, search: this.search }));
  }

  private keep(model: LightModel): LightModel {
    this.made.set(model.run.lightened!.name, model);
    this.listener.made(model.run);
    return model;
  }

  private judge(): Judgement {
    return judgeModels(this.given, [...this.made.values()], this.rule);
  }
}
