import type { NetworkSilence, PaintedMaps } from '../../workers/contract.js';
import type { StoreBase } from './base.js';
import { Pane } from './pane.js';
import { hasModel } from './state.js';

/** The Look place's part of the store: the model that is looked into, and another beside it, with the same photo. */
export class Looker {
  /** By run: a model's dead filters are counted once. */
  private readonly silences = new Map<string, NetworkSilence>();
  readonly main: Pane;
  readonly side: Pane;

  constructor(private readonly store: StoreBase) {
    this.main = new Pane(store, 'looking', this.silences);
    this.side = new Pane(store, 'beside', this.silences);
  }

  /** In the Look place something is shown as soon as there is something: the newest model of the chosen dataset, if none was chosen. */
  settle(): void {
    const { place, selected, runs, training, looking, beside } = this.store.state;
    if (place !== 'look') return;
    if (beside && this.store.runOf(beside.run)?.dataset !== selected) this.side.clear();
    if (this.main.opening !== null || this.store.runOf(looking?.run)?.dataset === selected) return;
    const newest = runs.filter((run) => run.dataset === selected && (hasModel(run) || run.id === training?.run)).at(-1);
    if (newest) void this.main.open(newest.id);
    else if (looking) this.clear();
  }

  async open(id: string): Promise<void> {
    // A model is not looked into beside itself.
    if (this.store.state.beside?.run === id) this.side.clear();
    await this.main.open(id);
  }

  /** Another model with the same photo; none for null. */
  async beside(id: string | null): Promise<void> {
    if (id === null) this.side.clear();
    else await this.side.open(id, this.store.state.looking);
  }

  /** The photo `step` further in the dataset, from the last to the first. */
  async photo(step: number): Promise<void> {
    const { looking, beside, datasets } = this.store.state;
    const dataset = datasets.find(({ id }) => id === this.store.runOf(looking?.run)?.dataset);
    if (!looking || !dataset) return;
    const index = (looking.index + step + dataset.images) % dataset.images;
    await Promise.all([this.main.index(index), beside && this.side.index(index)]);
  }

  async ask(): Promise<void> {
    await Promise.all([this.main.ask(), this.side.ask()]);
  }

  hear(run: string, epoch: number, maps: PaintedMaps): void {
    this.main.hear(run, epoch, maps);
  }

  epochEnded(run: string): Promise<void> {
    return this.main.epochEnded(run);
  }

  /** Nobody looks any more. */
  leave(): Promise<void> {
    this.main.leave();
    this.side.leave();
    return this.store.attempt('look', () => this.store.workers().trainer.watch(null));
  }

  clear(): void {
    this.main.clear();
    this.side.clear();
  }
}
