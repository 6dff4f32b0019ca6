/** Entry of the trainer worker: the one thread that trains, and that looks into what was trained. */
import { version } from '../../package.json';
import { graphOfRun } from '../engine/architectures/index.js';
import type { BatchSource } from '../engine/data/types.js';
import { modelCard } from '../engine/exchange/card.js';
import { writeModelZip } from '../engine/exchange/model-zip.js';
import { openDevice, probeAdapter, type Device } from '../engine/gpu/index.js';
import type { RunRecord } from '../engine/storage/records.js';
import { deleteRun, getRun, listRuns, resultOf, saveRun } from '../engine/storage/runs.js';
import { loadBest } from '../engine/storage/weights.js';
import { toErrorData, WinnowError } from '../engine/support/errors.js';
import type { AdapterInfo, Backend, RunSettings } from '../engine/support/settings.js';
import { RunControl } from '../engine/training/control.js';
import { evaluateModel, type ModelEvaluation } from '../engine/training/evaluate-model.js';
import { TrainingRun, type RunRequest } from '../engine/training/run.js';
import { measureSpeed, predictMemory, type Speed } from '../engine/training/speed.js';
import type { TrainingStart } from '../engine/training/start.js';
import type { CamRequest, FilterRequest, LightenRequest, LightenResult, LayerMeasures, MapRequest, NetworkSilence, PaintedCam, PaintedFilters, PaintedMaps, TrainerEvent, TrainerWorker } from './contract.js';
import { adoptModel } from './adopt.js';
import { trainerChecks } from './checks.js';
import { Lightening } from './lightening.js';
import { remote, serve, transfer } from './line.js';
import { measureLayers } from './light-models.js';
import { Looking } from './looking.js';
import { paintLayer } from './maps.js';
import { allowSilence } from './heartbeat.js';
import { lockOf, RunChannel, whenFree, whereFree } from './sharing.js';

const WATCH_MS = 500;
/** Until one has been seen. */
const SLOWEST_STEP_MS = 600_000;

class Trainer implements TrainerWorker {
  private events: MessagePort | null = null;
  private source: BatchSource | null = null;
  /** There is one in a worker: a run that begins takes the place of what was looked into. */
  private device: Promise<Device> | null = null;
  private active: { readonly run: TrainingRun; readonly ended: Promise<RunRecord> } | null = null;
  /** To the tabs that watch what trains here. */
  private channel: RunChannel | null = null;
  /** To the tab that trains what is watched here. */
  private watching: RunChannel | null = null;
  /** Of a model that is evaluated or lightened. */
  private working: { readonly control: RunControl; stop(): void } | null = null;
  private readonly looking = new Looking({
    source: () => this.data(),
    device: (run) => this.device ?? this.freshDevice(run.settings.backend),
    graph: graphOfRun,
    best: loadBest,
    live: (run) => (this.active?.run.id === run ? this.active.run.live : null),
  });
  private watched: MapRequest | null = null;
  private watchedAt = 0;
  /** Maps are being painted; the next wait. */
  private painting = false;
  /** The photo looked at last, by dataset, index and size. */
  private photo: { readonly key: string; readonly pixels: Promise<Uint8Array<ArrayBuffer>> } | null = null;
  private readonly recovered = markInterrupted();

  async subscribe(port: MessagePort): Promise<void> {
    this.events = port;
  }

  async connectData(port: MessagePort): Promise<void> {
    this.source = remote<BatchSource>(port);
  }

  probe(backend: 'auto' | Backend): Promise<AdapterInfo> {
    return probeAdapter(backend);
  }

  async predictMemory(settings: readonly RunSettings[], classes: number): Promise<(number | null)[]> {
    const adapters = new Map<string, Promise<AdapterInfo>>();
    const predictions: (number | null)[] = [];
    for (const each of settings) {
      const adapter = adapters.get(each.backend) ?? probeAdapter(each.backend);
      adapters.set(each.backend, adapter);
      predictions.push(await adapter.then((known) => predictMemory(each, classes, known)).catch(() => null));
      // A large network's plan takes a while: a run that trains gets its turn between two.
      await new Promise((resolve) => setTimeout(resolve));
    }
    return predictions;
  }

  async measureSpeed(settings: RunSettings, classes: number): Promise<Speed> {
    return this.work(async (control) => measureSpeed(await (this.device ?? this.freshDevice(settings.backend)), settings, classes, control), (control) => control.stop());
  }

  async train(dataset: string, settings: RunSettings, start?: TrainingStart): Promise<RunRecord> {
    this.checkIdle();
    const run = this.runOf({ dataset, settings, start: start ?? null });
    return this.conduct(run, (work) => navigator.locks.request(lockOf(run.id), work));
  }

  async resumeRun(id: string): Promise<RunRecord> {
    this.checkIdle();
    const channel = new RunChannel(id, { event: (event) => this.send(event) });
    this.watching = channel;
    try {
      await this.recovered;
      return await whenFree(id, () => this.send({ type: 'role', run: id, role: 'watching' }), async (waited) => {
        channel.close();
        this.watching = null;
        const record = await getRun(id);
        const { kind } = record.state;
        // What ended while this tab watched has ended; what was stopped or failed before may go on.
        if (kind === 'done' || (waited && (kind === 'stopped' || kind === 'failed'))) {
          this.send({ type: 'run', run: record });
          return record;
        }
        const run = this.runOf({ dataset: record.dataset, settings: record.settings, start: null, resumes: record });
        return this.conduct(run, (work) => work());
      });
    } finally {
      channel.close();
      this.watching = null;
    }
  }

  private runOf(what: Pick<RunRequest, 'dataset' | 'settings' | 'start' | 'resumes'>): TrainingRun {
    const run: TrainingRun = new TrainingRun({
      ...what,
      source: this.data(),
      openDevice: (backend) => this.freshDevice(backend),
      listener: {
        stage: (stage, share) => this.tell({ type: 'stage', run: run.id, stage, ...(share !== undefined && { share }) }),
        changed: (record) => this.tell({ type: 'run', run: record }),
        progress: (progress) => {
          this.tell({ type: 'progress', run: run.id, ...progress });
          if (performance.now() - this.watchedAt >= WATCH_MS) void this.showWatched(run);
        },
        epoch: (record, best) => {
          allowSilence(0);
          this.tell({ type: 'epoch', run: run.id, record, best });
          void this.record(run, record.epoch);
          void this.showWatched(run);
        },
        advice: (advice) => this.tell({ type: 'advice', run: run.id, advice }),
        notice: (error) => this.tell({ type: 'notice', run: run.id, error }),
      },
    });
    return run;
  }

  /** @param hold runs the work under the run's lock. */
  private async conduct(run: TrainingRun, hold: (work: () => Promise<RunRecord>) => Promise<RunRecord>): Promise<RunRecord> {
    this.channel = new RunChannel(run.id, { command: (command) => run.control[command]() });
    const ended = hold(() => {
      this.send({ type: 'role', run: run.id, role: 'training' });
      return run.run();
    });
    this.active = { run, ended };
    try {
      return await ended;
    } finally {
      this.active = null;
      this.watched = null;
      this.channel.close();
      this.channel = null;
    }
  }

  async evaluate(model: Blob, dataset: string, on: Pick<RunSettings, 'backend' | 'engine'>): Promise<ModelEvaluation> {
    return this.work((control) => evaluateModel(model, dataset, this.data(), (backend) => this.freshDevice(backend), on, control), (control) => control.abort());
  }

  async adopt(model: Blob, dataset: string, on: Pick<RunSettings, 'backend' | 'engine'>): Promise<RunRecord> {
    const run = await this.work((control) => adoptModel(model, dataset, this.data(), (backend) => this.freshDevice(backend), on, control), (control) => control.abort());
    this.send({ type: 'run', run });
    return run;
  }

  async lighten(run: string, request: LightenRequest): Promise<LightenResult> {
    return this.work(async (control) => {
      const lightening = new Lightening(await getRun(run), request, this.data(), (backend) => this.freshDevice(backend), control, {
        stage: (stage) => this.send({ type: 'stage', run: 'lighten', stage }),
        progress: (progress) => this.send({ type: 'progress', run: 'lighten', ...progress }),
        attempt: (attempt, place) => this.send({ type: 'attempt', run: 'lighten', attempt, place }),
        making: (name, epochs) => this.send({ type: 'making', run: 'lighten', name, epochs }),
        made: (made) => this.send({ type: 'run', run: made }),
      });
      return lightening.run();
    }, (control) => control.abort());
  }

  async measureLayers(id: string): Promise<LayerMeasures[]> {
    return this.work(async (control) => measureLayers(await getRun(id), this.data(), (backend) => this.device ?? this.freshDevice(backend), control), (control) => control.abort());
  }

  private async work<T>(run: (control: RunControl) => Promise<T>, stop: (control: RunControl) => void): Promise<T> {
    this.checkIdle();
    const control = new RunControl();
    this.working = { control, stop: () => stop(control) };
    try {
      return await run(control);
    } finally {
      this.working = null;
    }
  }

  async pause(): Promise<void> {
    this.watching?.ask('pause');
    (this.active?.run.control ?? this.working?.control)?.pause();
  }

  async resume(): Promise<void> {
    this.watching?.ask('resume');
    (this.active?.run.control ?? this.working?.control)?.resume();
  }

  async stop(): Promise<void> {
    this.watching?.ask('stop');
    this.active?.run.control.stop();
    this.working?.stop();
  }

  async listRuns(): Promise<RunRecord[]> {
    await this.recovered;
    return listRuns();
  }

  async deleteRun(id: string): Promise<void> {
    if (this.active?.run.id === id) {
      const { run, ended } = this.active;
      run.control.abort();
      await ended.catch(() => undefined);
    }
    this.looking.forget(id);
    await deleteRun(id);
  }

  async featureMaps(request: MapRequest): Promise<PaintedMaps> {
    const run = await getRun(request.run);
    const maps = await this.looking.maps(run, request, await this.pixels(run, request.photo));
    return transfer(maps, [maps.bitmap]);
  }

  async filterWeights(request: FilterRequest): Promise<PaintedFilters> {
    const filters = await this.looking.filters(await getRun(request.run), request);
    return transfer(filters, [filters.bitmap]);
  }

  async gradCam(request: CamRequest): Promise<PaintedCam> {
    const run = await getRun(request.run);
    const cam = await this.looking.cam(run, request, await this.pixels(run, request.photo));
    return transfer(cam, [cam.bitmap]);
  }

  async silence(id: string, photos: number): Promise<NetworkSilence> {
    if (this.active !== null || this.working !== null) throw new WinnowError('cancelled');
    return this.looking.silence(await getRun(id), photos);
  }

  async epochs(run: string): Promise<number[]> {
    return this.looking.epochs(run);
  }

  async watch(request: MapRequest | null): Promise<void> {
    this.watched = request;
    this.watchedAt = 0;
  }

  async exportModel(id: string): Promise<Uint8Array<ArrayBuffer>> {
    const run = await getRun(id);
    const card = modelCard(run, resultOf(run), version);
    const bytes = await writeModelZip({ graph: graphOfRun(run), weights: await loadBest(id), card });
    return transfer(bytes, [bytes.buffer]);
  }

  private checkIdle(): void {
    if (this.active !== null || this.working !== null || this.watching !== null) throw new WinnowError('call-invalid', { why: 'A run is being trained or evaluated already' });
  }

  private data(): BatchSource {
    if (this.source === null) throw new WinnowError('call-invalid', { why: 'The trainer has not been connected to the data worker' });
    return this.source;
  }

  /** A new one for each run: tfjs's pool keeps every buffer of the run before. */
  private freshDevice(wanted: 'auto' | Backend): Promise<Device> {
    if (this.device !== null) this.looking.giveWay();
    const opening = openDevice(wanted);
    // On the processor a step blocks this worker for as long as it takes.
    opening.then(({ adapter }) => allowSilence(adapter.backend === 'cpu' ? SLOWEST_STEP_MS : 0), () => {});
    const forget = (): void => {
      if (this.device !== opening) return;
      this.device = null;
      this.looking.close();
    };
    opening.then((device) => device.failed.then(forget), forget);
    this.device = opening;
    return opening;
  }

  /** What it knows by an epoch's end, for whoever wants to see it learn. */
  private async record(run: TrainingRun, epoch: number): Promise<void> {
    const { live } = run;
    try {
      if (live !== null) await this.looking.record(run.id, epoch, live);
    } catch (error) {
      if (run.live === live) this.send({ type: 'notice', run: run.id, error: toErrorData(error) });
    }
  }

  private async showWatched(run: TrainingRun): Promise<void> {
    const { watched } = this;
    const { live } = run;
    if (watched === null || watched.run !== run.id || live === null || this.painting) return;
    this.painting = true;
    this.watchedAt = performance.now();
    try {
      const pixels = await this.pixels(await getRun(run.id), watched.photo);
      // The run may have ended while the photo was fetched.
      if (run.live !== live) return;
      const maps = await paintLayer(live.engine, live.graph, watched.layer, pixels);
      this.send({ type: 'maps', run: run.id, epoch: live.epoch, maps }, [maps.bitmap]);
    } catch (error) {
      if (run.live === live) this.send({ type: 'notice', run: run.id, error: toErrorData(error) });
    } finally {
      this.painting = false;
    }
  }

  private pixels({ dataset, settings }: RunRecord, index: number): Promise<Uint8Array<ArrayBuffer>> {
    const key = `${dataset} ${index} ${settings.size}`;
    if (this.photo?.key !== key) {
      const pixels = this.data().pixels(dataset, index, settings.size);
      pixels.catch(() => (this.photo = null));
      this.photo = { key, pixels };
    }
    return this.photo.pixels;
  }

  /** Of the run that trains here. */
  private tell(event: TrainerEvent): void {
    this.send(event);
    this.channel?.tell(event);
  }

  private send(event: TrainerEvent, moved: Transferable[] = []): void {
    this.events?.postMessage(event, moved);
  }
}

/** Runs that are stored as going on while no trainer has them: their tab was closed, or their worker ended. */
async function markInterrupted(): Promise<void> {
  for (const run of await listRuns()) {
    if (run.state.kind !== 'running' && run.state.kind !== 'paused') continue;
    await whereFree(run.id, async () => {
      const now = await getRun(run.id).catch(() => null);
      if (now?.state.kind === 'running' || now?.state.kind === 'paused') await saveRun({ ...now, state: { kind: 'interrupted' } });
    });
  }
}

serve(new Trainer(), trainerChecks);
