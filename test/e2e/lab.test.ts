import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { startBrowser, until, type TestBrowser } from './browser.js';

/** The whole way of a person, by what they see and click: import, train two models, watch, look, compare, come back. */
describe('the lab', () => {
  let lab: TestBrowser;
  let page: Page;
  let complaints: readonly string[];

  before(async () => {
    lab = await startBrowser();
    ({ page, complaints } = await lab.open());
    await page.setViewport({ width: 1440, height: 900 });
  });
  after(() => lab.close());

  const click = (selector: string) => page.locator(`>>> ${selector}`).click();
  const fill = (selector: string, value: string) => page.locator(`>>> ${selector}`).fill(value);
  /** All text of the page, shadow roots included. */
  const text = () =>
    page.evaluate(() => {
      const words: string[] = [];
      const walk = (node: Node): void => {
        if (node instanceof Text) words.push(node.data.trim());
        if (node instanceof HTMLStyleElement) return;
        if (node instanceof Element && node.shadowRoot) walk(node.shadowRoot);
        node.childNodes.forEach(walk);
      };
      walk(document.body);
      return words.filter((word) => word !== '').join(' ');
    });
  async function reads(pattern: RegExp, seconds = 60): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    for (let seen = ''; ; seen = await text()) {
      if (pattern.test(seen)) return;
      if (performance.now() > deadline) assert.fail(`${pattern} not within ${seconds} s in: ${seen}`);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }

  it('draws a dataset of its own and shows each class', { timeout: 120_000 }, async () => {
    await fill('winnow-dataset >>> #images', '200');
    await click('winnow-dataset >>> form.draw button');
    await reads(/Rice, synthetic · 200 photos · 5 classes/);
    await reads(/Drawn by Winnow, not photographed/);
    await until(page, () => {
      const root = document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-dataset')!.shadowRoot!;
      return root.querySelectorAll('canvas').length >= 5;
    });
  });

  it('trains two models while curves and progress move', { timeout: 300_000 }, async () => {
    await click('a[href="#train"].primary');
    await fill('winnow-training >>> #size', '32');
    await fill('winnow-training >>> #batch', '8');
    await fill('winnow-training >>> #epochs', '3');
    await click('winnow-training >>> button.primary');
    await reads(/Epoch 1 of 3/);
    await reads(/step \d+ of 20/);
    await reads(/Epoch 1\/3.*val_loss/s, 120);
    await click('nav a[href="#look"]');
    await until(
      page,
      () => {
        const maps = document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-feature-maps');
        return maps !== null && (maps as unknown as { maps: unknown }).maps !== null;
      },
      120,
    );
    await click('nav a[href="#train"]');
    await reads(/CNN light is trained/, 120);
    await click('a[href="#compare"].primary');
    await reads(/2 runs on Rice, synthetic/, 120);
  });

  it('compares them in words, with what the numbers are of', { timeout: 60_000 }, async () => {
    await reads(/Conclusion/);
    await reads(/perturbed photos/);
    await reads(/The photos are synthetic/);
    await reads(/356,165/);
    await reads(/2,517/);
  });

  it('shows the feature maps of every layer of a trained model', { timeout: 120_000 }, async () => {
    await click('nav a[href="#look"]');
    await reads(/conv2d, (32|8) maps/);
    const layers = await page.evaluate(() => {
      const maps = document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-feature-maps')!;
      return (maps as unknown as { layers: { name: string }[] }).layers.map(({ name }) => name);
    });
    assert.ok(layers.length >= 7);
    for (const layer of layers) {
      await page.evaluate((name) => {
        const maps = document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-feature-maps')!;
        maps.dispatchEvent(new CustomEvent('winnow-layer', { detail: { layer: name } }));
      }, layer);
      const shown = () =>
        page.evaluate(() => {
          const maps = document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-feature-maps')!;
          return (maps as unknown as { maps: { layer: string } | null }).maps?.layer;
        });
      const deadline = performance.now() + 20_000;
      while ((await shown()) !== layer) {
        assert.ok(performance.now() < deadline, `maps of ${layer} within 20 s`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  });

  it('finds everything again after a reload', { timeout: 60_000 }, async () => {
    await page.goto(`${lab.url}#compare`);
    await page.reload();
    await reads(/2 runs on Rice, synthetic/);
    await reads(/Rice, synthetic · 200 photos · 5 classes/);
    await reads(/356,165/);
  });

  it('speaks Korean at a click', { timeout: 60_000 }, async () => {
    await click('button[lang="ko"]');
    await reads(/비교/);
    await click('button[lang="en"]');
    await reads(/Conclusion/);
  });

  it('had no error and asked nothing of anybody else', () => {
    assert.deepEqual(complaints, []);
  });
});
