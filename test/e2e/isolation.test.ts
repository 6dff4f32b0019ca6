import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startBrowser, until, type TestBrowser } from './browser.js';

/** The policy and the isolation under which all other end-to-end tests run, and that they would notice a breach. */
describe('the page is closed', () => {
  let lab: TestBrowser;
  before(async () => {
    lab = await startBrowser();
  });
  after(() => lab.close());

  it('is isolated, and so are its workers; runs nothing inline, nothing evaluated, nothing from elsewhere', { timeout: 60_000 }, async () => {
    const { page, complaints } = await lab.open();
    await until(page, () => (document.querySelector('winnow-lab') as unknown as { store?: { state: { ready: boolean } } } | null)?.store?.state.ready === true);
    assert.equal(await page.evaluate(() => crossOriginIsolated), true);
    const workers = page.workers().filter((worker) => worker.url().startsWith('http'));
    assert.ok(workers.length >= 2, 'two workers at least');
    for (const worker of workers) assert.equal(await worker.evaluate(() => crossOriginIsolated), true);
    assert.deepEqual([...complaints], []);

    const breaches: Record<string, () => unknown> = {
      'connect-src': () => fetch('https://winnow.invalid/').catch(() => null),
      'img-src': () => document.body.append(Object.assign(new Image(), { src: 'https://winnow.invalid/x.png' })),
      'style-src': () => document.body.append(Object.assign(document.createElement('style'), { textContent: 'p{}' })),
      'require-trusted-types-for': () => {
        try {
          document.body.innerHTML = '<p>x</p>';
        } catch {
          // That is the point.
        }
      },
    };
    for (const [directive, breach] of Object.entries(breaches)) {
      const before = complaints.length;
      await page.evaluate(breach);
      for (let tries = 0; tries < 50 && !complaints.slice(before).some((complaint) => complaint.includes(directive)); tries++) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.ok(complaints.slice(before).some((complaint) => complaint.includes(directive)), `${directive} in ${complaints.slice(before).join(' | ')}`);
    }
    const before = complaints.length;
    await workers[0].evaluate(() => fetch('https://winnow.invalid/').then(() => 'went through', () => 'refused')).then((outcome) => assert.equal(outcome, 'refused'));
    for (let tries = 0; tries < 50 && complaints.length === before; tries++) await new Promise((resolve) => setTimeout(resolve, 50));
    assert.ok(complaints.slice(before).some((complaint) => complaint.startsWith('worker: ')), `a breach of a worker is noticed: ${complaints.slice(before).join(' | ')}`);
  });

  it('asked nothing of anybody else even then', async () => {
    assert.deepEqual(await lab.closeAndAskedElsewhere(), []);
  });
});
