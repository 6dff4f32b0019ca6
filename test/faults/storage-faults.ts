import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';
import type { RunRecord } from '../../src/engine/storage/records.js';
import type { Random } from '../../src/engine/support/random.js';
import { startBrowser, temporaryFolder, type TestBrowser } from '../e2e/browser.js';
import type {} from './page/storage.js';
import type { Fault } from './table.js';
import { FaultError, pause } from './tab.js';
import { kinds, type Ground } from './training.js';

/** @param folder of the built page of page/storage.ts. */
export function storageFaults(folder: string, ground: () => Promise<Ground>): Fault[] {
  const places = new Places(ground);
  return [
    {
      name: 'browser killed during a checkpoint',
      times: { full: 100, quick: 8, short: 1 },
      unit: 'saves behind the last that was said to be stored',
      once: (random) => kill(folder, random),
    },
    {
      name: 'one byte of a stored checkpoint flipped',
      times: { full: 100, quick: 30, short: 3 },
      unit: 'wrong bytes let through',
      once: (random) => flip(folder, random),
    },
    {
      name: 'QuotaExceededError at every place that writes',
      times: { full: 24, quick: 12, short: 1 },
      unit: '',
      async once(random, size) {
        const { worker, store, after } = await places.draw(random);
        const place = await ground();
        const of = kinds(size).compiled;
        await place.undisturbed(of);
        const tab = await place.tab();
        const where = `${worker}: ${store}, put ${after + 1}`;
        if (worker === 'data') {
          const before = (await tab.call('stored')).datasets.length;
          await tab.fillDisk('data', store, after);
          const refused = await tab.call('importDataset', { kind: 'synthetic', images: 60, seed: random.below(1000) }).then(() => null, (error: unknown) => error);
          assert.ok(refused instanceof FaultError && refused.data.code === 'disk-full' && refused.data.remedy !== '', `${where}: ${String(refused)}`);
          assert.equal((await tab.call('stored')).datasets.length, before, `${where}: half a dataset stays`);
        } else {
          const { id } = await place.interrupted(random, of);
          await tab.fillDisk('trainer', store, after);
          const told = (): boolean => tab.heard.some(({ event }) => event.type === 'notice' && event.error.code === 'disk-full' && event.error.remedy !== '');
          const run = await tab.call('resumeRun', id).catch((error: unknown) => error);
          const refused = run instanceof FaultError ? run.data.code : (run as RunRecord).state.kind === 'failed' ? JSON.stringify((run as RunRecord).state) : null;
          assert.ok(told() || refused?.includes('disk-full'), `${where}: nobody was told; ${refused ?? 'it ended well'}`);
          // Whatever became of this attempt, the last checkpoint goes on to the same end.
          const ended = refused === null ? (run as RunRecord) : await tab.call('resumeRun', id);
          await place.endsAlike(ended, of);
        }
        await tab.close();
        return null;
      },
    },
  ];
}

/** Where the engine writes: found by watching a run and an import that nothing happens to. */
class Places {
  private found: Promise<{ worker: 'data' | 'trainer'; store: string; puts: number }[]> | null = null;
  private next = 0;

  constructor(private readonly ground: () => Promise<Ground>) {}

  /** One after the other; which of its puts fails is random. */
  async draw(random: Random): Promise<{ worker: 'data' | 'trainer'; store: string; after: number }> {
    this.found ??= this.watch();
    const found = await this.found;
    const { puts, ...place } = found[this.next++ % found.length];
    // Those at the end of a run may come in a run that goes on from its middle, or not.
    return { ...place, after: random.below(Math.max(1, Math.floor(puts / 3))) };
  }

  private async watch(): Promise<{ worker: 'data' | 'trainer'; store: string; puts: number }[]> {
    const place = await this.ground();
    const tab = await place.tab();
    await tab.call('importDataset', { kind: 'synthetic', images: 60, seed: 1 });
    const data = await tab.puts('data');
    await tab.call('train', place.dataset, kinds('short').compiled.settings);
    const trainer = await tab.puts('trainer');
    await tab.close();
    const list = (worker: 'data' | 'trainer', stores: Record<string, number>) => Object.entries(stores).map(([store, puts]) => ({ worker, store, puts }));
    return [...list('trainer', trainer), ...list('data', data)];
  }
}

async function storagePage(browser: TestBrowser): Promise<Page> {
  const { page } = await browser.open();
  for (let i = 0; i < 100 && !(await page.evaluate(() => globalThis.storagePage !== undefined)); i++) await pause(50);
  return page;
}

/** A profile that lives through its browsers. */
let profile: { path: string; remove(): Promise<void> } | null = null;
let acknowledged = 0;
let port = 0;

export async function forgetProfile(): Promise<void> {
  await profile?.remove();
  profile = null;
  acknowledged = 0;
}

/** Saves on and on in a browser that is killed at a random moment; the next browser looks at what is there. */
async function kill(folder: string, random: Random): Promise<number> {
  profile ??= await temporaryFolder();
  const browser = await startBrowser({ profile: profile.path, folder, flags: [], port });
  port = Number(new URL(browser.url).port);
  const page = await storagePage(browser);
  await page.exposeFunction('saved', (number: number) => void (acknowledged = number));
  const check = async (where: Page): Promise<number> => {
    const before = acknowledged;
    const { number, damaged } = await where.evaluate(() => globalThis.storagePage!.load());
    assert.equal(damaged, 0, 'a checkpoint that was said to be stored is damaged');
    assert.ok(typeof number !== 'string', String(number));
    const found = number ?? 0;
    assert.ok(found >= before, `save ${before} was said to be stored, ${found} is there`);
    return before - Math.min(found, before);
  };
  let behind: number;
  try {
    behind = await check(page);
    // Even: it saves best weights of its own, whatever the kill left of the last.
    const from = acknowledged + 2 + (acknowledged % 2);
    page.evaluate((number) => globalThis.storagePage!.saveOn(number), from).catch(() => {});
    for (let i = 0; i < 500 && acknowledged < from; i++) await pause(10);
    assert.ok(acknowledged >= from, 'nothing was saved');
    await pause(random.below(600));
  } finally {
    browser.browser.process()!.kill('SIGKILL');
    await new Promise((resolve) => browser.browser.once('disconnected', resolve));
    await browser.close().catch(() => {});
  }
  return behind;
}

let flipping: Promise<{ browser: TestBrowser; page: Page }> | null = null;
let flipped = 0;

export async function closeFlipping(): Promise<void> {
  await (await flipping)?.browser.close();
  flipping = null;
}

async function flip(folder: string, random: Random): Promise<number> {
  flipping ??= startBrowser({ folder }).then(async (browser) => ({ browser, page: await storagePage(browser) }));
  const { page } = await flipping;
  const number = 2 * ++flipped;
  await page.evaluate(async (next) => {
    await globalThis.storagePage!.save(next, 5000);
    await globalThis.storagePage!.save(next + 1, 5000);
    await globalThis.storagePage!.save(next + 2, 5000);
  }, number);
  flipped++;
  const where = await page.evaluate((seed) => globalThis.storagePage!.flip(seed), random.uint32());
  const found = await page.evaluate(() => globalThis.storagePage!.load());
  assert.equal(found.damaged, 1, `${where}: not found`);
  assert.equal(found.number, number + 1, `${where}: save ${found.number} is used`);
  return 0;
}
