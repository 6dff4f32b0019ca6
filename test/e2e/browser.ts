import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { chromiumFlags, ensureChromium } from '../../scripts/chromium.mjs';
import { serve, type Server } from '../../src/cli/server.js';

/** The project's root, as seen from .cache/e2e/, where these tests are built to. */
export const root = fileURLToPath(new URL('../..', import.meta.url));
export const dist = join(root, 'dist');

export interface BrowserOptions {
  /** Folder of the browser's storage, to open it again later; absent for one that goes with the browser. */
  readonly profile?: string;
  /** What is served; absent for the production build. */
  readonly folder?: string;
  readonly flags?: readonly string[];
  /** Of the server: storage belongs to an origin, and so to a port. Absent for any that is free. */
  readonly port?: number;
}

/** The built pages in a browser of the test's own. */
export interface TestBrowser {
  readonly browser: Browser;
  readonly url: string;
  /** Opens a page below {@link url}, and watches it. */
  open(path?: string): Promise<{ page: Page; complaints: readonly string[] }>;
  /** Nobody answers at {@link url} any more. */
  stopServing(): Promise<void>;
  /** Ends the browser, and tells what its network log has of other origins than {@link url}: of pages, workers and the browser itself. */
  closeAndAskedElsewhere(): Promise<string[]>;
  close(): Promise<void>;
}

export async function startBrowser({ profile, folder = dist, flags = [], port = 0 }: BrowserOptions = {}): Promise<TestBrowser> {
  const executablePath = ensureChromium();
  const server: Server = await serve({ folder, port });
  const logs = await temporaryFolder();
  const netLog = join(logs.path, 'net-log.json');
  const browser = await puppeteer.launch({
    executablePath,
    headless: true,
    protocolTimeout: 0,
    args: [...chromiumFlags(executablePath), `--log-net-log=${netLog}`, ...flags],
    ...(profile === undefined ? {} : { userDataDir: profile }),
  });
  return {
    browser,
    url: server.url,
    async open(path = '') {
      const page = await browser.newPage();
      const complaints = await watch(page);
      await page.goto(server.url + path);
      return { page, complaints };
    },
    stopServing: () => server.close(),
    async closeAndAskedElsewhere() {
      await browser.close();
      // Chromium asks things of its own; what a page or its worker asks for has their origin as its initiator.
      const asked = (await readFile(netLog, 'utf8')).split('\n').filter((line) => line.includes(`"initiator":"${new URL(server.url).origin}"`));
      const urls = asked.flatMap((line) => /"url":"([^"]+)"/.exec(line)?.[1] ?? []);
      assert.ok(urls.some((url) => url.startsWith(server.url)), 'the log has the requests of the page');
      return [...new Set(urls)].filter((url) => /^(https?|wss?|ftp):/.test(url) && !url.startsWith(server.url));
    },
    async close() {
      await browser.close();
      await server.close();
      await logs.remove();
    },
  };
}

/** Errors in the console of the page and of its workers, what nothing caught, and what the content security policy refused; grows while the page lives. */
async function watch(page: Page): Promise<readonly string[]> {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error instanceof Error ? error.message : String(error)}`));
  page.on('requestfailed', (request) => {
    // A page that is left takes its requests with it.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') complaints.push(`request: ${request.url()} ${request.failure()?.errorText}`);
  });
  page.on('workercreated', ({ client }) => {
    client.on('Log.entryAdded', ({ entry }) => {
      if (entry.level === 'error') complaints.push(`worker: ${entry.text}`);
    });
    // A worker that has just ended needs no log.
    client.send('Log.enable').catch(() => {});
  });
  await page.exposeFunction('policyRefused', (what: string) => complaints.push(`policy: ${what}`));
  await page.evaluateOnNewDocument(() => {
    document.addEventListener('securitypolicyviolation', (event) => {
      void (globalThis as unknown as { policyRefused(what: string): Promise<void> }).policyRefused(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`);
    });
  });
  return complaints;
}

/** A folder that goes after the test. */
export async function temporaryFolder(): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'winnow-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 }) };
}

/** Asks the page until it says true: Puppeteer's own waitForFunction evaluates a string, which the policy forbids. */
export async function until(page: Page, condition: () => boolean, seconds = 30): Promise<void> {
  const deadline = performance.now() + seconds * 1000;
  while (!(await page.evaluate(condition))) {
    if (performance.now() > deadline) throw new Error(`not within ${seconds} s: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
