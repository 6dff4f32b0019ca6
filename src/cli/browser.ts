import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import puppeteer, { type Browser, type ElementHandle, type Page } from 'puppeteer-core';
import { chromiumFlags, findChromium, installHint } from '../../scripts/chromium.mjs';
import { fromErrorData, WinnowError } from '../engine/support/errors.js';
import type { InputId, PageApi, PageBridge, PageEvent } from './page-api.js';
import { serve, type Server } from './server.js';

/** dist/, as seen from dist/cli/. */
const folder = fileURLToPath(new URL('..', import.meta.url));

/** Storage belongs to an origin: this one is the same whichever port the server got. */
const HOST = 'winnow.localhost';
/** A browser that has just lost its terminal still has the profile for a moment. */
const LEAVING_MS = 15_000;
const RETRY_MS = 500;

/** The lab's engine in a headless browser. */
export class EngineBrowser {
  private constructor(
    private readonly browser: Browser,
    private readonly page: Page,
    private readonly server: Server,
    private readonly inbox: Inbox,
    private readonly temporaryProfile: string | null,
    private readonly crash: Promise<never>,
  ) {}

  /**
   * @param profile folder of the browser's storage, which is kept; null for one that goes with the browser.
   * @throws WinnowError 'browser-missing', 'worker-failed'.
   */
  static async open(profile: string | null, report: (event: PageEvent) => void): Promise<EngineBrowser> {
    const executablePath = findChromium();
    if (!executablePath) throw new WinnowError('browser-missing', { install: installHint });
    const inbox = new Inbox();
    const server = await serve({ folder, port: 0, handle: inbox.handle });
    const temporaryProfile = profile === null ? await mkdtemp(join(tmpdir(), 'winnow-')) : null;
    let browser: Browser | null = null;
    try {
      browser = await launch(executablePath, profile ?? temporaryProfile!, new URL(server.url).port, profile === null ? 0 : LEAVING_MS);
      const page = await browser.newPage();
      const crash = new Promise<never>((_, reject) => page.once('error', (error) => reject(new WinnowError('worker-failed', { why: error.message }))));
      crash.catch(() => {});
      await page.exposeFunction('winnowReport', report);
      await page.goto(`http://${HOST}/terminal.html`);
      return new EngineBrowser(browser, page, server, inbox, temporaryProfile, crash);
    } catch (error) {
      await browser?.close();
      await server.close();
      if (temporaryProfile) await removeProfile(temporaryProfile);
      throw error instanceof WinnowError ? error : new WinnowError('worker-failed', { why: messageOf(error) }, { cause: error });
    }
  }

  /** Calls a function of the page. @throws WinnowError, the page's own. */
  async call<Name extends keyof PageApi>(name: Name, ...args: Parameters<PageApi[Name]>): Promise<Awaited<ReturnType<PageApi[Name]>>> {
    const call = this.page.evaluate(
      (method, list) => {
        if (!globalThis.winnow) throw new Error('the page of the engine did not load');
        return (globalThis.winnow[method as keyof PageBridge] as (...values: unknown[]) => Promise<unknown>)(...list);
      },
      name,
      args,
    );
    let outcome;
    try {
      outcome = (await Promise.race([call, this.crash])) as Awaited<ReturnType<PageBridge[Name]>>;
    } catch (error) {
      throw error instanceof WinnowError ? error : new WinnowError('worker-failed', { why: messageOf(error) }, { cause: error });
    }
    if (!outcome.ok) throw fromErrorData(outcome.error);
    return outcome.value;
  }

  /** Puts files, or one folder, into an input of the page: as File objects on the disk, read where the engine reads them. */
  async give(input: InputId, paths: readonly string[]): Promise<void> {
    const element = (await this.page.$(`#${input}`)) as ElementHandle<HTMLInputElement> | null;
    if (!element) throw new WinnowError('worker-failed', { why: 'the page of the engine did not load' });
    await element.uploadFile(...paths);
    await element.dispose();
  }

  /** Has the page post something, which is written to `path`. */
  async receive(path: string, post: (address: string) => Promise<void>): Promise<void> {
    const token = this.inbox.expect(path);
    try {
      await post(new URL(token, this.server.url).pathname);
    } finally {
      this.inbox.forget(token);
    }
  }

  async close(): Promise<void> {
    await this.browser.close();
    await this.server.close();
    if (this.temporaryProfile) await removeProfile(this.temporaryProfile);
  }

  /** Ends the browser at once. */
  kill(): void {
    this.browser.process()?.kill('SIGKILL');
  }
}

/** @param patience milliseconds for which another browser may still have the profile. */
async function launch(executablePath: string, userDataDir: string, port: string, patience: number): Promise<Browser> {
  const until = performance.now() + patience;
  for (;;) {
    try {
      return await puppeteer.launch({
        executablePath,
        headless: true,
        userDataDir,
        // Without its terminal it has nothing to do: a pipe that closes ends it, however the terminal ended.
        pipe: true,
        args: [...chromiumFlags(executablePath), `--host-resolver-rules=MAP ${HOST}:80 127.0.0.1:${port}`],
        // A call lasts as long as a training run does.
        protocolTimeout: 0,
        // An interrupt ends the run in good order; see main.ts.
        handleSIGINT: false,
        handleSIGTERM: false,
        handleSIGHUP: false,
      });
    } catch (error) {
      if (performance.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Takes what the page posts, under addresses that nobody can guess. */
class Inbox {
  private readonly expected = new Map<string, string>();

  /** @returns the token that the page posts to. */
  expect(path: string): string {
    const token = randomUUID();
    this.expected.set(token, path);
    return token;
  }

  forget(token: string): void {
    this.expected.delete(token);
  }

  readonly handle = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
    if (request.method !== 'POST') return false;
    const path = this.expected.get(request.url?.slice(1) ?? '');
    if (path === undefined) return false;
    await pipeline(request, createWriteStream(path));
    response.writeHead(204).end();
    return true;
  };
}

/** A browser that has just ended can still hold a file. */
export function removeProfile(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
}
