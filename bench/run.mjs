import { mkdir, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import puppeteer from 'puppeteer-core';
import { createServer } from 'vite';
import { chromiumFlags, ensureChromium } from '../scripts/chromium.mjs';
import { stepTable } from './step/table.mjs';

const HELP = 'npm run bench -- [--suite step] [--quick] [--json]';
const root = fileURLToPath(new URL('..', import.meta.url));
const tables = { step: stepTable };

/** @param {string} why @returns {never} */
function refuse(why) {
  process.stderr.write(`call-invalid: ${why}. ${HELP}\n`);
  process.exit(2);
}

function options() {
  try {
    return parseArgs({ options: { suite: { type: 'string', default: 'step' }, quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

const { suite, quick, json } = options();
if (!(suite in tables)) refuse(`there is no suite ${suite}`);

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
let failed = false;
try {
  const page = await browser.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error') process.stderr.write(`${message.text()}\n`);
  });
  await page.exposeFunction('winnowBenchReport', (/** @type {string} */ line) => process.stderr.write(`${line}\n`));
  await page.goto(`${vite.resolvedUrls?.local[0]}bench/index.html`);
  await page.waitForFunction('window.winnowBench !== undefined', { timeout: 120_000 });
  const measured = await page.evaluate((name, fast) => window.winnowBench(/** @type {any} */ (name), fast), suite, quick);
  const result = { .../** @type {any} */ (measured), cores: cpus().length, cpu: cpus()[0].model, browser: await browser.version() };
  await mkdir(new URL('results', import.meta.url), { recursive: true });
  const name = [suite, result.adapter.vendor, result.adapter.architecture, quick ? 'quick' : 'full'].filter(Boolean).join('-').toLowerCase().replace(/[^a-z0-9]+/g, '-');
  const table = tables[/** @type {keyof typeof tables} */ (suite)](result);
  await writeFile(new URL(`results/${name}.json`, import.meta.url), `${JSON.stringify(result, null, 1)}\n`);
  await writeFile(new URL(`results/${name}.md`, import.meta.url), `${table}\n`);
  process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${table}\n`);
} catch (error) {
  failed = true;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
} finally {
  await browser.close();
  await vite.close();
}
process.exit(failed ? 1 : 0);
