import type { CDPSession, Page } from 'puppeteer-core';
import { startBrowser } from '../../test/e2e/browser.js';
import { Person } from '../../test/e2e/person.js';
import { chooseLayer } from '../../test/e2e/settled.js';

/** How busy the page's own thread was while the lab trained and a grid of feature maps changed live. */
export interface PageResult {
  readonly adapter: string;
  /** Seconds watched. */
  readonly seconds: number;
  /** Tasks of the page's main thread that were traced. */
  readonly tasks: number;
  /** Longest task in milliseconds of processor time: what the page itself did, whoever else had the processor meanwhile. */
  readonly longestCpuMs: number;
  /** Longest task in milliseconds by the clock. */
  readonly longestMs: number;
  /** Tasks over 50 ms, by processor time and by the clock. */
  readonly over50CpuMs: number;
  readonly over50Ms: number;
  /** Live sheets of maps that came. */
  readonly sheets: number;
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Microseconds, by the clock and of the thread. */
  readonly dur?: number;
  readonly tdur?: number;
  readonly args?: { readonly name?: string };
}

/** Trains CNN at 32 pixels and looks at its 128 last maps from the first epoch on, under the tracer of the browser. */
export async function measurePage(quick: boolean): Promise<PageResult> {
  const lab = await startBrowser();
  try {
    const { page } = await lab.open();
    await page.setViewport({ width: 1440, height: 900 });
    const person = new Person(page);
    await person.drawRice(quick ? 200 : 1000);
    await person.train({ size: 32, batch: 16, epochs: quick ? 2 : 4 });
    await person.reads(/Epoch 1 of/, 120);
    const devtools = await page.createCDPSession();
    const started = performance.now();
    const events = await traced(devtools, async () => {
      await person.go('look');
      await person.reads(/conv2d, 32 maps/, 120);
      await chooseLayer(page, 'conv2d_2');
      await person.reads(/conv2d_2, 128 maps/, 120);
      await countSheets(page);
      await person.reads(/Compare 2/, 1200);
    });
    const seconds = (performance.now() - started) / 1000;
    const sheets = await page.evaluate(() => (globalThis as unknown as { sheets: number }).sheets);
    const main = mainThread(events);
    const tasks = events.filter(({ name, pid, tid }) => name.endsWith('RunTask') && pid === main.pid && tid === main.tid);
    const cpu = tasks.map(({ tdur = 0 }) => tdur / 1000);
    const clock = tasks.map(({ dur = 0 }) => dur / 1000);
    return {
      adapter: await page.evaluate(() => document.querySelector('winnow-lab')!.shadowRoot!.querySelector('.chip .wide')!.textContent),
      seconds: round(seconds),
      tasks: tasks.length,
      longestCpuMs: round(largest(cpu)),
      longestMs: round(largest(clock)),
      over50CpuMs: cpu.filter((ms) => ms > 50).length,
      over50Ms: clock.filter((ms) => ms > 50).length,
      sheets,
    };
  } finally {
    await lab.close();
  }
}

async function traced(devtools: CDPSession, work: () => Promise<void>): Promise<TraceEvent[]> {
  const events: TraceEvent[] = [];
  devtools.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])));
  await devtools.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', 'disabled-by-default-devtools.timeline', '__metadata'] } });
  await work();
  const complete = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve));
  await devtools.send('Tracing.end');
  await complete;
  return events;
}

/** The main thread of the renderer that did the most: the lab's. */
function mainThread(events: readonly TraceEvent[]): { pid: number; tid: number } {
  const threads = events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain');
  const load = ({ pid, tid }: TraceEvent): number => events.filter((event) => event.pid === pid && event.tid === tid).length;
  const [busiest] = threads.sort((a, b) => load(b) - load(a));
  if (!busiest) throw new Error('The trace names no main thread.');
  return busiest;
}

/** Counts the sheets that the lab hands to the element from now on. */
function countSheets(page: Page): Promise<void> {
  return page.evaluate(() => {
    const state = globalThis as unknown as { sheets: number };
    state.sheets = 0;
    let last: unknown = null;
    const look = (): void => {
      const maps = document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-feature-maps') as { maps?: unknown } | null;
      if (maps?.maps && maps.maps !== last) {
        last = maps.maps;
        state.sheets++;
      }
      requestAnimationFrame(look);
    };
    look();
  });
}

const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), 0);
const round = (value: number): number => Math.round(value * 10) / 10;
