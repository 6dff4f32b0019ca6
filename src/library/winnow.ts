import type { DatasetRecord, RunRecord } from '../engine/storage/records.js';
import { defaultSettings, type AdapterInfo, type Backend, type RunSettings } from '../engine/support/settings.js';
import { connectLab, type LabConnection } from '../workers/connect.js';
import type { DataEvent, ModelEvaluation, TrainerEvent, TrainingStart } from '../workers/contract.js';
import { Classifier } from './classifier.js';
import { sourceOf, type DatasetSource } from '../workers/source.js';
import { Training, type TrainingEvent } from './training.js';

/** `imagesPerSecond` and `secondsLeft` are of the import so far; `total` is 0 until the source has been counted. */
export type ImportProgress = Pick<Extract<DataEvent, { type: 'import-progress' }>, 'done' | 'total' | 'refused' | 'imagesPerSecond' | 'secondsLeft'>;

export interface ImportOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}

export interface TrainOptions {
  /** Ends the run; what it had is kept, and stands in {@link Winnow.runs} as stopped. */
  readonly signal?: AbortSignal;
  /** Weights to begin with, where they are not to be drawn by the seed. */
  readonly start?: TrainingStart;
}

export interface EvaluateOptions {
  readonly backend?: RunSettings['backend'];
  readonly engine?: RunSettings['engine'];
  readonly signal?: AbortSignal;
}

/** A run by itself or by its id; likewise a dataset. */
type Ref<T extends { readonly id: string }> = T | string;

const idOf = (ref: Ref<{ readonly id: string }>): string => (typeof ref === 'string' ? ref : ref.id);

/**
 * The lab without its page: photos in, networks trained, models out. Everything computes in two workers, which start with the first
 * call; datasets and runs are stored in this origin's IndexedDB and are there again after a reload. Every method rejects with a
 * {@link WinnowError}, whose `code` says what is wrong and whose `remedy` says what to do.
 *
 * ```js
 * const winnow = new Winnow();
 * const rice = await winnow.importDataset('sample');
 * const training = winnow.train(rice, { arch: 'cnn-light', size: 64, epochs: 3 });
 * for await (const event of training) if (event.type === 'epoch') console.log(event.record);
 * const classifier = await winnow.classifier(await training.ended);
 * console.log(await classifier.classify(photo));
 * ```
 */
export class Winnow {
  private connecting: Promise<LabConnection> | null = null;
  private readonly imports = new Map<string, (progress: ImportProgress) => void>();
  /** Trainings, evaluations: the trainer does one at a time. */
  private turn: Promise<unknown> = Promise.resolve();
  private hearing: ((event: TrainerEvent) => void) | null = null;

  /** What computes here, without a run. @throws 'gpu-missing' where the wanted backend is not to be had. */
  async adapter(backend: 'auto' | Backend = 'auto'): Promise<AdapterInfo> {
    return (await this.lab()).trainer.probe(backend);
  }

  /**
   * Checks every file, and stores the photos that pass. What is refused stands in the record.
   * @throws 'no-images', 'one-class', 'zip-broken', 'disk-full' …; the signal's reason, and nothing is left behind.
   */
  async importDataset(from: DatasetSource, { signal, onProgress }: ImportOptions = {}): Promise<DatasetRecord> {
    signal?.throwIfAborted();
    const source = await sourceOf(from, signal);
    const { data } = await this.lab();
    signal?.throwIfAborted();
    const job = crypto.randomUUID();
    if (onProgress) this.imports.set(job, onProgress);
    const cancel = () => void data.cancelImport(job);
    signal?.addEventListener('abort', cancel);
    try {
      return await data.importDataset(job, source);
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    } finally {
      signal?.removeEventListener('abort', cancel);
      this.imports.delete(job);
    }
  }

  async datasets(): Promise<DatasetRecord[]> {
    return (await this.lab()).data.listDatasets();
  }

  /** Its runs go with it. */
  async deleteDataset(dataset: Ref<DatasetRecord>): Promise<void> {
    await (await this.lab()).data.deleteDataset(idOf(dataset));
  }

  /**
   * Trains a network. Runs wait for each other: a second one begins when the first has ended.
   * @param settings what differs from {@link defaultSettings}.
   */
  train(dataset: Ref<DatasetRecord>, settings: Partial<RunSettings>, { signal, start }: TrainOptions = {}): Training {
    const complete = { ...defaultSettings, ...settings };
    let active = false;
    const ended = this.inTurn(signal, ({ trainer }) => {
      active = true;
      return this.listen((event) => training.hear(event), () => trainer.train(idOf(dataset), complete, start)).finally(() => (active = false));
    });
    const training = new Training(ended, { lab: () => this.lab(), isActive: () => active });
    return training;
  }

  /** Stored runs, in no order. */
  async runs(): Promise<RunRecord[]> {
    return (await this.lab()).trainer.listRuns();
  }

  async deleteRun(run: Ref<RunRecord>): Promise<void> {
    await (await this.lab()).trainer.deleteRun(idOf(run));
  }

  /**
   * How good a model is on a dataset, in the split of its card: loss, accuracy, per-class metrics, the perturbed test.
   * @param model a run, or a file in any form that is read (tfjs zip, .keras, safetensors, ONNX) with a model card.
   * @throws 'model-broken', 'classes-differ', 'dataset-missing'; the signal's reason.
   */
  evaluate(model: Ref<RunRecord> | Blob, dataset: Ref<DatasetRecord>, { backend = 'auto', engine = 'auto', signal }: EvaluateOptions = {}): Promise<ModelEvaluation> {
    return this.inTurn(signal, async ({ trainer }) => trainer.evaluate(await this.fileOf(model), idOf(dataset), { backend, engine }));
  }

  /** A run's best weights as a zip: a tfjs layers model with its model card. @throws 'run-missing', 'weights-missing'. */
  async model(run: Ref<RunRecord>): Promise<Blob> {
    return new Blob([await (await this.lab()).trainer.exportModel(idOf(run))], { type: 'application/zip' });
  }

  /** A classifier in a worker of its own. @throws 'model-broken', 'gpu-missing'. */
  async classifier(model: Ref<RunRecord> | Blob, backend: 'auto' | Backend = 'auto'): Promise<Classifier> {
    return Classifier.open(await this.fileOf(model), backend);
  }

  /** Ends the workers: what was going on rejects with 'worker-failed'. What is stored stays, and the next call starts new ones. */
  close(): void {
    const { connecting } = this;
    this.connecting = null;
    void connecting?.then((lab) => lab.dispose(), () => {});
  }

  private lab(): Promise<LabConnection> {
    this.connecting ??= this.connect();
    return this.connecting;
  }

  private async connect(): Promise<LabConnection> {
    const forget = () => (this.connecting = null);
    try {
      const lab = await connectLab();
      lab.onData((event) => {
        if (event.type === 'import-progress') this.imports.get(event.job)?.(event);
      });
      lab.onTrainer((event) => this.hearing?.(event));
      // The next call starts new ones.
      lab.onFailure(() => {
        forget();
        lab.dispose();
      });
      return lab;
    } catch (error) {
      forget();
      throw error;
    }
  }

  private async fileOf(model: Ref<RunRecord> | Blob): Promise<Blob> {
    return model instanceof Blob ? model : this.model(model);
  }

  /** Work of the trainer, after what was asked of it before. Its promise does not wait for the trainer to obey the signal; the next work does. */
  private inTurn<T>(signal: AbortSignal | undefined, work: (lab: LabConnection) => Promise<T>): Promise<T> {
    const done = this.turn.then(async () => {
      signal?.throwIfAborted();
      const lab = await this.lab();
      signal?.throwIfAborted();
      const stop = () => void lab.trainer.stop();
      signal?.addEventListener('abort', stop);
      try {
        return await work(lab);
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    });
    this.turn = done.catch(() => {});
    return signal ? Promise.race([done, rejection(signal)]) : done;
  }

  /** Hands the events of `run` on until its last, which comes by another way than its result and can be later. */
  private async listen(tell: (event: TrainingEvent) => void, run: () => Promise<RunRecord>): Promise<RunRecord> {
    const { promise: toldAll, resolve } = withResolvers();
    this.hearing = (event) => {
      if (event.type === 'maps' || event.type === 'attempt' || event.type === 'making' || event.type === 'role') return;
      tell(event);
      if (event.type === 'run' && hasEnded(event.run)) resolve();
    };
    try {
      const ended = await run();
      await toldAll;
      return ended;
    } finally {
      this.hearing = null;
    }
  }
}

function hasEnded({ state: { kind } }: RunRecord): boolean {
  return kind === 'done' || kind === 'stopped' || kind === 'failed';
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const refuse = () => reject(signal.reason);
    if (signal.aborted) refuse();
    else signal.addEventListener('abort', refuse, { once: true });
  });
}

function withResolvers(): { promise: Promise<void>; resolve(): void } {
  let resolve = () => {};
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

