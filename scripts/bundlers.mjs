import { execFileSync } from 'node:child_process';
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import puppeteer from 'puppeteer-core';
import { chromiumFlags, ensureChromium } from './chromium.mjs';
import { unpackPackage } from './packed.mjs';
import { prepare, root } from './project.mjs';

/**
 * Bundles a page that trains with Vite, webpack and Rollup, from the packed package, and opens each: their workers must be found. The last two
 * are installed for it, outside of the project, so this needs a network.
 */
const folder = mkdtempSync(join(tmpdir(), 'winnow-bundlers-'));
const page = (/** @type {string} */ script) =>
  `<!doctype html><title>Bundled</title><link rel="icon" href="data:," /><script type="module" src="${script}"></script><winnow-training src="sample" images="100" arch="cnn-light" size="32" epochs="1" autostart></winnow-training>`;

await prepare();
let failed = 0;
try {
  unpackPackage(root, folder);
  const entry = join(folder, 'entry.js');
  writeFileSync(entry, "import 'winnow/elements/training';\n");
  const tools = join(folder, 'tools');
  execFileSync('npm', ['install', '--prefix', tools, '--no-audit', '--no-fund', '--silent', 'webpack@5', 'rollup@4', '@rollup/plugin-node-resolve@16', '@rollup/plugin-commonjs@29', '@web/rollup-plugin-import-meta-assets@2'], { stdio: 'inherit', shell: process.platform === 'win32' });
  const tool = createRequire(join(tools, 'index.js'));

  const bundlers = {
    async vite(/** @type {string} */ out) {
      writeFileSync(join(folder, 'index.html'), page('/entry.js'));
      const vite = await import('vite');
      await vite.build({ root: folder, base: './', configFile: false, logLevel: 'error', build: { outDir: out } });
    },
    async webpack(/** @type {string} */ out) {
      await new Promise((resolve, reject) => {
        tool('webpack')({ context: folder, mode: 'production', entry, output: { path: out, filename: 'main.js' } }, (/** @type {Error | null} */ error, /** @type {any} */ stats) => {
          if (error || stats.hasErrors()) reject(error ?? new Error(stats.toString()));
          else resolve(null);
        });
      });
      writeFileSync(join(out, 'index.html'), page('main.js'));
    },
    async rollup(/** @type {string} */ out) {
      const plugins = [tool('@rollup/plugin-node-resolve').default({ browser: true }), tool('@rollup/plugin-commonjs').default(), tool('@web/rollup-plugin-import-meta-assets').importMetaAssets()];
      const bundle = await tool('rollup').rollup({ input: entry, plugins });
      await bundle.write({ dir: out, format: 'es' });
      writeFileSync(join(out, 'index.html'), page('entry.js'));
    },
  };

  const server = createServer((request, response) => {
    const path = join(folder, request.url ?? '');
    const type = { '.html': 'text/html', '.js': 'text/javascript' }[extname(path)] ?? 'application/octet-stream';
    createReadStream(path).on('error', () => response.writeHead(404).end()).on('open', () => response.writeHead(200, { 'Content-Type': type })).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const executablePath = ensureChromium();
  const browser = await puppeteer.launch({ executablePath, headless: true, args: chromiumFlags(executablePath) });
  for (const [name, bundle] of Object.entries(bundlers)) {
    await bundle(join(folder, name));
    const opened = await browser.newPage();
    /** @type {string[]} */
    const complaints = [];
    opened.on('pageerror', (error) => complaints.push(String(error)));
    await opened.goto(`http://127.0.0.1:${port}/${name}/index.html`);
    const state = () => opened.evaluate(() => /** @type {any} */ (document.querySelector('winnow-training')).run?.state?.kind);
    for (const end = Date.now() + 90_000; Date.now() < end && (await state()) !== 'done'; ) await new Promise((resolve) => setTimeout(resolve, 300));
    const ok = (await state()) === 'done' && complaints.length === 0;
    if (!ok) failed++;
    process.stdout.write(`${name}: ${ok ? `trained, in ${opened.workers().length} workers` : `failed ${complaints.join('; ')}`}\n`);
    await opened.close();
  }
  await browser.close();
  server.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = failed > 0 ? 1 : 0;
