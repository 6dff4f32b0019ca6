/** What the trainer worker lets a person look into: the maps, filters and silence of a stored model, of one that trains, and of its earlier epochs. */
import type { BatchSource } from '../engine/data/types.js';
import { splitOf } from '../engine/data/split.js';
import { createViewer, type Device } from '../engine/gpu/index.js';
import type { TrainingEngine, Viewer } from '../engine/gpu/engine.js';
import { graphCosts } from '../engine/graph/costs.js';
import type { LayerGraph, Weight } from '../engine/graph/types.js';
import { paintFilters } from '../engine/insight/filters.js';
import { gradCam } from '../engine/insight/grad-cam.js';
import { measureSilence, type NetworkSilence } from '../engine/insight/silence.js';
import type { RunRecord } from '../engine/storage/records.js';
import { WinnowError } from '../engine/support/errors.js';
import { imagesIn } from '../engine/training/measure.js';
import { batches } from '../engine/training/stream.js';
import type { CamRequest, FilterRequest, MapRequest, PaintedCam, PaintedFilters, PaintedMaps } from './contract.js';
import { Film } from './film.js';
import { heatBitmap, paintLayer } from './maps.js';

/** Two models side by side. */
const MOST_VIEWERS = 2;
const SAMPLE_BATCH = 16;

/** What trains now. */
export interface Live {
  readonly engine: TrainingEngine;
  readonly graph: LayerGraph;
}

export interface LookingHost {
  source(): BatchSource;
  /** That is open, or one that suits the run. */
  device(run: RunRecord): Promise<Device>;
  graph(run: RunRecord): LayerGraph;
  /** The stored weights of a run's best epoch. */
  best(run: string): Promise<Weight[]>;
  /** Null where the run does not train. */
  live(run: string): Live | null;
}

interface Opened {
  readonly graph: LayerGraph;
  readonly viewer: Viewer;
  /** Whose weights are on it. */
  epoch: number | null;
}

export class Looking {
  private readonly film = new Film();
  /** By run, the one looked into last at the end. */
  private readonly opened = new Map<string, Opened>();
  /** What is asked for is answered one by one: an engine holds one epoch's weights at a time. */
  private last: Promise<unknown> = Promise.resolve();
  /** The last epoch's weights are on their way. */
  private taking: Promise<void> = Promise.resolve();
  /** Counts the times that the device went, and the measurements: what was under way before is over. */
  private closings = 0;
  private measurements = 0;

  constructor(private readonly host: LookingHost) {}

  /** @param pixels of the photo, as the network sees it. */
  maps(run: RunRecord, { layer, epoch = null }: MapRequest, pixels: Uint8Array<ArrayBuffer>): Promise<PaintedMaps> {
    return this.inTurn(async () => {
      const { engine, graph } = await this.engine(run, epoch);
      return paintLayer(engine, graph, layer, pixels);
    });
  }

  filters(run: RunRecord, { layer, channel, epoch = null }: FilterRequest): Promise<PaintedFilters> {
    return this.inTurn(async () => {
      const { viewer, graph } = await this.open(run, this.kept(run, epoch));
      const { rgba, width, height, ...sheet } = paintFilters(graph, await viewer.readWeights(), layer, channel);
      return { layer, ...sheet, bitmap: await createImageBitmap(new ImageData(rgba, width, height)) };
    });
  }

  /** @param pixels of the photo, as the network sees it. */
  cam(run: RunRecord, { layer, label, epoch = null }: CamRequest, pixels: Uint8Array<ArrayBuffer>): Promise<PaintedCam> {
    return this.inTurn(async () => {
      const { viewer, graph } = await this.open(run, this.kept(run, epoch));
      const cam = await gradCam(viewer, graph, pixels, layer, label);
      const { height, width, peak } = cam;
      return { layer, label, peak, height, width, bitmap: await heatBitmap(cam) };
    });
  }

  /**
   * Over validation photos drawn by the run's own seed, at its best epoch's weights; beside whatever else is asked.
   * @param photos at most.
   * @throws 'cancelled' where another measurement has begun, or the device has gone to a run.
   */
  async silence(run: RunRecord, photos: number): Promise<NetworkSilence> {
    const [turn, closings] = [++this.measurements, this.closings];
    const source = this.host.source();
    const split = splitOf(run.dataset, run.settings);
    const { train, validation, test } = await source.split(split);
    const images = Math.min(photos, imagesIn({ train, validation, test }).validation);
    const { size } = run.settings;
    const spec = { split, part: 'validation', size, batch: SAMPLE_BATCH, epoch: 0, perturb: null } as const;
    const check = (): void => {
      if (turn !== this.measurements || closings !== this.closings) throw new WinnowError('cancelled');
    };
    async function* sample(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      const bytes = size * size * 3;
      let left = images;
      for await (const batch of batches(source, spec, images)) {
        for (let photo = 0; photo < batch.size && left > 0; photo++, left--) {
          check();
          yield batch.pixels.slice(photo * bytes, (photo + 1) * bytes);
        }
      }
    }
    const weights = await this.host.best(run.id);
    const device = await this.host.device(run);
    check();
    const graph = this.host.graph(run);
    const viewer = createViewer(device, graph, weights);
    try {
      return await measureSilence(viewer, graph, sample());
    } finally {
      viewer.dispose();
    }
  }

  /** Keeps what a run that trains has learned by an epoch's end. */
  record(run: string, epoch: number, { engine, graph }: Live): Promise<void> {
    const taking = this.film.take(run, epoch, engine, graphCosts(graph).bytes);
    this.taking = taking.catch(() => undefined);
    return taking;
  }

  /** The epochs of a run that can be asked for, ascending; the one that has just ended among them. */
  async epochs(run: string): Promise<number[]> {
    await this.taking;
    return this.film.epochs(run);
  }

  /** The device goes to somebody else: what is under way ends with 'cancelled'. */
  giveWay(): void {
    this.closings++;
    this.close();
  }

  /** Frees the GPU of one run's model, or of all. */
  close(run?: string): void {
    for (const [id, { viewer }] of this.opened) {
      if (run !== undefined && id !== run) continue;
      viewer.dispose();
      this.opened.delete(id);
    }
  }

  /** Of a run that is deleted. */
  forget(run: string): void {
    this.close(run);
    this.film.forget(run);
  }

  /** With the weights that are asked for: of an epoch that was kept, of now while the run trains, else of the best epoch. */
  private async engine(run: RunRecord, epoch: number | null): Promise<Live> {
    const live = epoch === null ? this.host.live(run.id) : null;
    if (live) return live;
    const { viewer, graph } = await this.open(run, epoch);
    return { engine: viewer, graph };
  }

  /** The engine that trains gives neither its weights nor a gradient without a wait: of a run that trains, its latest epoch is shown. */
  private kept(run: RunRecord, epoch: number | null): number | null {
    return epoch ?? (this.host.live(run.id) ? (this.film.epochs(run.id).at(-1) ?? null) : null);
  }

  private async open(run: RunRecord, epoch: number | null): Promise<Opened> {
    const known = this.opened.get(run.id);
    if (known?.epoch === epoch) return this.touch(run.id, known);
    const weights = epoch === null ? await this.host.best(run.id) : this.film.weights(run.id, epoch);
    // It may have been closed meanwhile.
    if (known && this.opened.get(run.id) === known) {
      known.viewer.writeWeights(weights);
      known.epoch = epoch;
      return this.touch(run.id, known);
    }
    const graph = this.host.graph(run);
    const opened = this.touch(run.id, { graph, viewer: createViewer(await this.host.device(run), graph, weights), epoch });
    for (const id of [...this.opened.keys()].slice(0, -MOST_VIEWERS)) this.close(id);
    return opened;
  }

  private touch(run: string, opened: Opened): Opened {
    this.opened.delete(run);
    this.opened.set(run, opened);
    return opened;
  }

  /** What fails because the device went meanwhile was cancelled. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const { closings } = this;
    const done = this.last.then(work).catch((error: unknown) => {
      throw closings === this.closings ? error : new WinnowError('cancelled');
    });
    this.last = done.catch(() => undefined);
    return done;
  }
}
