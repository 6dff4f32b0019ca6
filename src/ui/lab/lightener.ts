import type { RunRecord } from '../../engine/storage/records.js';
import type { TrainerEvent } from '../../workers/contract.js';
import type { LightenWork } from '../lighten/lighten.js';
import type { Options } from '../lighten/options-form.js';
import type { StoreBase } from './base.js';
import type { Lightening } from './lightening.js';
import type { Measurer } from './measurer.js';
import { hasModel } from './state.js';

/** Runs of a dataset that can be lightened: those that were not made by it. */
export function canBeLightened(runs: readonly RunRecord[], dataset: string | null): RunRecord[] {
  return runs.filter((run) => run.dataset === dataset && !run.lightened && hasModel(run));
}

/** The Lighten place's part of the store: one search at a time, not beside a training. */
export class Lightener {
  constructor(
    private readonly store: StoreBase,
    private readonly measurer: Measurer,
    /** Resolves when the trainer does nothing else. */
    private readonly trainerFree: () => Promise<void>,
    /** The trainer is free again. */
    private readonly ended: () => void,
  ) {}

  choose(origin: string): void {
    this.change({ origin });
  }

  async begin(origin: string, options: Options): Promise<void> {
    const { training, lightening } = this.store.state;
    if (training || lightening.work) return;
    this.store.dismiss('lighten');
    this.change({ origin, result: null, work: { origin, making: null, stage: 'preparing', progress: null, paused: false } });
    await this.store.attempt('lighten', async () => {
      await this.trainerFree();
      const result = await this.store.workers().trainer.lighten(origin, { ...options, backend: 'auto', engine: 'auto' });
      this.change({ result });
      if (result.finished) this.measurer.take(origin, result.layers);
    });
    this.change({ work: null });
    this.ended();
  }

  pause(): Promise<void> {
    this.changeWork({ paused: true });
    return this.store.attempt('lighten', () => this.store.workers().trainer.pause());
  }

  resume(): Promise<void> {
    this.changeWork({ paused: false });
    return this.store.attempt('lighten', () => this.store.workers().trainer.resume());
  }

  stop(): Promise<void> {
    return this.store.attempt('lighten', () => this.store.workers().trainer.stop());
  }

  /** What the trainer says of a search. @returns whether that is what it was. */
  hear(event: TrainerEvent): boolean {
    if (event.type === 'run' || event.run !== 'lighten') return false;
    switch (event.type) {
      case 'making':
        this.changeWork({ making: { name: event.name, epochs: event.epochs }, progress: null });
        break;
      case 'stage':
        this.changeWork({ stage: event.stage });
        break;
      case 'progress':
        this.changeWork({ progress: event });
        break;
      default:
        // An attempt: it comes as a run, too.
        break;
    }
    return true;
  }

  private change(part: Partial<Lightening>): void {
    this.store.update({ lightening: { ...this.store.state.lightening, ...part } });
  }

  private changeWork(part: Partial<LightenWork>): void {
    const { work } = this.store.state.lightening;
    if (work) this.change({ work: { ...work, ...part } });
  }
}
