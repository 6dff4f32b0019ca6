import type { PaintedMaps } from '../../workers/contract.js';
import type { StoreBase } from './base.js';
import { hasModel, type Looking } from './state.js';

/** Side of the photo beside the maps, pixels. */
const PHOTO_SIDE = 320;

/** The Look place's part of the store: which run, layer and photo are shown, and the maps that come for them. */
export class Looker {
  private turn = 0;
  private opening: string | null = null;

  constructor(private readonly store: StoreBase) {}

  /** In the Look place something is shown as soon as there is something: the newest model of the chosen dataset, if none was chosen. */
  settle(): void {
    const { place, selected, runs, training, looking } = this.store.state;
    if (place !== 'look' || this.opening !== null || this.store.runOf(looking?.run)?.dataset === selected) return;
    const newest = runs.filter((run) => run.dataset === selected && (hasModel(run) || run.id === training?.run)).at(-1);
    if (newest) void this.open(newest.id);
    else if (looking) this.clear();
  }

  /** Shows a run: the layer that was shown before where it has one of that name, else its first convolution. */
  async open(id: string): Promise<void> {
    const run = this.store.runOf(id);
    const before = this.store.state.looking;
    if (!run || id === before?.run) return;
    this.opening = id;
    const { layersOf } = await import('./layers.js');
    if (this.opening !== id) return;
    this.opening = null;
    const layers = layersOf(run);
    const layer = layers.find(({ name }) => name === before?.layer) ?? layers.find(({ name }) => name.includes('conv')) ?? layers[0];
    const sameData = before !== null && this.store.runOf(before.run)?.dataset === run.dataset;
    this.store.retire(before?.maps?.bitmap, sameData ? undefined : before?.photo?.bitmap);
    const photo = sameData ? { index: before.index, photo: before.photo } : { index: 0, photo: null };
    this.store.update({ looking: { run: id, layer: layer.name, ...photo, maps: null, epoch: null, busy: false } });
    await this.ask();
  }

  async layer(layer: string): Promise<void> {
    const { looking } = this.store.state;
    if (!looking || looking.layer === layer) return;
    this.store.update({ looking: { ...looking, layer } });
    await this.ask();
  }

  /** The photo `step` further in the dataset, from the last to the first. */
  async photo(step: number): Promise<void> {
    const { looking, datasets } = this.store.state;
    const dataset = datasets.find(({ id }) => id === this.store.runOf(looking?.run)?.dataset);
    if (!looking || !dataset) return;
    this.store.update({ looking: { ...looking, index: (looking.index + step + dataset.images) % dataset.images } });
    await this.ask();
  }

  /** Asks for the photo and the maps anew; an answer that a later question has overtaken is dropped. */
  async ask(): Promise<void> {
    const { looking, place, training } = this.store.state;
    const run = this.store.runOf(looking?.run);
    if (!looking || !run || place !== 'look') return;
    const turn = ++this.turn;
    const request = { run: run.id, photo: looking.index, layer: looking.layer };
    this.store.dismiss('look');
    this.store.update({ looking: { ...looking, busy: true } });
    await this.store.attempt('look', async () => {
      const { data, trainer } = this.store.workers();
      const photo = looking.photo?.index === looking.index ? looking.photo : await data.photo(run.dataset, looking.index, PHOTO_SIDE);
      if (!this.show(turn, { photo })) return;
      const maps = await trainer.featureMaps(request);
      if (this.show(turn, { maps, epoch: null })) await trainer.watch(run.id === training?.run ? request : null);
    });
    this.show(turn, { busy: false });
  }

  /** Maps that came unasked, while the run trains. */
  hear(run: string, epoch: number, maps: PaintedMaps): void {
    const { looking } = this.store.state;
    if (looking?.run === run && looking.layer === maps.layer) {
      this.store.retire(looking.maps?.bitmap);
      this.store.update({ looking: { ...looking, maps, epoch } });
    } else this.store.retire(maps.bitmap);
  }

  /** Nothing is looked at any more, or nobody looks. */
  leave(): Promise<void> {
    this.turn++;
    return this.store.attempt('look', () => this.store.workers().trainer.watch(null));
  }

  clear(): void {
    const { looking } = this.store.state;
    this.store.retire(looking?.maps?.bitmap, looking?.photo?.bitmap);
    this.store.update({ looking: null });
  }

  private show(turn: number, part: Partial<Looking>): boolean {
    const { looking } = this.store.state;
    if (!looking || turn !== this.turn) {
      // An overtaken answer; a photo that is shown stays, it was not made for this question.
      this.store.retire(part.photo === looking?.photo ? undefined : part.photo?.bitmap, part.maps?.bitmap);
      return false;
    }
    if (part.photo && part.photo !== looking.photo) this.store.retire(looking.photo?.bitmap);
    if (part.maps) this.store.retire(looking.maps?.bitmap);
    this.store.update({ looking: { ...looking, ...part } });
    return true;
  }
}
