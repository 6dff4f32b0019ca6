import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
    const others = (await readdir(join(dist, 'assets'))).filter((name) => name.endsWith('.js') && !ofPage.has(`assets/${name}`));
    const holders = await Promise.all(others.map(async (name) => (await readFile(join(dist, 'assets', name), 'utf8')).includes(kernelOfTfjs)));
    assert.ok(holders.includes(true), 'some worker holds tfjs');
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
