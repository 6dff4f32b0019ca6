import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { defaultSettings } from '../../src/engine/support/settings.js';
import type { LabStore } from '../../src/ui/lab/store.js';
import { startBrowser, temporaryFolder, type TestBrowser } from './browser.js';
import { Person } from './person.js';

/** Where pictures of the page go; none are taken without it. */
const pictures = process.env.WINNOW_PICTURES;

/** Minutes long, and so not in every test run: `node scripts/e2e.mjs lighten-page`. */
describe('Lighten, on the page', () => {
  let profile: Awaited<ReturnType<typeof temporaryFolder>>;
  let lab: TestBrowser;
  let page: Page;
  let person: Person;
  let complaints: readonly string[];

  before(async () => {
    profile = await temporaryFolder();
    lab = await startBrowser({ profile: profile.path });
    ({ page, complaints } = await lab.open());
    await page.setViewport({ width: 1280, height: 900 });
    person = new Person(page);
    // What other tests do by hand: photos, and a trained run.
    await page.evaluate(async (settings) => {
      const { store } = document.querySelector('winnow-lab') as unknown as { store: LabStore };
      const until = async (met: () => boolean) => {
        while (!met()) await new Promise((resolve) => setTimeout(resolve, 50));
      };
      await until(() => store.state.adapter !== null);
      await store.importDataset({ kind: 'synthetic', images: 100, seed: 1 });
      store.train([settings]);
      await until(() => store.state.runs.some(({ state }) => state.kind === 'done') && store.state.training === null);
    }, { ...defaultSettings, arch: 'cnn-light', size: 32, epochs: 6, patience: 6, batch: 16 });
  });
  after(async () => {
    await lab.close();
    await profile.remove();
  });

  const picture = async (name: string) => {
    if (pictures === undefined) return;
    await mkdir(pictures, { recursive: true });
    await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
  };
  const button = (label: string) => page.evaluate((wanted) => {
    const root = document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-lighten')!.shadowRoot!;
    const found = [...root.querySelectorAll('button')].find((each) => each.textContent.trim() === wanted);
    found?.click();
    return found !== undefined;
  }, label);
  const rows = () => page.evaluate(() => [...document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-lighten')!.shadowRoot!.querySelectorAll('[part=models] tbody th button')].map((each) => each.textContent.trim()));
  const waitFor = async (met: () => Promise<boolean>, what: string, seconds = 90) => {
    for (const deadline = performance.now() + seconds * 1000; !(await met()); ) {
      if (performance.now() > deadline) {
        await picture('failed');
        assert.fail(`waited in vain until ${what}: ${await person.text()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  };

  it('finds a lighter model at one button, keeps what it made when it is stopped, goes on after a reload, and gives the choice', { timeout: 240_000 }, async () => {
    await person.go('lighten');
    await person.inPlace('lighten');
    await picture('before');
    // What layers cost in time and filters are worth needs no search, and is known in Look, too.
    assert.ok(await button('Measure its layers'));
    await waitFor(async () => /Download as CSV/.test(await person.text()), 'the layers are measured');
    assert.match(await page.evaluate(() => document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-lighten')!.shadowRoot!.querySelector('[part=layers] tbody tr')!.textContent), /conv2d[\s\S]*\d ms[\s\S]*B/);
    await picture('measured');
    await person.go('look');
    await waitFor(async () => /in a training step/.test(await person.text()) && /worth [\d.]+% of the layer’s best/.test(await person.text()), 'Look shows it');
    await picture('measured-look');
    await person.go('lighten');
    await person.inPlace('lighten');
    assert.ok(await button('Make it lighter'));
    await waitFor(async () => (await rows()).length >= 2, 'a model is made');
    await picture('during');
    assert.ok(await button('Stop, keep what is made'));
    await waitFor(async () => /Go on/.test(await person.text()), 'the search is stopped');
    const before = await rows();

    await page.reload();
    await person.inPlace('lighten');
    await waitFor(async () => (await rows()).length === before.length, 'what was made is there');
    assert.ok(await button('Go on'));
    await waitFor(async () => /The search has ended/.test(await person.text()), 'the search ends', 150);
    const after = await rows();
    assert.deepEqual(after.slice(0, before.length), before);
    assert.ok(after.some((name) => name.startsWith('scratch-')) && after.some((name) => name.startsWith('distilled-')) && after.some((name) => name.endsWith('-int8')), after.join(', '));
    assert.match(await person.text(), /Layers of the given model/);
    await picture('after');

    assert.ok(await button('pruned-1'));
    await waitFor(async () => /chosen by hand/.test(await person.text()), 'another is chosen');
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
    await page.setViewport({ width: 360, height: 800 });
    await picture('dark-narrow');
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);

    await page.setViewport({ width: 1280, height: 900 });
    await person.go('compare');
    await person.inPlace('compare');
    await waitFor(async () => /CNN light pruned-1[\s\S]*made of CNN light/.test(await person.text()), 'it stands in Compare with what it was made of');
    await picture('compare');
    await person.go('look');
    await person.inPlace('look');
    assert.deepEqual(complaints.filter((complaint) => !complaint.includes('ERR_ABORTED')), []);
  });
});
