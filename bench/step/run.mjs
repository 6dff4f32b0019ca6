import puppeteer from 'puppeteer-core';
import { createServer } from 'vite';
import { chromiumFlags, ensureChromium } from '../../scripts/chromium.mjs';
import { root } from '../../scripts/project.mjs';

/**
 * Serves bench/index.html, and lets the page measure in one browser.
 * @param {boolean} quick
 */
export async function runStep(quick) {
  const vite = await createServer({
    root,
    configFile: 'vite.config.ts',
    cacheDir: '.cache/vite-bench',
    logLevel: 'error',
    server: { host: '127.0.0.1', port: 0, hmr: false, watch: null },
    optimizeDeps: { entries: ['bench/page.ts', 'src/engine/**/*.ts'], holdUntilCrawlEnd: true },
  });
  await vite.listen();
  const executablePath = ensureChromium();
  const browser = await puppeteer.launch({ executablePath, headless: true, args: [...chromiumFlags(executablePath), '--enable-features=WebGPUDeveloperFeatures'], protocolTimeout: 0 });
  try {
    const page = await browser.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') process.stderr.write(`${message.text()}\n`);
    });
    await page.exposeFunction('winnowBenchReport', (/** @type {string} */ line) => process.stderr.write(`${line}\n`));
    await page.goto(`${vite.resolvedUrls?.local[0]}bench/index.html`);
    await page.waitForFunction('window.winnowBench !== undefined', { timeout: 120_000 });
    const measured = await page.evaluate((fast) => window.winnowBench('step', fast), quick);
    return { .../** @type {any} */ (measured), browser: await browser.version() };
  } finally {
    await browser.close();
    await vite.close();
  }
}
