import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { PageSource } from '../../src/cli/page-api.js';
import { defaultSettings, type RunSettings } from '../../src/engine/support/settings.js';
import { startBrowser } from './browser.js';

describe('a disk that is full', () => {
  it('refuses the import with disk-full, and keeps what was stored', { timeout: 120_000 }, async () => {
    const browser = await startBrowser();
    try {
      const { page } = await browser.open('terminal.html');
      const importDataset = (source: PageSource) => page.evaluate((given) => globalThis.winnow!.importDataset(given), source);
      const devtools = await page.createCDPSession();
      const origin = new URL(browser.url).origin;
      // Before the first write: IndexedDB asks for the room that is left only now and then.
      await devtools.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1_500_000 });
      const kept = await importDataset({ kind: 'synthetic', images: 40, seed: 1 });
      assert.ok(kept.ok);
      const refused = await importDataset({ kind: 'synthetic', images: 3000, seed: 2 });
      assert.equal(refused.ok, false);
      assert.equal(refused.ok ? '' : refused.error.code, 'disk-full');
      const settings: RunSettings = { ...defaultSettings, size: 32, batch: 16, epochs: 1 };
      const trained = await page.evaluate((dataset, given) => globalThis.winnow!.train(dataset, given), kept.value.id, settings);
      assert.equal(trained.ok && trained.value.state.kind, 'done');
    } finally {
      await browser.close();
    }
  });
});
