import puppeteer from 'puppeteer-core';
import { createServer } from 'vite';
import { chromiumFlags, ensureChromium } from '../scripts/chromium.mjs';
import { root } from '../scripts/project.mjs';

/**
 * Serves bench/index.html from the sources, and opens it in a browser of its own.
 * @template T
 * @param {(page: import('puppeteer-core').Page, browser: import('puppeteer-core').Browser) => Promise<T>} use
 * @param {string[]} [flags]
 * @returns {Promise<T>}
 */
export async function withBenchPage(use, flags = []) {
  const vite = await createServer({
    root,
    configFile: 'vite.config.ts',
    cacheDir: '.cache/vite-bench',
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    optimizeDeps: { entries: ['bench/page.ts', 'src/engine/**/*.ts', 'src/workers/*.ts'], holdUntilCrawlEnd: true },
  });
  await vite.listen();
  const executablePath = ensureChromium();
  const browser = await puppeteer.launch({ executablePath, headless: true, args: [...chromiumFlags(executablePath), ...flags], protocolTimeout: 0 });
  try {
    const page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') process.stderr.write(`${message.text()}\n`);
    });
    await page.exposeFunction('winnowBenchReport', (/** @type {string} */ line) => process.stderr.write(`${line}\n`));
    await page.goto(`${vite.resolvedUrls?.local[0]}bench/index.html`);
    await page.waitForFunction('window.winnowBench !== undefined', { timeout: 120_000 });
    return await use(page, browser);
  } finally {
    await browser.close();
    await vite.close();
  }
}

/**
 * Runs a suite of bench/page.ts.
 * @param {import('./page.js').SuiteName} name
 * @param {boolean} quick
 * @param {string[]} [flags]
 */
export function runInPage(name, quick, flags) {
  return withBenchPage(async (page, browser) => {
    const measured = await page.evaluate((suite, fast) => window.winnowBench(suite, fast), name, quick);
    return { .../** @type {any} */ (measured), browser: await browser.version() };
  }, flags);
}
