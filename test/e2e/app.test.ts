import assert from 'node:assert/strict';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ElementHandle } from 'puppeteer-core';
import { dist, startBrowser, temporaryFolder, until } from './browser.js';
import { Person } from './person.js';
import { stripedClasses, stripes, writeZip } from './photos.js';

describe('the lab without a network', { timeout: 240_000 }, () => {
  it('opens, imports, trains and classifies after one visit', async () => {
    const files = await temporaryFolder();
    const lab = await startBrowser();
    try {
      const { page } = await lab.open();
      await until(page, () => navigator.serviceWorker.controller !== null, 60);
      const manifest = (await page.evaluate(async () => (await fetch((document.querySelector('link[rel="manifest"]') as HTMLLinkElement).href)).json())) as { icons: { src: string }[]; start_url: string };
      assert.equal(manifest.start_url, './');
      const { installabilityErrors } = await (await page.createCDPSession()).send('Page.getInstallabilityErrors');
      assert.deepEqual(installabilityErrors, [], 'the browser would install it');
      for (const { src } of manifest.icons) assert.equal(await page.evaluate(async (path) => (await fetch(path)).ok, src), true, src);
      await page.close();

      // Both ends: nothing is there to answer, and the browser itself says that it is offline.
      await lab.stopServing();
      const visit = await lab.browser.newPage();
      const cdp = await visit.createCDPSession();
      await cdp.send('Network.enable');
      await cdp.send('Network.emulateNetworkConditions', { offline: true, latency: 0, downloadThroughput: 0, uploadThroughput: 0 });
      await visit.goto(lab.url);
      assert.equal(await visit.evaluate(() => navigator.onLine), false);
      assert.equal(await visit.evaluate(async () => fetch('./terminal.html').then(() => 'answered', () => 'no network')), 'no network');
      assert.equal(await visit.evaluate(() => globalThis.crossOriginIsolated), true);

      const person = new Person(visit);
      await person.reads(/Draw synthetic rice/);
      const give = async (selector: string, path: string) => ((await visit.waitForSelector(`>>> ${selector}`)) as ElementHandle<HTMLInputElement>).uploadFile(path);
      await give('winnow-dataset >>> #zip', await writeZip(join(files.path, 'stripes.zip'), await stripedClasses(30)));
      await person.reads(/60 photos · 2 classes/);
      await person.train({ size: 32, batch: 32, epochs: 1 });
      await person.reads(/CNN light is trained/, 120);
      await person.go('look');
      await person.reads(/What each filter answers/);
      await person.go('use');
      const photo = join(files.path, 'stripes.png');
      await writeFile(photo, await stripes(true, 999));
      await person.reads(/Drop a photo here/);
      await give('winnow-use >>> winnow-classifier >>> input[type="file"]', photo);
      await until(visit, () => (document.querySelector('winnow-lab')?.shadowRoot?.querySelector('winnow-use')?.shadowRoot?.querySelector('winnow-classifier') as { value?: string } | null | undefined)?.value !== '');
      await person.reads(/(Lying|Upright) [\d.]+%.* ms on /s);
      await person.click('button[lang="ko"]');
      await person.reads(/데이터/);
    } finally {
      await lab.close();
      await files.remove();
    }
  });

  it('takes a new version when it is asked to, and never by itself', async () => {
    const folder = await temporaryFolder();
    await cp(dist, folder.path, { recursive: true });
    const lab = await startBrowser({ folder: folder.path });
    try {
      const { page } = await lab.open();
      await until(page, () => navigator.serviceWorker.controller !== null, 60);
      const script = join(folder.path, 'service-worker.js');
      await writeFile(script, (await readFile(script, 'utf8')).replace(/"version":"\w+"/, '"version":"next"'));
      await writeFile(join(folder.path, 'index.html'), (await readFile(join(folder.path, 'index.html'), 'utf8')).replace('<title>Winnow</title>', '<title>Winnow</title><meta name="version" content="next" />'));

      await page.reload();
      const person = new Person(page);
      await person.reads(/A new version of Winnow is ready/);
      const isNext = () => document.querySelector('meta[name="version"]') !== null;
      // The old one is still whole.
      assert.equal(await page.evaluate(isNext), false);
      await page.reload();
      await person.reads(/A new version of Winnow is ready/);
      assert.equal(await page.evaluate(isNext), false);

      // Another tab that trains keeps it from being taken.
      const other = await lab.browser.newPage();
      await other.goto(lab.url);
      await other.evaluate(() => void navigator.locks.request('winnow-run-of-another-tab', () => new Promise(() => {})));
      await page.bringToFront();
      await person.click('.note button');
      await person.reads(/Another tab is training/);
      await other.close();

      await Promise.all([page.waitForNavigation(), person.click('.note button')]);
      assert.equal(await page.evaluate(isNext), true);
      await until(page, () => !(document.querySelector('winnow-lab')?.shadowRoot?.textContent ?? '').includes('A new version'));
    } finally {
      await lab.close();
      await folder.remove();
    }
  });
});
