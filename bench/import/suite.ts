import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { ElementHandle, Page } from 'puppeteer-core';
import type { PageEvent, PageSource } from '../../src/cli/page-api.js';
import { startBrowser, temporaryFolder, until, type TestBrowser } from '../../test/e2e/browser.js';

export interface Measured {
  readonly seconds: number;
  /** Images a second. */
  readonly rate: number;
  /** Of the renderer processes' resident sets: what they had before, the workers that wait included, and the most above that. */
  readonly baselineMegabytes: number;
  readonly grownMegabytes: number;
  readonly firstProgressMs: number;
}

export interface ImportResult {
  readonly suite: 'import';
  readonly created: string;
  readonly quick: boolean;
  readonly browser: string;
  readonly images: number;
  readonly zipBytes: number;
  readonly zip: Measured;
  readonly folder: Measured;
  /** Files a second of bare arrayBuffer(), before and after the folder's import. */
  readonly bare: readonly number[];
  readonly folderShare: number;
  /** Of the part that was left. */
  readonly resumed: Measured & { readonly cutAt: number };
  readonly cancelMs: number;
  /** Of each, from asking to being refused, and what the tab grew by meanwhile. */
  readonly bombs: readonly { readonly name: string; readonly ms: readonly number[]; readonly grownMegabytes: readonly number[] }[];
}

const BOMB_TIMES = 3;

/** Imports a zip and the folder of it through the page of the terminal, whose workers are the lab's. */
export async function measureImport({ bombs: bombFiles, zip, folder, images, zipBytes, quick }: { bombs: Readonly<Record<string, string>>; zip: string; folder: string; images: number; zipBytes: number; quick: boolean }): Promise<ImportResult> {
  const report = (line: string) => process.stderr.write(`${line}\n`);
  const bombs: ImportResult['bombs'][number][] = [];
  for (const [name, path] of Object.entries(bombFiles)) {
    const refusals = [];
    for (let i = 0; i < BOMB_TIMES; i++) refusals.push(await fresh((lab) => refuse(lab, path)));
    bombs.push({ name, ms: refusals.map(({ ms }) => ms), grownMegabytes: refusals.map(({ grown }) => grown) });
    report(`${name}: refused after ${refusals.map(({ ms, grown }) => `${ms.toFixed(0)} ms, ${grown.toFixed(0)} MB`).join('; ')}`);
  }
  const whole = await fresh(async (lab) => {
    const measured = await measure(lab, 'files', zip, { kind: 'zip' }, images);
    report(`zip: ${measured.rate.toFixed(0)} a second, ${measured.grownMegabytes.toFixed(0)} MB`);
    return { measured, browser: await lab.browser.version() };
  });
  const byFolder = await fresh(async (lab) => {
    const before = await readBare(lab, folder);
    const measured = await measure(lab, 'folder', folder, { kind: 'folder', name: 'Rice_Image_Dataset' }, images);
    const bare = [before, await readBare(lab, folder)];
    report(`folder: ${measured.rate.toFixed(0)} a second, ${measured.grownMegabytes.toFixed(0)} MB; bare ${bare.map((rate) => rate.toFixed(0)).join(', ')}`);
    return { measured, bare };
  });
  const resumed = await fresh(async (lab) => {
    const cutAt = await cutOff(lab, zip, images / 2);
    const measured = await measure(lab, 'files', zip, { kind: 'zip' }, images - cutAt, cutAt);
    report(`resumed at ${cutAt}: ${measured.seconds.toFixed(1)} s`);
    return { ...measured, cutAt };
  });
  const cancelMs = await fresh((lab) => cancel(lab, zip));
  const mean = byFolder.bare.reduce((sum, rate) => sum + rate, 0) / byFolder.bare.length;
  return {
    suite: 'import', created: new Date().toISOString(), quick, browser: whole.browser, images, zipBytes,
    zip: whole.measured, folder: byFolder.measured, bare: byFolder.bare, folderShare: byFolder.measured.rate / mean, resumed, cancelMs, bombs,
  };
}

/** In a browser of its own with a profile on the disk. */
async function fresh<T>(use: (lab: TestBrowser) => Promise<T>): Promise<T> {
  const profile = await temporaryFolder();
  const lab = await startBrowser({ profile: profile.path });
  try {
    return await use(lab);
  } finally {
    await lab.close();
    await profile.remove();
  }
}

async function open(lab: TestBrowser): Promise<{ page: Page; progress: { done: number; at: number }[] }> {
  const page = await lab.browser.newPage();
  const progress: { done: number; at: number }[] = [];
  await page.exposeFunction('winnowReport', (event: PageEvent) => {
    if (event.type === 'import-progress') progress.push({ done: event.done, at: performance.now() });
  });
  await page.goto(`${lab.url}terminal.html`);
  return { page, progress };
}

async function give(page: Page, input: 'files' | 'folder', path: string): Promise<void> {
  const element = (await page.$(`#${input}`)) as ElementHandle<HTMLInputElement>;
  await element.uploadFile(path);
  // A folder is listed after the call has been answered.
  await until(page, () => [...document.querySelectorAll('input')].some(({ files }) => files!.length > 0), 120);
}

async function measure(lab: TestBrowser, input: 'files' | 'folder', path: string, source: PageSource, images: number, from = 0): Promise<Measured> {
  const { page, progress } = await open(lab);
  await give(page, input, path);
  // The workers start with the first call; what they take is the tab's, not the import's.
  await page.evaluate(() => globalThis.winnow!.stop());
  const tab = renderers(lab);
  const before = resident(tab);
  let most = before;
  const looking = setInterval(() => (most = Math.max(most, resident(tab))), 100);
  const begun = performance.now();
  const outcome = await page.evaluate((what) => globalThis.winnow!.importDataset(what), source);
  const seconds = (performance.now() - begun) / 1000;
  clearInterval(looking);
  if (!outcome.ok || outcome.value.images !== images + from) throw new Error(`the import ended with ${JSON.stringify(outcome).slice(0, 500)}`);
  if (progress[0].done < from) throw new Error(`it began at ${progress[0].done}, not at ${from}`);
  await page.close();
  return { seconds, rate: images / seconds, baselineMegabytes: before, grownMegabytes: most - before, firstProgressMs: progress[0].at - begun };
}

async function refuse(lab: TestBrowser, zip: string): Promise<{ ms: number; grown: number }> {
  const { page } = await open(lab);
  await give(page, 'files', zip);
  await page.evaluate(() => globalThis.winnow!.stop());
  const tab = renderers(lab);
  const before = resident(tab);
  let most = before;
  const looking = setInterval(() => (most = Math.max(most, resident(tab))), 20);
  const begun = performance.now();
  const outcome = await page.evaluate(() => globalThis.winnow!.importDataset({ kind: 'zip' }));
  const ms = performance.now() - begun;
  clearInterval(looking);
  if (outcome.ok || outcome.error.code !== 'zip-unsafe') throw new Error(`a zip bomb ended with ${JSON.stringify(outcome).slice(0, 500)}`);
  return { ms, grown: Math.max(most, resident(tab)) - before };
}

/** Closes the tab in the middle. @returns files that were stored by then. */
async function cutOff(lab: TestBrowser, zip: string, at: number): Promise<number> {
  const { page, progress } = await open(lab);
  await give(page, 'files', zip);
  const ended = page.evaluate(() => globalThis.winnow!.importDataset({ kind: 'zip' })).catch(() => null);
  await reach(progress, at, ended);
  await page.close();
  await ended;
  // Another page looks at what is left: the record of the import, once its lock is free.
  const { page: later } = await open(lab);
  const left = await later.evaluate(
    () =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('winnow');
        opening.onerror = () => reject(opening.error!);
        opening.onsuccess = () => {
          const all = opening.result.transaction('imports').objectStore('imports').getAll();
          all.onsuccess = () => {
            opening.result.close();
            resolve((all.result as { done: number }[])[0]?.done ?? -1);
          };
        };
      }),
  );
  await later.close();
  if (left <= 0) throw new Error('nothing was left of the import that was cut off');
  return left;
}

/** Waits until so many files are done. @throws where the import ends before. */
async function reach(progress: readonly { done: number }[], done: number, ended: Promise<unknown>): Promise<void> {
  const early = ended.then((outcome) => Promise.reject(new Error(`the import ended before ${done} files, with ${JSON.stringify(outcome).slice(0, 500)}`)));
  const reached = async (): Promise<void> => {
    while ((progress.at(-1)?.done ?? 0) < done) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  early.catch(() => {});
  await Promise.race([reached(), early]);
}

async function cancel(lab: TestBrowser, zip: string): Promise<number> {
  const { page, progress } = await open(lab);
  await give(page, 'files', zip);
  const ended = page.evaluate(() => globalThis.winnow!.importDataset({ kind: 'zip' }));
  await reach(progress, 1000, ended);
  const begun = performance.now();
  await page.evaluate(() => globalThis.winnow!.stop());
  const outcome = await ended;
  if (outcome.ok || outcome.error.code !== 'cancelled') throw new Error(`a cancelled import ended with ${JSON.stringify(outcome).slice(0, 500)}`);
  return performance.now() - begun;
}

/** Files a second: every file's bytes once, as many at a time as the import reads, and nothing else. */
async function readBare(lab: TestBrowser, folder: string): Promise<number> {
  const { page } = await open(lab);
  await give(page, 'folder', folder);
  const rate = await page.evaluate(async () => {
    const files = [...(document.getElementById('folder') as HTMLInputElement).files!];
    let next = 0;
    const begun = performance.now();
    const read = async (): Promise<void> => {
      while (next < files.length) await files[next++].arrayBuffer();
    };
    await Promise.all(Array.from({ length: 32 }, read));
    return (files.length * 1000) / (performance.now() - begun);
  });
  await page.close();
  return rate;
}

/** The browser's renderer processes. Found once: to list processes ten times a second would take the import's time on two cores, and not that of the bare reads beside it. */
function renderers(lab: TestBrowser): number[] {
  return descendants(lab.browser.process()!.pid!).filter((pid) => existsSync(`/proc/${pid}/cmdline`) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('--type=renderer'));
}

/** Megabytes that they hold together. */
function resident(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + residentKilobytes(pid), 0) / 1024;
}

function descendants(parent: number): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n').map((row) => row.trim().split(/\s+/).map(Number));
  const found: number[] = [parent];
  for (const pid of found) for (const [child, of] of rows) if (of === pid) found.push(child);
  return found;
}

function residentKilobytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
