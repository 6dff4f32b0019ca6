import type { LayerMeasures } from '../../workers/contract.js';
import type { StoreBase } from './base.js';
import { download, fileName } from '../support/download.js';

/** What is known of models' layers, and whose are being measured. */
export interface Measured {
  /** By run. */
  readonly layers: ReadonlyMap<string, readonly LayerMeasures[]>;
  readonly measuring: string | null;
}

export const noneMeasured: Measured = { layers: new Map(), measuring: null };

/** Measures what layers cost and what their filters are worth, for Look and Lighten alike: one model at a time, beside no training. */
export class Measurer {
  private measured: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: StoreBase,
    /** Resolves when the trainer does nothing else. */
    private readonly trainerFree: () => Promise<void>,
  ) {}

  /** Once for each model of the session. */
  async measure(run: string, place: 'look' | 'lighten'): Promise<void> {
    const { training, lightening, measured } = this.store.state;
    if (training || lightening.work || measured.measuring !== null || measured.layers.has(run)) return;
    this.store.dismiss(place);
    this.change({ measuring: run });
    this.measured = this.store.attempt(place, async () => {
      await this.trainerFree();
      this.take(run, await this.store.workers().trainer.measureLayers(run));
    });
    await this.measured;
    this.change({ measuring: null });
  }

  /** What another has measured. */
  take(run: string, layers: readonly LayerMeasures[]): void {
    this.change({ layers: new Map(this.store.state.measured.layers).set(run, layers) });
  }

  /** Ends the measuring, if there is one; a run may begin then. */
  async halt(): Promise<void> {
    if (this.store.state.measured.measuring === null) return;
    await this.store.workers().trainer.stop();
    await this.measured;
  }

  /** Hands what was measured of a run to the browser's downloads. */
  async save(id: string): Promise<void> {
    const run = this.store.runOf(id);
    const layers = this.store.state.measured.layers.get(id);
    if (!run || !layers) return;
    const { layersCsv } = await import('../lighten/layers-csv.js');
    download(new Blob([layersCsv(layers)], { type: 'text/csv;charset=utf-8' }), fileName(`${run.settings.arch} ${run.datasetName} ${run.settings.size} layers.csv`));
  }

  private change(part: Partial<Measured>): void {
    this.store.update({ measured: { ...this.store.state.measured, ...part } });
  }
}
