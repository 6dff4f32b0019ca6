import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, it } from 'node:test';
import { dist, startBrowser, until } from './browser.js';

/** In every bundle that holds tfjs's kernels, and nowhere else. */
const kernelOfTfjs = 'Conv2DBackpropFilter';

describe('the production build', () => {
  it('has pages without inline script or style', async () => {
    for (const name of (await readdir(dist)).filter((file) => file.endsWith('.html'))) {
      const html = await readFile(join(dist, name), 'utf8');
      assert.doesNotMatch(html, /<style|\sstyle=|\son\w+=/, name);
      for (const [, attributes, content] of html.matchAll(/<script([^>]*)>([^]*?)<\/script>/g)) {
        assert.match(attributes, /\ssrc="\.\//, name);
        assert.equal(content.trim(), '', name);
      }
    }
  });

  it('keeps tfjs out of the page, and has it in a worker', async () => {
    const [entry] = /assets\/[^"]+\.js/.exec(await readFile(join(dist, 'index.html'), 'utf8')) ?? [];
    assert.ok(entry);
    const ofPage = new Set<string>();
    for (const queue = [entry]; queue.length > 0; ) {
      const path = queue.pop()!;
      if (ofPage.has(path)) continue;
      ofPage.add(path);
      // Static and dynamic imports alike; workers are named by URL, not imported.
      for (const [, name] of (await readFile(join(dist, path), 'utf8')).matchAll(/(?:from|import)\s*\(?\s*["'`]\.\/([^"'`]+\.js)["'`]/g)) queue.push(`assets/${name}`);
    }
    for (const path of ofPage) assert.ok(!(await readFile(join(dist, path), 'utf8')).includes(kernelOfTfjs), `${path} holds tfjs`);
    const others = (await readdir(join(dist, 'assets'), { recursive: true })).filter((name) => name.endsWith('.js') && !ofPage.has(`assets/${name}`));
    const holders = await Promise.all(others.map(async (name) => (await readFile(join(dist, 'assets', name), 'utf8')).includes(kernelOfTfjs)));
    assert.ok(holders.includes(true), 'some worker holds tfjs');
  });

  it('has at most 70 KB of JavaScript on the page, gzipped, until Data can be used', { timeout: 60_000 }, async () => {
    const browser = await startBrowser();
    try {
      const page = await browser.browser.newPage();
      const scripts = new Set<string>();
      // Only what the page itself asks for: workers fetch for themselves.
      page.on('request', (request) => request.resourceType() === 'script' && scripts.add(new URL(request.url()).pathname));
      await page.goto(browser.url);
      await until(page, () => Boolean(document.querySelector('winnow-lab')?.shadowRoot?.querySelector('winnow-dataset')?.shadowRoot?.querySelector('[part="drop"] button')));
      const sizes = await Promise.all([...scripts].filter((path) => !path.includes('/workers/') && !path.endsWith('/service-worker.js')).map(async (path) => gzipSync(await readFile(join(dist, path)), { level: 9 }).length));
      const bytes = sizes.reduce((sum, size) => sum + size, 0);
      console.log(`  ${(bytes / 1000).toFixed(1)} KB in ${sizes.length} files`);
      assert.ok(sizes.length >= 3, 'the page has scripts');
      assert.ok(bytes <= 70_000, `${bytes} bytes`);
    } finally {
      await browser.close();
    }
  });

  it('opens the lab, isolated, without a complaint', { timeout: 60_000 }, async () => {
    const browser = await startBrowser();
    try {
      const { page, complaints } = await browser.open();
      await until(page, () => (document.querySelector('winnow-lab')?.shadowRoot?.textContent ?? '').includes('Winnow'));
      assert.equal(await page.evaluate(() => globalThis.crossOriginIsolated), true);
      // Workers start after the first paint, and would complain then.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.deepEqual(complaints, []);
    } finally {
      await browser.close();
    }
  });
});
