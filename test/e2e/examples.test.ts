import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ElementHandle, Page } from 'puppeteer-core';
import { bundleReactExample, unpackPackage } from '../../scripts/packed.mjs';
import { buildGraph } from '../../src/engine/architectures/index.js';
import { modelFormats } from '../../src/engine/exchange/formats.js';
import { createRuntime } from '../../src/engine/inference/runtime.js';
import type { RunRecord } from '../../src/engine/storage/records.js';
import { exampleModel } from '../engine/exchange/example.js';
import { root, startBrowser, temporaryFolder, until, type TestBrowser } from './browser.js';
import { stripes } from './photos.js';

/** `npm run examples` opens all; `npm test` the one that a person without any tool would write. */
const all = process.env.WINNOW_EXAMPLES === 'all';

describe('examples, from the packed package', { timeout: 240_000 }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let browser: TestBrowser;

  before(async () => {
    folder = await temporaryFolder();
    unpackPackage(root, folder.path);
    browser = await startBrowser({ folder: folder.path });
  });
  after(async () => {
    await browser?.close();
    await folder?.remove();
  });

  /** The teacher's page with something else in place of the training. */
  async function pageWith(content: string): Promise<string> {
    return (await readFile(join(folder.path, 'html/index.html'), 'utf8')).replace(/<winnow-training.*<\/winnow-training>/, content);
  }

  it('HTML alone: a network trains', async () => {
    const { page, complaints } = await browser.open('html/');
    await until(page, isTrained, 90);
    const run = await page.evaluate(() => (document.querySelector('winnow-training') as unknown as { run: RunRecord }).run);
    assert.equal(run.settings.arch, 'cnn-light');
    assert.equal(run.settings.size, 32);
    assert.equal(run.history.length, 2);
    assert.deepEqual(run.split.train.map((count, label) => count + run.split.validation[label]), [40, 40, 40, 40, 40]);
    assert.deepEqual(complaints, []);

    await page.close();
  });

  it('importing every element does nothing: no worker, no GPU, no storage', async () => {
    await writeFile(join(folder.path, 'html/nothing.html'), await pageWith(''));
    const { page, complaints } = await browser.open('html/nothing.html');
    await page.evaluateOnNewDocument(() => {
      const asked: string[] = [];
      Object.assign(globalThis, { asked });
      for (const [owner, name] of [[GPU.prototype, 'requestAdapter'], [IDBFactory.prototype, 'open']] as const) Reflect.set(owner, name, () => Promise.reject(new Error(`${asked.push(name)}`)));
    });
    await page.reload();
    await until(page, () => customElements.get('winnow-training') !== undefined && customElements.get('winnow-classifier') !== undefined);
    assert.deepEqual(await page.evaluate(() => (globalThis as unknown as { asked: string[] }).asked), []);
    assert.deepEqual(page.workers(), []);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('a classifier alone, with attributes: a model and a photo at an address, its answer in the form', async () => {
    const graph = buildGraph('cnn-light', { size: 40, classes: 5 });
    const model = exampleModel(graph);
    await writeFile(join(folder.path, 'html/model.onnx'), (await modelFormats.onnx.write(model)).stream());
    await writeFile(join(folder.path, 'html/photo.png'), await stripes(true, 1));
    await writeFile(join(folder.path, 'html/classifier.html'), await pageWith('<form><winnow-classifier src="model.onnx" photo="photo.png" name="variety" explain></winnow-classifier></form>'));
    const { page, complaints } = await browser.open('html/classifier.html');
    await until(page, () => new FormData(document.querySelector('form')!).has('variety'), 60);
    const answer = await page.evaluate(() => new FormData(document.querySelector('form')!).get('variety'));
    const pixels = await page.evaluate(async () => {
      const context = new OffscreenCanvas(40, 40).getContext('2d')!;
      context.drawImage(await createImageBitmap(await (await fetch('photo.png')).blob()), 0, 0);
      return [...context.getImageData(0, 0, 40, 40).data].filter((_, i) => i % 4 < 3);
    });
    const runtime = await createRuntime(model, { on: 'javascript' });
    const wanted = await runtime.predict(Uint8Array.from(pixels), 1);
    assert.equal(answer, model.card.classes[wanted.indexOf(Math.max(...wanted))]);
    // Where it looked, and what it is.
    await until(page, () => document.querySelector('winnow-classifier')!.shadowRoot!.querySelector('canvas') !== null, 60);
    assert.match(await page.$eval('winnow-classifier', (element) => element.shadowRoot!.textContent), /ms on WebGPU[^]*seed \d+/);
    assert.equal(page.workers().length, 1);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('HTML alone, once more: the photos are those of before', { skip: !all }, async () => {
    const { page } = await browser.open('html/');
    await until(page, isTrained, 90);
    assert.equal(await count(page, 'datasets'), 1);
    assert.equal(await count(page, 'runs'), 2);
    await page.close();
  });

  it('elements in a session: what one trains the others show, and the classifier gets the model', { skip: !all }, async () => {
    const { page, complaints } = await browser.open('session/');
    await until(page, isTrained, 90);
    await until(page, () => (document.querySelector('winnow-feature-maps') as unknown as { maps: unknown }).maps !== null);
    await until(page, () => (document.querySelector('winnow-classifier') as unknown as { model: unknown }).model instanceof Blob);
    const { series, runs } = await page.evaluate(() => ({
      series: (document.querySelector('winnow-metrics-chart') as unknown as { series: unknown[] }).series.length,
      runs: (document.querySelector('winnow-comparison') as unknown as { runs: unknown[] }).runs.length,
    }));
    assert.deepEqual({ series, runs }, { series: 3, runs: 3 });
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('each element alone, over what is stored', { skip: !all }, async () => {
    const tags = { dataset: 'samples', 'metrics-chart': 'series', 'feature-maps': 'layers', comparison: 'runs', 'confusion-matrix': 'matrix' };
    for (const [name, property] of Object.entries(tags)) {
      await writeFile(join(folder.path, 'html/alone.html'), await pageWith(`<winnow-${name} src="sample" images="200" data-property="${property}"></winnow-${name}>`));
      const { page, complaints } = await browser.open('html/alone.html');
      await until(page, () => {
        const element = document.querySelector<HTMLElement & Record<string, readonly unknown[] | undefined>>('[data-property]')!;
        return (element[element.dataset.property!]?.length ?? 0) > 0;
      });
      assert.deepEqual(complaints, [], name);
      await page.close();
    }
  });

  it('one screen: imports, trains and classifies by the headless API', { skip: !all }, async () => {
    const { page, complaints } = await browser.open('one-screen/');
    await page.click('#train');
    await until(page, () => !(document.getElementById('photo') as HTMLInputElement).disabled, 90);
    const log = await page.$eval('#log', (element) => element.textContent);
    assert.match(log, /epoch 1: loss [\d.]+, validation accuracy [\d.]+\nepoch 2: .*\ndone: Arborio, Basmati, Ipsala, Jasmine, Karacadag\n$/);
    const photo = join(folder.path, 'grain.png');
    await page.screenshot({ path: photo, clip: { x: 0, y: 0, width: 80, height: 80 } });
    await ((await page.$('#photo')) as ElementHandle<HTMLInputElement>).uploadFile(photo);
    await until(page, () => document.querySelectorAll('#answer li').length > 0);
    const answers = await page.$$eval('#answer li', (items) => items.map((item) => Number(/([\d.]+) %$/.exec(item.textContent)?.[1])));
    assert.equal(answers.length, 5);
    assert.ok(Math.abs(answers.reduce((sum, each) => sum + each) - 100) < 0.5, `${answers.join()} add up to 100 %`);
    assert.deepEqual(complaints, []);

    // An abort ends the run, and keeps it as stopped.
    await page.click('#train');
    await until(page, () => document.getElementById('log')!.textContent.split('epoch 1').length === 3, 60);
    await page.click('#stop');
    await until(page, () => /abort/i.test(document.getElementById('log')!.textContent));
    await page.close();
  });

  it('a React page, bundled by Vite and checked by TypeScript', { skip: !all }, async () => {
    const example = join(folder.path, 'react');
    execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', example], { stdio: 'pipe' });
    await bundleReactExample(folder.path);
    const { page, complaints } = await browser.open('react/dist/');
    await until(page, () => /cnn-light done/.test(document.getElementById('ended')?.textContent ?? ''), 90);
    // The session has fed those beside the training too.
    await until(page, () => (document.querySelector('winnow-metrics-chart') as unknown as { series: unknown[] }).series.length > 0);
    assert.match(await page.$eval('winnow-comparison', (element) => element.shadowRoot!.textContent), /CNN light/);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it('the package on another origin: its workers start through a script of one line', { skip: !all }, async () => {
    const servers = [await serveOpenly(folder.path), await serveOpenly(folder.path)];
    const [here, there] = servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const html = (await readFile(join(folder.path, 'html/index.html'), 'utf8')).replace('../node_modules', `${there}/node_modules`);
    await writeFile(join(folder.path, 'html/elsewhere.html'), html);
    const page = await browser.browser.newPage();
    try {
      await page.goto(`${here}/html/elsewhere.html`);
      await until(page, isTrained, 90);
      assert.ok(page.workers().length === 0 || page.workers().every((worker) => worker.url().startsWith('blob:')), page.workers().map((worker) => worker.url()).join());
    } finally {
      await page.close();
      for (const server of servers) server.close();
    }
  });
});

function isTrained(): boolean {
  return (document.querySelector('winnow-training') as unknown as { run?: RunRecord | null } | null)?.run?.state.kind === 'done';
}

function count(page: Page, store: string): Promise<number> {
  return page.evaluate(
    (name) =>
      new Promise<number>((resolve, reject) => {
        const opening = indexedDB.open('winnow');
        opening.onerror = () => reject(opening.error ?? new Error('IndexedDB did not open'));
        opening.onsuccess = () => {
          const counting = opening.result.transaction(name).objectStore(name).count();
          counting.onsuccess = () => resolve(counting.result);
        };
      }),
    store,
  );
}

/** Without the lab server's policies, for anybody to fetch from: as a CDN. */
async function serveOpenly(folder: string): Promise<Server> {
  const types: Record<string, string> = { html: 'text/html', js: 'text/javascript', css: 'text/css' };
  const server = createServer((request, response) => {
    const path = request.url!.split('?')[0];
    const stream = createReadStream(join(folder, path));
    stream.on('error', () => response.writeHead(404).end());
    stream.on('open', () => {
      response.writeHead(200, { 'Content-Type': types[path.split('.').at(-1)!] ?? 'application/octet-stream', 'Access-Control-Allow-Origin': '*' });
      stream.pipe(response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
