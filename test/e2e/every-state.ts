import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ElementHandle, Page } from 'puppeteer-core';
import type { ErrorPlace } from '../../src/ui/lab/state.js';
import type { LabStore } from '../../src/ui/lab/store.js';
import { axeComplaints } from './axe.js';
import { startBrowser, temporaryFolder } from './browser.js';
import { Person } from './person.js';
import { chooseLayer, settled } from './settled.js';

const places = ['data', 'train', 'look', 'compare', 'lighten', 'use'] as const;
type Place = (typeof places)[number];

interface View {
  readonly width: number;
  readonly language: 'en' | 'ko';
  readonly theme: 'light' | 'dark';
}

/** A telephone, a small window and a 4k screen; each language and each theme more than once. */
const views: readonly View[] = [
  { width: 360, language: 'en', theme: 'dark' },
  { width: 360, language: 'ko', theme: 'light' },
  { width: 1280, language: 'en', theme: 'light' },
  { width: 1280, language: 'ko', theme: 'dark' },
  { width: 3840, language: 'en', theme: 'light' },
];

/**
 * Every place in every state (empty, importing, training, done, lightened, failed), at every width, in both languages and themes: a picture
 * `<state>-<place>-<width>-<language>-<theme>.png` of each into `folder`, for eyes. Whatever a machine can see is checked on the way: axe has nothing to say,
 * the page is no wider than its window, and nothing complains. @param only states; none for all.
 */
export async function everyState(folder: string, only: readonly string[] = []): Promise<void> {
  await mkdir(folder, { recursive: true });
  const lab = await startBrowser();
  try {
    const { page, complaints } = await lab.open();
    const visit = new Visit(page, folder, only);
    await visit.all().catch((error: unknown) => visit.found.push(String(error)));
    const found = [...visit.found, ...complaints];
    if (found.length > 0) throw new Error(found.join('\n'));
  } finally {
    await lab.close();
  }
}

class Visit {
  readonly found: string[] = [];
  private readonly person: Person;

  constructor(private readonly page: Page, private readonly folder: string, private readonly only: readonly string[]) {
    this.person = new Person(page);
  }

  async all(): Promise<void> {
    const { page, person } = this;
    await page.setViewport({ width: 1280, height: 900 });
    await person.reads(/Draw synthetic rice/);
    await this.take('empty');

    await person.go('data');
    await person.fill('winnow-dataset >>> #images', '20000');
    await person.click('winnow-dataset >>> form.draw button');
    await person.reads(/\d+ of 20,000/);
    await this.take('importing', ['data']);
    await person.click('winnow-dataset >>> .job button');
    await person.reads(/Drop a zip or a folder here/);
    await person.drawRice(300);

    await person.train({ size: 32, batch: 2, epochs: 500, patience: 500 });
    await person.reads(/Epoch 2 of/, 120);
    await person.go('look');
    await chooseLayer(page, 'conv2d_2');
    await person.reads(/conv2d_2, 128 maps/, 60);
    await this.take('training');
    await this.store((store) => {
      while (store.state.queue.length > 0) store.dequeue(0);
      return store.stop();
    });
    await this.until(({ training }) => training === null);
    await this.deleteRuns();

    await person.go('train');
    for (const [name, value] of Object.entries({ batch: 16, epochs: 8, patience: 8 })) await person.fill(`winnow-training >>> #${name}`, String(value));
    await person.click('winnow-training >>> .submit button.primary');
    await this.until(({ runs, training }) => training === null && runs.filter(({ state }) => state.kind === 'done').length === 2, 300);
    await person.go('data');
    await this.until(({ photos }) => photos.duplicates !== null && photos.duplicates.groups !== null);
    await person.go('look');
    await chooseLayer(page, 'conv2d_1');
    await this.take('done');
    await person.go('use');
    await this.classify();
    await this.take('classified', ['use']);

    await person.go('look');
    await page.evaluate(() => {
      const { store } = document.querySelector('winnow-lab') as unknown as { store: LabStore };
      const other = store.state.runs.find(({ id }) => id !== store.state.looking?.run)!;
      return store.look.beside(other.id);
    });
    await this.take('beside', ['look']);
    await person.go('compare');
    await person.click('winnow-comparison >>> .disagree button');
    await this.take('photos', ['compare']);
    await page.keyboard.press('Escape');

    await person.go('lighten');
    await page.evaluate(() => {
      const { store } = document.querySelector('winnow-lab') as unknown as { store: LabStore };
      const origin = store.state.runs.find(({ settings }) => settings.arch === 'cnn-light')!;
      void store.lighten.begin(origin.id, { criterion: 'taylor', margin: 0.05, judge: 'validation', augment: 'as-trained', byHand: false, baselines: 0 });
    });
    await this.until(({ runs }) => runs.some(({ lightened }) => lightened), 120);
    await this.take('lightening', ['lighten', 'train']);
    await this.until(({ lightening }) => lightening.work === null, 300);
    await this.take('lightened', ['lighten', 'compare']);

    await this.fails();
    await this.take('failed', places.filter((place) => place !== 'use'));
    await this.failsToOpen();
    await this.take('failed', ['use']);
  }

  /** Each place goes wrong: by what a person does where that is quick, else by an error of the catalogue where it would stand. */
  private async fails(): Promise<void> {
    const { page, person } = this;
    const files = await temporaryFolder();
    try {
      await person.go('train');
      // More than any adapter has room for.
      for (const [name, value] of Object.entries({ size: 512, batch: 1024 })) await person.fill(`winnow-training >>> #${name}`, String(value));
      await person.click('winnow-training >>> .submit button.primary');
      await this.until(({ training, errors }) => training === null && errors.train !== undefined, 120);
      await writeFile(join(files.path, 'photos.zip'), 'no zip');
      await person.go('data');
      await give(page, 'winnow-dataset >>> #zip', join(files.path, 'photos.zip'));
      await this.until(({ errors }) => errors.data !== undefined);
    } finally {
      await files.remove();
    }
    await page.evaluate(() => {
      const { store } = document.querySelector('winnow-lab') as unknown as { store: LabStore };
      const error = { code: 'gpu-lost', what: 'The GPU stopped answering: out of memory.', remedy: 'Close other programs that use the GPU, reload the page, and resume the run.', details: { why: 'out of memory' } } as const;
      for (const place of ['look', 'compare', 'lighten'] satisfies ErrorPlace[]) store.fail(place, error);
    });
  }

  /** In Use, which forgets it when it is left. */
  private async failsToOpen(): Promise<void> {
    const files = await temporaryFolder();
    try {
      await writeFile(join(files.path, 'model.onnx'), 'no model');
      await this.person.go('use');
      await give(this.page, 'winnow-use >>> #model-file', join(files.path, 'model.onnx'));
      await this.person.reads(/is no model that Winnow can read/);
    } finally {
      await files.remove();
    }
  }

  /** One of the lab's own photos, as a file. */
  private async classify(): Promise<void> {
    const files = await temporaryFolder();
    try {
      await this.person.reads(/Drop a photo here/);
      const photo = await this.page.evaluate(async () => {
        const { store } = document.querySelector('winnow-lab') as unknown as { store: LabStore };
        const { bitmap } = store.state.samples[0];
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        canvas.getContext('2d')!.drawImage(bitmap, 0, 0);
        return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
      });
      await writeFile(join(files.path, 'grain.png'), Uint8Array.from(photo));
      await give(this.page, 'winnow-classifier >>> input[type=file]', join(files.path, 'grain.png'));
      await this.person.reads(/ms on WebGPU/);
    } finally {
      await files.remove();
    }
  }

  private async deleteRuns(): Promise<void> {
    await this.store(async (store) => {
      for (const { id } of store.state.runs) await store.deleteRun(id);
    });
    await this.until(({ runs }) => runs.length === 0);
  }

  private async take(state: string, which: readonly Place[] = places): Promise<void> {
    if (this.only.length > 0 && !this.only.includes(state)) return;
    const { page, person } = this;
    for (const place of which) {
      await page.setViewport({ width: 1280, height: 900 });
      await person.go(place);
      await person.inPlace(place);
      for (const { width, language, theme } of views) {
        const name = `${state}-${place}-${width}-${language}-${theme}`;
        await page.setViewport({ width, height: width === 3840 ? 2160 : width === 360 ? 740 : 900 });
        // Also under a dialog, where no pointer gets to it.
        await page.evaluate((wanted) => document.querySelector('winnow-lab')!.shadowRoot!.querySelector<HTMLElement>(`button[lang=${wanted}]`)!.click(), language);
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
        if (state === 'training' || state === 'importing' || state === 'lightening') await new Promise((resolve) => setTimeout(resolve, 800));
        else await settled(page);
        await page.screenshot({ path: join(this.folder, `${name}.png`), fullPage: true });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        if (wide > width) this.found.push(`${name}: ${wide} pixels wide`);
        if (width === 3840) continue;
        // So high that the places, which stand at the foot of a telephone's window, cover nothing.
        await page.setViewport({ width, height: await page.evaluate(() => document.documentElement.scrollHeight) });
        this.found.push(...(await axeComplaints(page)).map((complaint) => `${name}: ${complaint}`));
      }
      process.stdout.write(`${state} ${place}\n`);
    }
    await page.setViewport({ width: 1280, height: 900 });
    await person.click('button[lang="en"]');
  }

  private store(work: (store: LabStore) => unknown): Promise<unknown> {
    return this.page.evaluate(`(${work})(document.querySelector('winnow-lab').store)`);
  }

  private async until(met: (state: LabStore['state']) => boolean, seconds = 60): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    while (!(await this.page.evaluate(`(${met})(document.querySelector('winnow-lab').store.state)`))) {
      assert.ok(performance.now() < deadline, `not within ${seconds} s: ${met}`);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

async function give(page: Page, selector: string, path: string): Promise<void> {
  const input = (await page.waitForSelector(`>>> ${selector}`)) as ElementHandle<HTMLInputElement>;
  await input.uploadFile(path);
}
