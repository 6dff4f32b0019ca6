import assert from 'node:assert/strict';
import type { Page, WebWorker } from 'puppeteer-core';
import type { PageApi, PageBridge, PageEvent } from '../../src/cli/page-api.js';
import type { RunRecord } from '../../src/engine/storage/records.js';
import type { ErrorData } from '../../src/engine/support/errors.js';
import type { TestBrowser } from '../e2e/browser.js';

/** What a worker is made to do wrong; see {@link sabotage}. */
interface Sabotage {
  readonly devices: GPUDevice[];
  /** Puts so far, by store. */
  readonly puts: Record<string, number>;
  /** The put that fails, counted from when it is set. */
  full: { store: string; after: number } | null;
}
declare global {
  // oxlint-disable-next-line no-var
  var sabotage: Sabotage;
  // oxlint-disable-next-line no-var
  var startedWorkers: { name: string; worker: Worker }[];
  /** All values of a store of the lab's database. */
  // oxlint-disable-next-line no-var
  var allStored: <T>(store: string) => Promise<T[]>;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class FaultError extends Error {
  constructor(readonly data: ErrorData) {
    super(`${data.code}: ${data.what}`);
  }
}

/** A tab with the lab's engine, and ways to break it. */
export class Tab {
  readonly heard: { readonly event: PageEvent; readonly at: number }[] = [];
  private constructor(readonly page: Page) {}

  static async open({ browser, url }: TestBrowser): Promise<Tab> {
    const page = await browser.newPage();
    const tab = new Tab(page);
    await page.exposeFunction('winnowReport', (event: PageEvent) => void tab.heard.push({ event, at: performance.now() }));
    await page.evaluateOnNewDocument(preparePage);
    await page.goto(`${url}terminal.html`);
    // Starts the workers. Devtools hear of them a little later than the page, and of a worker that has just begun not all is there yet.
    await tab.call('stored');
    while (!['data', 'trainer'].every((name) => tab.find(name))) await pause(10);
    for (const name of ['data', 'trainer']) await tab.worker(name).evaluate(prepareWorker);
    return tab;
  }

  /** @throws FaultError */
  async call<Name extends keyof PageApi>(name: Name, ...args: Parameters<PageApi[Name]>): Promise<Awaited<ReturnType<PageApi[Name]>>> {
    const outcome = (await this.page.evaluate(
      (method, list) => (globalThis.winnow![method as keyof PageBridge] as (...values: unknown[]) => Promise<unknown>)(...list),
      name,
      args,
    )) as Awaited<ReturnType<PageBridge[Name]>>;
    if (!outcome.ok) throw new FaultError(outcome.error);
    return outcome.value;
  }

  /** Waits for an event. @param since performance.now() of the earliest that counts. @returns when it came. */
  async hears(matches: (event: PageEvent) => boolean, seconds: number, since = 0): Promise<number> {
    const until = performance.now() + seconds * 1000;
    for (;;) {
      const found = this.heard.find(({ event, at }) => at >= since && matches(event));
      if (found) return found.at;
      if (performance.now() > until) assert.fail(`not heard within ${seconds} s; last: ${this.heard.slice(-3).map(({ event }) => JSON.stringify(event).slice(0, 200)).join(' ')}`);
      await pause(10);
    }
  }

  /** The step of all epochs that the newest checkpoint of the newest run is of; 0 where there is none. */
  async checkpointAt(): Promise<number> {
    const { runs } = await this.call('stored');
    const fit = await this.page.evaluate(async (run) => {
      const manifests = await globalThis.allStored<{ run: string; number?: number; state?: { fit: { history: unknown[]; step: number } } }>('weights');
      const [newest] = manifests.filter((each) => each.run === run && each.number !== undefined).sort((a, b) => b.number! - a.number!);
      return newest ? { epochs: newest.state!.fit.history.length, step: newest.state!.fit.step } : null;
    }, runs.at(-1)!.id);
    const steps = this.heard.find(({ event }) => event.type === 'progress')?.event;
    return fit === null || steps?.type !== 'progress' ? 0 : fit.epochs * steps.steps + fit.step;
  }

  /** The step of all epochs that training has come to. @param since performance.now() of the earliest event that counts. */
  position(since: number): number {
    const found = this.heard.find(({ event, at }) => event.type === 'progress' && at >= since);
    return found?.event.type === 'progress' ? (found.event.epoch - 1) * found.event.steps + found.event.step : 0;
  }

  /** Waits until training has come to a step, of all its epochs. */
  reaches(step: number, seconds = 60): Promise<number> {
    return this.hears((event) => event.type === 'progress' && (event.epoch - 1) * event.steps + event.step >= step, seconds);
  }

  async run(id: string): Promise<RunRecord> {
    const { runs } = await this.call('stored');
    return runs.find((run) => run.id === id) ?? assert.fail(`run ${id} is not stored`);
  }

  /** Ends a worker as a crash does: without a word to whoever talks to it. */
  async killWorker(name: string): Promise<void> {
    await this.page.evaluate((wanted) => globalThis.startedWorkers.findLast((each) => each.name === wanted)!.worker.terminate(), name);
  }

  async destroyDevice(): Promise<void> {
    await this.worker('trainer').evaluate(() => globalThis.sabotage.devices.at(-1)!.destroy());
  }

  /** The worker goes round and round from now on. */
  hang(name: string): void {
    // In a task of its own: Chromium does not end a worker in the midst of a debugger's call.
    this.worker(name).evaluate(() => {
      setTimeout(() => {
        for (;;);
      });
    }).catch(() => {});
  }

  async fillDisk(name: string, store: string, after: number): Promise<void> {
    await this.worker(name).evaluate((full) => void (globalThis.sabotage.full = full), { store, after });
  }

  puts(name: string): Promise<Record<string, number>> {
    return this.worker(name).evaluate(() => globalThis.sabotage.puts);
  }

  close(): Promise<void> {
    return this.page.close();
  }

  private worker(name: string): WebWorker {
    return this.find(name) ?? assert.fail(`no worker ${name}`);
  }

  private find(name: string): WebWorker | undefined {
    return this.page.workers().findLast((worker) => worker.url().includes(`${name}-`));
  }
}

/** Runs in the page, before anything else. */
function preparePage(): void {
  globalThis.allStored = async <T>(store: string) => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open('winnow');
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(new Error('no database'));
    });
    const values = await new Promise<T[]>((resolve, reject) => {
      const asking = database.transaction(store).objectStore(store).getAll() as IDBRequest<T[]>;
      asking.onsuccess = () => resolve(asking.result);
      asking.onerror = () => reject(new Error(`no ${store}`));
    });
    database.close();
    return values;
  };
  globalThis.startedWorkers = [];
  globalThis.Worker = class extends Worker {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      globalThis.startedWorkers.push({ name: options?.name ?? '', worker: this });
    }
  };
}

/** Runs in each worker, before it does anything. */
function prepareWorker(): void {
  globalThis.sabotage = { devices: [], puts: {}, full: null };
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (...args) {
    const device = await requestDevice.apply(this, args);
    globalThis.sabotage.devices.push(device);
    return device;
  };
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...args) {
    const { puts, full } = globalThis.sabotage;
    puts[this.name] = (puts[this.name] ?? 0) + 1;
    if (full !== null && full.store === this.name && --full.after < 0) {
      globalThis.sabotage.full = null;
      throw new DOMException('no room', 'QuotaExceededError');
    }
    return put.apply(this, args);
  };
}
