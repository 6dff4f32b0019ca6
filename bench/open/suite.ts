import type { Page } from 'puppeteer-core';
import { startBrowser, until } from '../../test/e2e/browser.js';

export interface OpenResult {
  readonly suite: 'open';
  readonly created: string;
  readonly browser: string;
  readonly datasets: number;
  readonly runs: number;
  readonly epochs: number;
  /** First load of a profile that has never seen the lab, nothing cached: from navigation to its first paint with content, and until it takes clicks. */
  readonly coldPaintMs: readonly number[];
  readonly coldUsableMs: readonly number[];
  readonly emptyMs: readonly number[];
  readonly usableMs: readonly number[];
}

const DATASETS = 10;
const RUNS = 100;
const EPOCHS = 40;
const PHOTOS = 75_000;
const COLD_TIMES = 5;

/** Opens the lab for the first time, with nothing stored, and with ten datasets and a hundred runs. */
export async function measureOpen(quick: boolean): Promise<OpenResult> {
  const times = quick ? 3 : 9;
  const cold = [];
  for (let i = 0; i < COLD_TIMES; i++) cold.push(await coldOpening());
  const [coldPaintMs, coldUsableMs] = [cold.map(({ paint }) => paint), cold.map(({ usable }) => usable)];
  const lab = await startBrowser();
  try {
    const { page } = await lab.open();
    await until(page, isUsable);
    await watch(page);
    const emptyMs = await openings(page, times);
    // A run and a dataset of the lab's own are the pattern for all.
    await train(page);
    await page.evaluate(multiply, DATASETS, RUNS, EPOCHS, PHOTOS);
    const usableMs = await openings(page, times);
    return { suite: 'open', created: new Date().toISOString(), browser: await lab.browser.version(), datasets: DATASETS, runs: RUNS, epochs: EPOCHS, coldPaintMs, coldUsableMs, emptyMs, usableMs };
  } finally {
    await lab.close();
  }
}

/** A browser of its own, whose profile is new. */
async function coldOpening(): Promise<{ paint: number; usable: number }> {
  const lab = await startBrowser();
  try {
    const page = await lab.browser.newPage();
    await watch(page);
    await page.goto(lab.url);
    await until(page, () => 'usableAt' in globalThis);
    return await page.evaluate(() => ({ paint: performance.getEntriesByName('first-contentful-paint')[0].startTime, usable: (globalThis as unknown as { usableAt: number }).usableAt }));
  } finally {
    await lab.close();
  }
}

interface Lab {
  store: { state: { ready: boolean; runs: unknown[]; training: unknown; lastRun: string | null }; importDataset(source: object): Promise<void>; train(settings: readonly object[]): void };
}

const isUsable = (): boolean => (document.querySelector('winnow-lab') as unknown as Partial<Lab> | null)?.store?.state.ready === true;

/** Milliseconds since the navigation began, by the page's own clock. */
async function openings(page: Page, times: number): Promise<number[]> {
  const found: number[] = [];
  for (let i = 0; i < times; i++) {
    await page.reload();
    await until(page, () => 'usableAt' in globalThis);
    found.push(await page.evaluate(() => (globalThis as unknown as { usableAt: number }).usableAt));
  }
  return found;
}

/** In every page from now on: notes when it is ready and has drawn. */
function watch(page: Page): Promise<unknown> {
  return page.evaluateOnNewDocument(() => {
    const look = (): void => {
      const lab = document.querySelector('winnow-lab') as unknown as (Partial<Lab> & { updateComplete?: Promise<unknown> }) | null;
      if (lab?.store?.state.ready !== true) return void requestAnimationFrame(look);
      void lab.updateComplete!.then(() => requestAnimationFrame(() => Object.assign(globalThis, { usableAt: performance.now() })));
    };
    look();
  });
}

async function train(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const { store } = document.querySelector('winnow-lab') as unknown as Lab;
    await store.importDataset({ kind: 'synthetic', images: 100, seed: 1 });
    const form = (store.state as unknown as { form: { now: object } }).form.now;
    store.train([{ ...form, arch: 'cnn-light', size: 32, batch: 16, epochs: 1 }]);
  });
  await until(page, () => (document.querySelector('winnow-lab') as unknown as Lab).store.state.training === null && (document.querySelector('winnow-lab') as unknown as Lab).store.state.runs.length === 1, 120);
}

/** Runs in the page: copies of its one dataset and its one run, with an index as 75,000 photos have, and as many epochs as a long run. */
async function multiply(datasets: number, runs: number, epochs: number, photos: number): Promise<void> {
  const database = await new Promise<IDBDatabase>((resolve) => {
    const opening = indexedDB.open('winnow');
    opening.onsuccess = () => resolve(opening.result);
  });
  const all = (store: string) => new Promise<Record<string, never>[]>((resolve) => (database.transaction(store).objectStore(store).getAll().onsuccess = (event) => resolve((event.target as IDBRequest<Record<string, never>[]>).result)));
  const [[dataset], [index], [run]] = [await all('datasets'), await all('shardIndexes'), await all('runs')];
  const shard = (await all('shards'))[0] as unknown as ArrayBuffer;
  const transaction = database.transaction(['datasets', 'shards', 'shardIndexes', 'runs'], 'readwrite');
  const perShard = (index.names as unknown as string[]).length;
  for (let d = 0; d < datasets - 1; d++) {
    const id = `copy ${d}`;
    const refused = Array.from({ length: 1000 }, (_, i) => ({ name: `Rice/refused (${i}).jpg`, code: 'truncated', reason: 'The end of the file is missing.' }));
    transaction.objectStore('datasets').put({ ...dataset, id, name: id, images: photos, refused, refusedCount: 1000, created: new Date(2020, 0, d + 1).toISOString() });
    for (let s = 0; s < photos / perShard; s++) transaction.objectStore('shardIndexes').put({ ...index, dataset: id, shard: s, first: s * perShard });
    transaction.objectStore('shards').put(shard, [id, 0]);
  }
  const [epoch] = run.history as unknown as object[];
  for (let r = 0; r < runs - 1; r++) {
    const history = Array.from({ length: epochs }, (_, i) => ({ ...epoch, epoch: i + 1 }));
    transaction.objectStore('runs').put({ ...run, id: `copy ${r}`, dataset: r % 2 ? dataset.id : `copy ${r % (datasets - 1)}`, history, created: new Date(2021, 0, r + 1).toISOString() });
  }
  await new Promise((resolve) => (transaction.oncomplete = resolve));
  database.close();
}
