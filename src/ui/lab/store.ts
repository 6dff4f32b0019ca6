import { toErrorData } from '../../engine/support/errors.js';
import { defaultSettings, type AdapterInfo, type AugmentSettings, type RunSettings } from '../../engine/support/settings.js';
import type { Rule } from '../../engine/comparison/recommendation.js';
import type { LabConnection } from '../../workers/connect.js';
import type { DataEvent, ImportSource, TrainerEvent, TrainingStart } from '../../workers/contract.js';
import type { ImportJob } from '../dataset/dataset.js';
import { remember } from '../support/memory.js';
import { StoreBase } from './base.js';
import { Costing } from './costing.js';
import { rememberForm } from './form.js';
import { Lightener } from './lightener.js';
import { Gallery } from './gallery.js';
import { Looker } from './looker.js';
import { Measurer } from './measurer.js';
import { PhotoDesk } from './photos.js';
import type { ReportFormat } from './report.js';
import { RoomDesk } from './room.js';
import { byAge, nameOf, resuming, newest, SELECTED, withEpoch, type Place, type QueuedRun, type Training } from './state.js';

/** Side of a sample photo, pixels. */
const SAMPLE_SIDE = 160;

/** The one state of the page: actions call the workers, and put what comes back into `state`. */
export class LabStore extends StoreBase {
  readonly look = new Looker(this);
  readonly gallery = new Gallery(this);
  readonly costing = new Costing(this);
  readonly desk = new PhotoDesk(this);
  readonly room = new RoomDesk(this);
  readonly measurer = new Measurer(this, () => this.costing.halt());
  readonly lighten = new Lightener(this, this.measurer, () => this.trainerFree(), () => this.trainNext());
  /** Settles when the run that trains now has ended. */
  private current: Promise<void> = Promise.resolve();
  /** What the runs of this session that did not begin afresh began with. */
  private readonly starts = new Map<string, TrainingStart>();

  constructor(private readonly connect: () => Promise<LabConnection>) {
    super();
    this.subscribe(() => this.look.settle());
    this.subscribe(() => this.costing.settle());
    this.subscribe(() => this.desk.settle());
    this.subscribe(() => this.room.settle());
  }

  /** Connects the workers, reads what is stored, then asks for the adapter. */
  async start(): Promise<void> {
    await this.attempt('lab', async () => {
      this.lab = await this.connect();
      this.lab.onData((event) => this.hearData(event));
      this.lab.onTrainer((event) => this.hearTrainer(event));
      this.lab.onFailure((error) => {
        this.update({ queue: [] });
        this.fail('lab', toErrorData(error));
      });
      const [datasets, runs] = await Promise.all([this.lab.data.listDatasets(), this.lab.trainer.listRuns()]);
      this.update({ datasets, runs: byAge(runs), ready: true });
      void this.room.read();
      // What the trainer still calls running is trained by another tab.
      this.enqueue(this.state.runs.filter(({ state }) => state.kind === 'running' || state.kind === 'paused').map(resuming));
      this.select(datasets.some(({ id }) => id === this.state.selected) ? this.state.selected : newest(datasets));
      this.suit(await this.lab.trainer.probe('auto'));
    });
  }

  /** Ends the workers. What is stored stays. */
  dispose(): void {
    this.lab?.dispose();
    this.lab = null;
  }

  /** After a worker has failed: new workers, and everything stored is read again. */
  async restart(): Promise<void> {
    this.dispose();
    this.update({ errors: {}, ready: false });
    await this.start();
  }

  go(place: Place): void {
    if (place === this.state.place) return;
    const left = this.state.place;
    // Whoever comes back to Train finds the form as it was left.
    if (left === 'train') this.update({ form: { ...this.state.form, start: this.state.form.now } });
    this.update({ place });
    if (place === 'look') void this.look.ask();
    else if (left === 'look' && this.lab) void this.look.leave();
  }

  /* ---- data ---- */

  async importDataset(source: ImportSource): Promise<void> {
    if (this.state.job) return;
    const job: ImportJob = { id: crypto.randomUUID(), name: nameOf(source), progress: null };
    this.dismiss('data');
    this.update({ job });
    // Asked from the window, while a person's own act is fresh; a refusal costs nothing.
    void navigator.storage?.persist?.();
    await this.attempt('data', async () => {
      const record = await this.workers().data.importDataset(job.id, source);
      await this.readDatasets();
      this.select(record.id);
    });
    this.update({ job: null });
  }

  async cancelImport(): Promise<void> {
    const { job } = this.state;
    if (job) await this.attempt('data', () => this.workers().data.cancelImport(job.id));
  }

  select(id: string | null): void {
    const changed = id !== this.state.selected;
    if (changed) {
      this.retire(...this.state.samples.map(({ bitmap }) => bitmap));
      this.update({ selected: id, samples: [] });
      remember(SELECTED, id);
    }
    if (id !== null && (changed || this.state.samples.length === 0)) void this.readSamples(id);
  }

  async deleteDataset(id: string): Promise<void> {
    await this.attempt('data', async () => {
      this.update({ queue: this.state.queue.filter(({ dataset }) => dataset !== id) });
      if (this.state.training?.queued.dataset === id) {
        await this.workers().trainer.stop();
        await this.current;
      }
      await this.workers().data.deleteDataset(id);
      await this.readDatasets();
      await this.readRuns();
      if (this.state.selected === id) this.select(newest(this.state.datasets));
    });
  }

  /* ---- training: one run at a time, the others wait here ---- */

  /** @param model whose weights each begins with. */
  train(settings: readonly RunSettings[], model: File | null = null): void {
    const dataset = this.state.selected;
    if (dataset === null) return;
    this.enqueue([...this.state.queue, ...settings.map((each) => ({ dataset, settings: each, ...(model && { start: { kind: 'transfer', model } as const }) }))]);
  }

  /** A run once more, from another seed on the same split, before what waits. The run is stopped where it still trains. */
  trainAgain(id: string): void {
    const run = this.runOf(id);
    if (!run) return;
    const { seed, splitSeed } = run.settings;
    const settings = { ...run.settings, seed: (seed + 1) >>> 0, splitSeed: splitSeed ?? seed };
    const start = this.starts.get(id);
    this.enqueue([{ dataset: run.dataset, settings, ...(start?.kind === 'transfer' && { start }) }, ...this.state.queue]);
    if (this.state.training?.run === id) void this.stop();
  }

  /** A run that has ended, for more epochs, before what waits. */
  trainOn(id: string, epochs: number): void {
    const run = this.runOf(id);
    if (run) this.enqueue([{ dataset: run.dataset, settings: { ...run.settings, epochs: run.history.length + epochs }, start: { kind: 'continue', run: id } }, ...this.state.queue]);
  }

  /** A run that was interrupted, before what waits. */
  resumeRun(id: string): void {
    const run = this.runOf(id);
    if (run) this.enqueue([resuming(run), ...this.state.queue]);
  }

  private enqueue(queue: readonly QueuedRun[]): void {
    this.dismiss('train');
    this.update({ queue });
    this.trainNext();
  }

  editForm(now: RunSettings, chosen: readonly string[] | null): void {
    this.update({ form: { ...this.state.form, now, chosen } });
    rememberForm(this.state.form);
  }

  /** How training photos are changed, chosen in the Data place. */
  augment(augment: AugmentSettings): void {
    const { form } = this.state;
    this.update({ form: { ...form, start: { ...form.now, augment } } });
    this.editForm({ ...form.now, augment }, form.chosen);
  }

  showArch(shownArch: string): void {
    this.update({ shownArch });
  }

  dequeue(index: number): void {
    this.update({ queue: this.state.queue.filter((_, position) => position !== index) });
  }

  /** A waiting run to another place in the queue. */
  requeue(index: number, to: number): void {
    const queue = [...this.state.queue];
    queue.splice(to, 0, ...queue.splice(index, 1));
    this.update({ queue });
  }

  pause(): Promise<void> {
    return this.attempt('train', () => this.workers().trainer.pause());
  }

  resume(): Promise<void> {
    return this.attempt('train', () => this.workers().trainer.resume());
  }

  stop(): Promise<void> {
    return this.attempt('train', () => this.workers().trainer.stop());
  }

  async deleteRun(id: string): Promise<void> {
    await this.attempt('compare', async () => {
      await this.workers().trainer.deleteRun(id);
      await this.readRuns();
    });
  }

  /** The run's model as a zip, or null when it failed (the error then stands in `errors`). */
  async exportModel(id: string): Promise<Blob | null> {
    let blob: Blob | null = null;
    this.dismiss('compare');
    await this.attempt('compare', async () => {
      blob = new Blob([await this.workers().trainer.exportModel(id)], { type: 'application/zip' });
    });
    return blob;
  }

  /** A report of some runs on one dataset, as a download. */
  async saveReport(ids: readonly string[], rule: Rule, format: ReportFormat): Promise<void> {
    this.dismiss('compare');
    await this.attempt('compare', async () => {
      const { saveReport } = await import('./report.js');
      const [first, ...rest] = this.state.runs.filter(({ id }) => ids.includes(id));
      const dataset = this.state.datasets.find(({ id }) => id === first?.dataset);
      if (dataset) saveReport(dataset, [first, ...rest], rule, format);
    });
  }

  /* ---- what the workers say ---- */

  private hearData(event: DataEvent): void {
    if (event.type === 'datasets-changed') void this.attempt('data', () => this.readDatasets());
    else if (event.type === 'duplicates-progress') this.desk.hear(event);
    else if (this.state.job?.id === event.job) this.update({ job: { ...this.state.job, progress: event } });
  }

  private hearTrainer(event: TrainerEvent): void {
    if (this.lighten.hear(event)) return;
    const id = event.type === 'run' ? event.run.id : event.run;
    const { training } = this.state;
    if (training && training.run === null && event.type !== 'maps') {
      if (training.queued.start) this.starts.set(id, training.queued.start);
      this.update({ training: { ...training, run: id } });
    }
    switch (event.type) {
      case 'run':
        this.update({ runs: byAge([...this.state.runs.filter((run) => run.id !== id), event.run]) });
        break;
      case 'epoch':
        this.update({ runs: this.state.runs.map((run) => (run.id === id ? withEpoch(run, event.record) : run)) });
        void this.look.epochEnded(id);
        break;
      case 'stage':
        this.updateTraining({ stage: event.stage, share: event.share });
        break;
      case 'progress':
        this.updateTraining({ progress: event });
        break;
      case 'role':
        this.updateTraining({ watching: event.role === 'watching' });
        break;
      case 'advice':
        // It stands in the run, which came just before.
        break;
      case 'notice':
        this.fail('train', event.error);
        break;
      case 'attempt':
      case 'making':
        // The lightener has heard it.
        break;
      case 'maps':
        this.look.hear(id, event.epoch, event.maps);
    }
  }

  /** What only measures gives way to what trains. */
  private async trainerFree(): Promise<void> {
    await this.costing.halt();
    await this.measurer.halt();
  }

  private trainNext(): void {
    const { training, lightening, queue: [next, ...queue] } = this.state;
    if (training || lightening.work || !next) return;
    this.update({ queue, training: { queued: next, run: next.resumes ?? null, stage: 'preparing', progress: null, watching: false } });
    this.current = this.trainToEnd(next);
    void this.current.then(() => this.trainNext());
  }

  private async trainToEnd({ dataset, settings, start, resumes }: QueuedRun): Promise<void> {
    await this.attempt('train', async () => {
      const { trainer } = this.workers();
      const { costs, measured } = this.state;
      if (costs.measuring !== null || measured.measuring !== null) await this.trainerFree();
      const run = await (resumes === undefined ? trainer.train(dataset, settings, start) : trainer.resumeRun(resumes));
      if (run.state.kind === 'failed') this.fail('train', run.state.error);
    });
    this.update({ training: null, lastRun: this.state.training?.run ?? null });
    if (!this.lab) return;
    await this.attempt('train', () => this.readRuns());
    // The best weights are stored now: what was shown live is shown from them.
    void this.look.ask();
  }

  /* ---- reading ---- */

  private async readDatasets(): Promise<void> {
    this.update({ datasets: await this.workers().data.listDatasets() });
    void this.room.read();
  }

  private async readRuns(): Promise<void> {
    const runs = byAge(await this.workers().trainer.listRuns());
    this.update({ runs });
    if (this.state.looking && !this.runOf(this.state.looking.run)) this.look.clear();
    if (this.state.beside && !this.runOf(this.state.beside.run)) this.look.side.clear();
  }

  private async readSamples(id: string): Promise<void> {
    await this.attempt('data', async () => {
      const classes = this.state.datasets.find((dataset) => dataset.id === id)?.classes.length ?? 0;
      const samples = await this.workers().data.samples(id, classes > 24 ? 1 : 4, SAMPLE_SIDE);
      const shown = this.state.selected === id;
      this.retire(...(shown ? this.state.samples : samples).map(({ bitmap }) => bitmap));
      if (shown) this.update({ samples });
    });
  }

  /** A software adapter takes hours at 224 pixels: the untouched form then starts at 32. */
  private suit(adapter: AdapterInfo): void {
    const { form } = this.state;
    const modest = { ...defaultSettings, size: 32 };
    this.update({ adapter, ...(adapter.fallback && form.now === defaultSettings && { form: { ...form, start: modest, now: modest } }) });
  }

  private updateTraining(part: Partial<Training>): void {
    if (this.state.training) this.update({ training: { ...this.state.training, ...part } });
  }
}
