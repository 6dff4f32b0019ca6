import type { StoreBase } from './base.js';

/** Keeps the page's knowledge of its storage. */
export class RoomDesk {
  private asked = '';

  constructor(private readonly store: StoreBase) {}

  async read(): Promise<void> {
    await this.store.attempt('data', async () => {
      const { data } = this.store.workers();
      const [usage, cut, kept] = await Promise.all([data.storage(), data.cutImports(), navigator.storage?.persisted?.() ?? false]);
      this.store.update({ room: { ...this.store.state.room, usage, cut, kept } });
    });
  }

  async discard(id: string): Promise<void> {
    await this.store.attempt('data', () => this.store.workers().data.discardImport(id));
    await this.read();
  }

  /** In the Data place, what is kept of the chosen dataset at the form's size is known. */
  settle(): void {
    const { place, ready, job, selected, form } = this.store.state;
    const { size } = form.now;
    const key = `${selected} ${size}`;
    if (place !== 'data' || !ready || job || selected === null || key === this.asked) return;
    this.asked = key;
    void this.store.attempt('data', async () => {
      const pixels = await this.store.workers().data.pixels(selected, size);
      if (key === this.asked) this.store.update({ room: { ...this.store.state.room, pixels: { ...pixels, dataset: selected, size } } });
    });
  }

  async keep(on: boolean): Promise<void> {
    const { pixels } = this.store.state.room;
    if (!pixels) return;
    const { dataset, size } = pixels;
    this.store.dismiss('data');
    await this.store.attempt('data', async () => {
      const now = await this.store.workers().data.keepPixels(dataset, size, on);
      this.store.update({ room: { ...this.store.state.room, pixels: { ...now, dataset, size } } });
    });
    await this.read();
  }
}
