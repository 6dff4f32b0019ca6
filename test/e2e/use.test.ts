import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ElementHandle, Page } from 'puppeteer-core';
import { buildGraph } from '../../src/engine/architectures/index.js';
import { encodePng } from '../../src/engine/data/png.js';
import { modelFormats, readModel } from '../../src/engine/exchange/formats.js';
import { openDevice } from '../../src/engine/gpu/device.js';
import { createViewer } from '../../src/engine/gpu/index.js';
import { Purpose, Random } from '../../src/engine/support/random.js';
import { exampleModel } from '../engine/exchange/example.js';
import { startBrowser, temporaryFolder, until, type TestBrowser } from './browser.js';
import { Person } from './person.js';

const SIZE = 32;
const MANY = 1000;

/** Somebody who was sent a model, and has never trained one. */
describe('the Use place', { concurrency: false }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let lab: TestBrowser;
  let page: Page;
  let person: Person;
  let complaints: readonly string[];
  const graph = buildGraph('cnn-light', { size: SIZE, classes: 5 });
  const model = exampleModel(graph);
  let best: { readonly name: string; readonly probability: number };
  const at = (...names: string[]) => join(folder.path, ...names);

  before(async () => {
    folder = await temporaryFolder();
    await writeFile(at('model.onnx'), (await modelFormats.onnx.write(model)).stream());
    const random = new Random(3, Purpose.sample);
    const photo = () => Uint8Array.from({ length: SIZE * SIZE * 3 }, (_, i) => ((i % 89) + random.below(140)) % 256);
    const first = photo();
    await writeFile(at('photo.png'), await encodePng(first, SIZE, SIZE, 3));
    const some = await Promise.all(Array.from({ length: 20 }, () => encodePng(photo(), SIZE, SIZE, 3)));
    await mkdir(at('many/deeper'), { recursive: true });
    for (let i = 0; i < MANY; i++) await writeFile(at('many', i % 2 ? 'deeper' : '', `photo ${i}.png`), i === 7 ? 'no photo' : some[i % some.length]);
    await writeFile(at('many', 'notes.txt'), 'no photo');
    const device = await openDevice('cpu');
    const viewer = createViewer(device, graph, model.weights);
    const wanted = await viewer.predict(first, 1);
    const index = wanted.indexOf(wanted.reduce((a, b) => Math.max(a, b)));
    best = { name: model.card.classes[index], probability: wanted[index] };
    lab = await startBrowser();
    ({ page, complaints } = await lab.open('#use'));
    await page.setViewport({ width: 1280, height: 1000 });
    person = new Person(page);
    const session = await page.createCDPSession();
    await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder.path });
  });
  after(async () => {
    await lab.close();
    await folder.remove();
  });

  async function give(selector: string, ...paths: string[]): Promise<void> {
    const input = (await page.waitForSelector(`>>> ${selector}`)) as ElementHandle<HTMLInputElement>;
    await input.uploadFile(...paths);
  }
  /** The bytes of a download, once it is whole. */
  async function downloaded(name: string) {
    for (let tries = 0; tries < 100; tries++) {
      if ((await readdir(folder.path)).includes(name)) return readFile(at(name));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`${name} was not saved; there are ${(await readdir(folder.path)).join(', ')}`);
  }
  const shot = async (name: string) => {
    if (process.env.WINNOW_SHOTS) await page.screenshot({ path: join(process.env.WINNOW_SHOTS, `use-${name}.png`), fullPage: true });
  };

  it('opens a model from a file, shows its card, and says what a photo shows', { timeout: 60_000 }, async () => {
    await person.reads(/No model is trained yet/);
    await give('#model-file', at('model.onnx'));
    await person.reads(/No photo yet/);
    await person.reads(new RegExp(`seed ${model.card.settings.seed}`));
    await give('winnow-classifier >>> input[type=file]', at('photo.png'));
    await person.reads(new RegExp(`${best.name} ${(best.probability * 100).toFixed(1).replace(/\.0$/, '')}%.*ms on WebGPU`, 's'));
    // Puppeteer's waitForSelector does not see what changes inside a shadow root.
    await until(page, () => document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-use')!.shadowRoot!.querySelector('winnow-classifier')!.shadowRoot!.querySelector('canvas') !== null);
    await shot('photo');
  });

  it(`classifies ${MANY} photos of a folder with progress, and saves a table`, { timeout: 180_000 }, async () => {
    await give('#folder', at('many'));
    await person.reads(/\d of 1,000 photos, [\d.,]+ a second/);
    await person.reads(/1,000 of 1,000 photos in/, 120);
    await person.reads(/Not readable: 1\./);
    await person.click('winnow-use >>> section[aria-labelledby="many"] button.primary');
    const lines = (await downloaded('model-results.csv')).toString().trimEnd().split('\r\n');
    assert.equal(lines.length, MANY + 1);
    assert.match(lines[0], /^photo,class,probability,/);
    assert.equal(lines.filter((line) => line.endsWith('image-broken')).length, 1);
    assert.ok(lines.some((line) => line.startsWith('many/deeper/photo 1.png,')));
    await shot('many');
  });

  it('measures the speed here, and carries it away in the card of a page', { timeout: 120_000 }, async () => {
    await person.click('winnow-use >>> section[aria-labelledby="speed"] button');
    await person.reads(/ms a photo, [\d.,]+ photos a second/, 60);
    await person.click('winnow-use >>> [aria-label="Save as: A page of its own (HTML)"]');
    const page = await readModel(new File([await downloaded('model.html')], 'model.html'));
    assert.deepEqual(page.weights, model.weights);
    assert.equal(page.card.speed?.backend, 'webgpu');
    assert.ok((page.card.speed?.imagesPerSecond ?? 0) > 0);
    assert.deepEqual({ ...page.card, speed: null }, { ...model.card, speed: null });
    assert.deepEqual(complaints, []);
  });
});
