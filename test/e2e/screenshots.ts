import { join } from 'node:path';
import type { Page } from 'puppeteer-core';
import type { LabStore } from '../../src/ui/lab/store.js';
import { startBrowser } from './browser.js';
import { Person } from './person.js';
import { chooseLayer, settled } from './settled.js';

const places = ['data', 'train', 'look', 'compare', 'lighten', 'use'] as const;
const themes = ['light', 'dark'] as const;

/** Trains two models on the synthetic photos as a person would, and writes `<place>-<theme>.png` of every place into `folder`. */
export async function takeScreenshots(folder: string): Promise<void> {
  const lab = await startBrowser();
  try {
    const { page, complaints } = await lab.open();
    await page.setViewport({ width: 1440, height: 900 });
    const person = new Person(page);
    await person.drawRice(1000);
    await person.train({ size: 32, batch: 32, epochs: 10 });
    await person.reads(/CNN light is trained/, 900);
    for (const place of places) {
      await person.go(place);
      await person.inPlace(place);
      // The network of the two whose maps say more.
      if (place === 'look') await lookInto(page, 'cnn', 'conv2d_1');
      if (place === 'use') await person.reads(/Written by/);
      for (const theme of themes) {
        await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
        await settled(page);
        await page.screenshot({ path: join(folder, `${place}-${theme}.png`), fullPage: true });
      }
    }
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
  } finally {
    await lab.close();
  }
}

async function lookInto(page: Page, arch: string, layer: string): Promise<void> {
  await settled(page);
  await page.evaluate((wanted) => {
    const { store } = document.querySelector('winnow-lab') as unknown as { store: LabStore };
    return store.look.open(store.state.runs.find(({ settings }) => settings.arch === wanted)!.id);
  }, arch);
  await chooseLayer(page, layer);
  // On to a photo of which some place speaks for its class.
  for (let photos = 0; photos < 8; photos++) {
    await settled(page);
    const seen = await page.evaluate(() => {
      const { store } = document.querySelector('winnow-lab') as unknown as { store: LabStore };
      if ((store.state.looking?.cam?.peak ?? 0) > 0) return true;
      void store.look.photo(1);
      return false;
    });
    if (seen) return;
  }
}
