import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { startBrowser, until, type TestBrowser } from './browser.js';
import { Person } from './person.js';

/** The whole way of a person, by what they see and click: import, train two models, watch, look, compare, come back. */
describe('the lab', () => {
  let lab: TestBrowser;
  let page: Page;
  let person: Person;
  let complaints: readonly string[];

  before(async () => {
    lab = await startBrowser();
    ({ page, complaints } = await lab.open());
    await page.setViewport({ width: 1440, height: 900 });
    person = new Person(page);
  });
  after(() => lab.close());

  it('draws a dataset of its own and shows each class', { timeout: 120_000 }, async () => {
    await person.drawRice(200);
    await person.reads(/Drawn by Winnow, not photographed/);
    await until(page, () => {
      const root = document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-dataset')!.shadowRoot!;
      return root.querySelectorAll('canvas').length >= 5;
    });
  });

  it('trains two models while curves and progress move', { timeout: 300_000 }, async () => {
    await person.train({ size: 32, batch: 8, epochs: 3 });
    await person.reads(/Epoch 1 of 3/);
    await person.reads(/step \d+ of 20/);
    await watchShifts(page);
    await person.reads(/Epoch 2\/3.*val_loss.*val_loss/s, 120);
    // What no person has asked for: numbers that tick, curves and lines of the log that come.
    assert.deepEqual(await shifts(page), [], 'nothing moves while numbers tick');
    await person.go('look');
    await until(
      page,
      () => {
        const maps = document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-feature-maps');
        return maps !== null && (maps as unknown as { maps: unknown }).maps !== null;
      },
      120,
    );
    await person.go('train');
    await person.reads(/CNN light is trained/, 120);
    await person.click('a[href="#compare"].primary');
    await person.reads(/2 runs on Rice, synthetic/, 120);
  });

  it('compares them in words, with what the numbers are of', { timeout: 60_000 }, async () => {
    await person.reads(/Conclusion/);
    await person.reads(/perturbed photos/);
    await person.reads(/The photos are synthetic/);
    await person.reads(/356,165/);
    await person.reads(/2,517/);
  });

  it('shows the feature maps of every layer of a trained model', { timeout: 120_000 }, async () => {
    await person.go('look');
    await person.reads(/conv2d, (32|8) maps/);
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

  it('goes on training in a hidden tab', { timeout: 120_000 }, async () => {
    await person.go('train');
    // The form still has both architectures chosen.
    await person.click('winnow-training >>> .submit button.primary');
    await person.reads(/Epoch 1 of/);
    const other = await lab.browser.newPage();
    await other.bringToFront();
    await until(page, () => document.visibilityState === 'hidden');
    // The page draws nothing while it is hidden, so what the store has heard is asked.
    await until(
      page,
      () => {
        const { runs, training } = (document.querySelector('winnow-lab') as unknown as { store: { state: { runs: { state: { kind: string } }[]; training: unknown } } }).store.state;
        return training === null && runs.filter(({ state }) => state.kind === 'done').length === 4;
      },
      90,
    );
    assert.equal(await page.evaluate(() => document.visibilityState), 'hidden');
    await other.close();
    await page.bringToFront();
    await person.reads(/CNN light is trained/);
  });

  it('finds everything again after a reload', { timeout: 60_000 }, async () => {
    await page.goto(`${lab.url}#compare`);
    await page.reload();
    await person.reads(/4 runs on Rice, synthetic/);
    await person.reads(/Rice, synthetic · 200 photos · 5 classes/);
    await person.reads(/356,165/);
  });

  it('speaks Korean at a click', { timeout: 60_000 }, async () => {
    await person.click('button[lang="ko"]');
    await person.reads(/비교/);
    await person.click('button[lang="en"]');
    await person.reads(/Conclusion/);
  });

  it('had no error and asked nothing of anybody else', async () => {
    assert.deepEqual(complaints, []);
    assert.deepEqual(await lab.closeAndAskedElsewhere(), []);
  });
});

/** From now on: what moves in the page. A text that is written anew where it stood, against the left or the right, has moved nothing. */
function watchShifts(page: Page): Promise<void> {
  return page.evaluate(() => {
    const state = globalThis as unknown as { shifts: string[] };
    state.shifts = [];
    // What moves within a shadow root has no name here, but a place.
    const box = ({ x, y, width, height }: DOMRectReadOnly): string => [x, y, width, height].map(Math.round).join(' ');
    new PerformanceObserver((list) => {
      for (const { hadRecentInput, sources } of list.getEntries() as (PerformanceEntry & { hadRecentInput: boolean; sources: { previousRect: DOMRectReadOnly; currentRect: DOMRectReadOnly }[] })[]) {
        if (hadRecentInput) continue;
        for (const { previousRect: was, currentRect: is } of sources) {
          const stays = Math.abs(was.top - is.top) < 1 && (Math.abs(was.left - is.left) < 1 || Math.abs(was.right - is.right) < 1);
          if (!stays) state.shifts.push(`${box(was)} to ${box(is)}`);
        }
      }
    }).observe({ type: 'layout-shift' });
  });
}

function shifts(page: Page): Promise<string[]> {
  return page.evaluate(() => (globalThis as unknown as { shifts: string[] }).shifts);
}
