import type { StoreBase } from './base.js';

/** Side of a photo behind a cell of a confusion matrix, pixels. */
const SIDE = 160;

/** The Compare place's part of the store: the photos that were asked for last. */
export class Gallery {
  private turn = 0;

  constructor(private readonly store: StoreBase) {}

  /** Those that are shown already stay. An answer that a later question has overtaken is dropped. */
  async show(dataset: string, indices: readonly number[]): Promise<void> {
    const turn = ++this.turn;
    await this.store.attempt('compare', async () => {
      const { gallery } = this.store.state;
      const known = new Map(gallery.dataset === dataset ? gallery.photos.map((photo) => [photo.index, photo]) : []);
      const fetched = await this.store.workers().data.photos(dataset, indices.filter((index) => !known.has(index)), SIDE);
      if (turn !== this.turn) return this.store.retire(...fetched.map(({ bitmap }) => bitmap));
      for (const photo of fetched) known.set(photo.index, photo);
      const photos = indices.flatMap((index) => known.get(index) ?? []);
      this.store.retire(...gallery.photos.filter((photo) => !photos.includes(photo)).map(({ bitmap }) => bitmap));
      this.store.update({ gallery: { dataset, photos } });
    });
  }
}
