import { toErrorData } from '../../engine/support/errors.js';
import type { AugmentSettings, RunSettings } from '../../engine/support/settings.js';
import type { DuplicateGroup, SplitSpec } from '../../workers/contract.js';
import type { DuplicateProgress } from '../dataset/findings.js';
import type { StoreBase } from './base.js';
import { noPhotos, type PhotosState } from './photos-state.js';

/** Sides of what is shown, pixels. */
const BROWSED_SIDE = 128;
const AUGMENTED_SIDE = 112;
/** The photo as it is, and so many epochs of it. */
const EPOCHS = [1, 2, 3, 4, 5, 6, 7];
/** So many photos are searched for duplicates unasked: a few seconds. */
const SEARCHED_UNASKED = 3000;

/** The Data place's part of the store: browsing, the split, duplicates and augmentation of the chosen dataset. */
export class PhotoDesk {
  /** What was asked for last, so that a failure is not asked again and again. */
  private labelled: string | null = null;
  private splitKey = '';
  private augmentKey = '';
  private turn = 0;
  /** The photo that augmentation is shown on. */
  private example = 0;
  private settling = false;

  constructor(private readonly store: StoreBase) {}

  /** In the Data place what is shown follows the dataset and the form. */
  settle(): void {
    const { place, ready, selected, samples, job, form, photos } = this.store.state;
    // Not before the first photos are there: they are what a person waits for.
    if (place !== 'data' || !ready || job || this.settling) return;
    if (photos.dataset !== selected) this.open(selected);
    else if (selected !== null && samples.length > 0) void this.follow(selected, form.now);
  }

  /** Shows these photos. An answer that a later question has overtaken is dropped. */
  async browse(indices: readonly number[]): Promise<void> {
    const { dataset } = this.store.state.photos;
    if (dataset === null) return;
    const turn = ++this.turn;
    await this.store.attempt('data', async () => {
      const browsed = await this.store.workers().data.photos(dataset, indices, BROWSED_SIDE);
      const stale = turn !== this.turn || this.store.state.photos.dataset !== dataset;
      this.store.retire(...(stale ? browsed : this.store.state.photos.browsed).map(({ bitmap }) => bitmap));
      if (!stale) this.change({ browsed });
    });
  }

  async findDuplicates(): Promise<void> {
    const { dataset, duplicates } = this.store.state.photos;
    if (dataset === null || duplicates?.groups === null) return;
    const job = crypto.randomUUID();
    this.change({ duplicates: { job, progress: null, groups: null } });
    let groups: readonly DuplicateGroup[] | null = null;
    await this.store.attempt('data', async () => (groups = await this.store.workers().data.findDuplicates(job, dataset)));
    if (this.store.state.photos.duplicates?.job === job) this.change({ duplicates: groups && { job, progress: null, groups } });
  }

  async cancelDuplicates(): Promise<void> {
    const { duplicates } = this.store.state.photos;
    if (duplicates?.groups === null) await this.store.attempt('data', () => this.store.workers().data.cancelImport(duplicates.job));
  }

  hear(progress: DuplicateProgress): void {
    const { duplicates } = this.store.state.photos;
    if (duplicates?.job === progress.job && duplicates.groups === null) this.change({ duplicates: { ...duplicates, progress } });
  }

  /** Augmentation on the next photo of the dataset; every step is of another class, mostly. */
  async nextExample(): Promise<void> {
    this.example++;
    this.augmentKey = '';
    this.settle();
  }

  private open(dataset: string | null): void {
    const { photos } = this.store.state;
    void this.cancelDuplicates();
    this.store.retire(...photos.browsed.map(({ bitmap }) => bitmap), ...(photos.augmented?.bitmaps ?? []));
    this.turn++;
    this.splitKey = this.augmentKey = '';
    this.labelled = null;
    this.example = 0;
    this.store.update({ photos: { ...noPhotos, dataset } });
  }

  private async follow(dataset: string, settings: RunSettings): Promise<void> {
    this.settling = true;
    try {
      await this.readLabels(dataset);
      await this.readParts(dataset, settings);
      await this.augment(dataset, settings);
    } finally {
      this.settling = false;
    }
    const { datasets, photos } = this.store.state;
    const images = datasets.find(({ id }) => id === dataset)?.images ?? Infinity;
    if (photos.dataset === dataset && photos.duplicates === null && images <= SEARCHED_UNASKED && !this.searched.has(dataset)) {
      this.searched.add(dataset);
      void this.findDuplicates();
    }
  }

  /** Searched unasked once; a search that was cancelled is not begun again. */
  private readonly searched = new Set<string>();

  private async readLabels(dataset: string): Promise<void> {
    if (this.labelled === dataset) return;
    this.labelled = dataset;
    await this.store.attempt('data', async () => this.changeOf(dataset, { labels: await this.store.workers().data.labels(dataset) }));
  }

  private async readParts(dataset: string, { seed, splitSeed, validationShare, testShare, limit }: RunSettings): Promise<void> {
    const split: SplitSpec = { dataset, seed: splitSeed ?? seed, validationShare, testShare, limit };
    const key = JSON.stringify(split);
    if (key === this.splitKey) return;
    this.splitKey = key;
    try {
      this.changeOf(dataset, { parts: await this.store.workers().data.parts(split), splitError: null });
    } catch (thrown) {
      this.changeOf(dataset, { parts: null, splitError: toErrorData(thrown) });
    }
  }

  private async augment(dataset: string, { augment, seed }: RunSettings): Promise<void> {
    const key = JSON.stringify([dataset, augment, seed, this.example]);
    if (key === this.augmentKey) return;
    this.augmentKey = key;
    const { samples, photos } = this.store.state;
    const { index } = samples[this.example % samples.length];
    await this.store.attempt('data', async () => {
      const bitmaps = await this.store.workers().data.augmented(dataset, index, AUGMENTED_SIDE, { seed, settings: augment }, changes(augment) ? EPOCHS : []);
      const stale = this.store.state.photos.dataset !== dataset;
      this.store.retire(...(stale ? bitmaps : (photos.augmented?.bitmaps ?? [])));
      if (!stale) this.change({ augmented: { index, bitmaps } });
    });
  }

  private changeOf(dataset: string, part: Partial<PhotosState>): void {
    if (this.store.state.photos.dataset === dataset) this.change(part);
  }

  private change(part: Partial<PhotosState>): void {
    this.store.update({ photos: { ...this.store.state.photos, ...part } });
  }
}

function changes(augment: AugmentSettings): boolean {
  return Object.values(augment).some((strength) => strength > 0);
}
