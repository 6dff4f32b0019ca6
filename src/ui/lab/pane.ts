import { toErrorData } from '../../engine/support/errors.js';
import type { NetworkSilence, PaintedMaps } from '../../workers/contract.js';
import type { View } from '../feature-maps/feature-maps.js';
import type { StoreBase } from './base.js';
import type { Looking } from './looking.js';
import { hasModel } from './state.js';

/** Side of the photo beside the maps, pixels. */
const PHOTO_SIDE = 320;
/** Validation photos over which dead filters are counted. */
const SAMPLE = 128;
const PICTURES = ['photo', 'maps', 'filters', 'cam'] as const;

/** One model that is looked into, in the store's `looking` or `beside`. An answer that a later question has overtaken is dropped. */
export class Pane {
  opening: string | null = null;
  private turn = 0;
  private camTurn = 0;
  private scrubbing = false;
  /** The count under way. */
  private counted: { readonly run: string } | null = null;

  constructor(private readonly store: StoreBase, private readonly key: 'looking' | 'beside', private readonly silences: Map<string, NetworkSilence>) {}

  get shown(): Looking | null {
    return this.store.state[this.key];
  }

  /** Shows a run: the layer that was shown before, or in the other pane, where it has one of that name, else its first convolution. */
  async open(id: string, like: Looking | null = this.shown): Promise<void> {
    const run = this.store.runOf(id);
    if (!run || id === this.shown?.run) return;
    this.opening = id;
    const { camLayerOf, layersOf } = await import('./layers.js');
    if (this.opening !== id) return;
    this.opening = null;
    const layers = layersOf(run);
    const layer = layers.find(({ name }) => name === like?.layer) ?? layers.find(({ name }) => name.includes('conv')) ?? layers[0];
    const before = this.shown;
    // The photo stays where it is of the same dataset, and this pane's own.
    const photo = before && this.store.runOf(before.run)?.dataset === run.dataset ? before.photo : null;
    const index = like && this.store.runOf(like.run)?.dataset === run.dataset ? like.index : 0;
    this.store.retire(...PICTURES.map((picture) => (picture === 'photo' && photo ? undefined : before?.[picture]?.bitmap)));
    this.set({
      run: id, layer: layer.name, index, photo, view: 'maps', maps: null, filters: null, channel: null, epoch: null, epochs: [], at: null,
      camLayer: camLayerOf(run), label: null, cam: null, camFailure: null, silence: this.silences.get(id) ?? null, counting: false, busy: false,
    });
    await this.ask();
  }

  async layer(layer: string): Promise<void> {
    const { shown } = this;
    if (!shown || shown.layer === layer) return;
    const { layersOf } = await import('./layers.js');
    const run = this.store.runOf(shown.run);
    const kernel = run && layersOf(run).find(({ name }) => name === layer)?.kernel;
    this.change({ layer, channel: null, view: kernel ? shown.view : 'maps' });
    await this.ask();
  }

  async index(index: number): Promise<void> {
    this.change({ index });
    await this.ask();
  }

  async view(view: View): Promise<void> {
    this.change({ view });
    await this.ask();
  }

  async channel(channel: number | null): Promise<void> {
    this.change({ channel });
    await this.ask();
  }

  /** Asked for faster than it can be painted, the latest is painted next. */
  async epoch(at: number | null): Promise<void> {
    this.change({ at });
    if (this.scrubbing) return;
    this.scrubbing = true;
    try {
      for (let asked: number | null | undefined; this.shown && this.shown.at !== asked; ) {
        asked = this.shown.at;
        await this.ask();
      }
    } finally {
      this.scrubbing = false;
    }
  }

  async look(camLayer: string, label: number | null): Promise<void> {
    this.change({ camLayer, label });
    await this.askCam();
  }

  /** Asks for everything anew. */
  async ask(): Promise<void> {
    const { shown } = this;
    const run = this.store.runOf(shown?.run);
    if (!shown || !run || this.store.state.place !== 'look') return;
    const turn = ++this.turn;
    const { layer, channel, at } = shown;
    const request = { run: run.id, photo: shown.index, layer, ...(at !== null && { epoch: at }) };
    this.store.dismiss('look');
    this.change({ busy: true });
    await this.store.attempt('look', async () => {
      const { data, trainer } = this.store.workers();
      const photo = shown.photo?.index === shown.index ? shown.photo : await data.photo(run.dataset, shown.index, PHOTO_SIDE);
      if (!this.show(turn, { photo })) return;
      if (shown.view === 'filters' && !this.show(turn, { filters: await trainer.filterWeights({ run: run.id, layer, channel, epoch: at }) })) return;
      if (!this.show(turn, { maps: await trainer.featureMaps(request), epoch: null })) return;
      if (!this.show(turn, { epochs: await trainer.epochs(run.id) })) return;
      if (this.key === 'looking') await trainer.watch(this.isLive() && at === null ? request : null);
    });
    if (!this.show(turn, { busy: false })) return;
    await this.askCam();
    void this.count();
  }

  /** Maps that came unasked, while the run trains. */
  hear(run: string, epoch: number, maps: PaintedMaps): void {
    const { shown } = this;
    if (shown?.run === run && shown.layer === maps.layer && shown.at === null) {
      this.store.retire(shown.maps?.bitmap);
      this.change({ maps, epoch });
    } else this.store.retire(maps.bitmap);
  }

  /** Of a run that trains: its latest weights can be looked into now. */
  async epochEnded(run: string): Promise<void> {
    if (this.shown?.run !== run || this.store.state.place !== 'look') return;
    const { turn } = this;
    await this.store.attempt('look', async () => {
      const { trainer } = this.store.workers();
      if (!this.show(turn, { epochs: await trainer.epochs(run) })) return;
      const { at, view, layer, channel } = this.shown!;
      if (at === null && view === 'filters') this.show(turn, { filters: await trainer.filterWeights({ run, layer, channel }) });
    });
    if (this.shown?.at === null) await this.askCam();
  }

  /** What is under way is not shown any more. */
  leave(): void {
    this.turn++;
    this.camTurn++;
  }

  clear(): void {
    this.leave();
    this.opening = null;
    this.store.retire(...PICTURES.map((picture) => this.shown?.[picture]?.bitmap));
    this.set(null);
  }

  isLive(): boolean {
    return this.shown !== null && this.shown.run === this.store.state.training?.run;
  }

  /** Beside the maps, and no reason to hide them: what goes wrong is said in its place. */
  private async askCam(): Promise<void> {
    const { shown } = this;
    if (!shown?.camLayer || !shown.maps || this.store.state.place !== 'look') return;
    // Of a run that trains the latest epoch's weights are looked at.
    if (this.isLive() && shown.epochs.length === 0) return;
    const turn = ++this.camTurn;
    const { probabilities } = shown.maps;
    const label = shown.label ?? probabilities.indexOf(Math.max(...probabilities));
    const layer = shown.camLayer;
    const part = await this.store.workers().trainer.gradCam({ run: shown.run, photo: shown.index, layer, epoch: shown.at, label }).then(
      (cam) => ({ cam, camFailure: null }),
      (thrown: unknown) => {
        const error = toErrorData(thrown);
        return { cam: null, camFailure: error.code === 'cancelled' ? null : { layer, label, error } };
      },
    );
    if (turn === this.camTurn) this.show(this.turn, part);
    else this.store.retire(part.cam?.bitmap);
  }

  /** Once for each model; while nothing trains, which would wait for it. */
  private async count(): Promise<void> {
    const { shown } = this;
    const run = this.store.runOf(shown?.run);
    if (!shown || !run || shown.silence || this.counted?.run === run.id || !hasModel(run) || this.store.state.training) return;
    const counted = { run: run.id };
    this.counted = counted;
    this.change({ counting: true });
    await this.store.attempt('look', async () => {
      const silence = await this.store.workers().trainer.silence(run.id, SAMPLE);
      this.silences.set(run.id, silence);
      if (this.shown?.run === run.id) this.change({ silence });
    });
    // A later one, of another model, has cancelled this one and goes on.
    if (this.counted !== counted) return;
    this.counted = null;
    if (this.shown?.run === run.id) this.change({ counting: false });
  }

  private show(turn: number, part: Partial<Looking>): boolean {
    const { shown } = this;
    const current = shown !== null && turn === this.turn;
    // An overtaken answer goes; so does what it would replace. A picture that is shown stays, it was not made for this question.
    this.store.retire(...PICTURES.map((picture) => {
      if (!(picture in part) || part[picture] === shown?.[picture]) return undefined;
      return (current ? shown : part)[picture]?.bitmap;
    }));
    if (current) this.change(part);
    return current;
  }

  private change(part: Partial<Looking>): void {
    const { shown } = this;
    if (shown) this.set({ ...shown, ...part });
  }

  private set(looking: Looking | null): void {
    this.store.update(this.key === 'looking' ? { looking } : { beside: looking });
  }
}
