import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type { Page } from 'puppeteer-core';
import { axeComplaints } from './axe.js';
import { startBrowser, type TestBrowser } from './browser.js';
import { Keyboard } from './keyboard.js';
import { Person } from './person.js';

const places = ['data', 'train', 'look', 'compare', 'lighten', 'use'] as const;

/** One person's week with the lab: the first walk with a mouse, then by keyboard alone, in Korean, on a telephone. A visit each, to what the one before has left. */
describe('the six places', () => {
  let lab: TestBrowser;
  let page: Page;
  let person: Person;
  let complaints: readonly string[];

  before(async () => {
    lab = await startBrowser();
  });
  beforeEach(async () => {
    ({ page, complaints } = await lab.open());
    await page.setViewport({ width: 1280, height: 800 });
    person = new Person(page);
  });
  afterEach(() => page.close());
  after(() => lab.close());

  it('lead from nothing to a comparison of two models in four clicks, each next step in view', { timeout: 120_000 }, async () => {
    await page.evaluate(() => {
      const counted = globalThis as unknown as { clicks: number };
      counted.clicks = 0;
      // A key that presses a button is no click of a mouse: it has no detail.
      addEventListener('click', (event) => (counted.clicks += (event as MouseEvent).detail > 0 ? 1 : 0), true);
    });
    const clickInView = async (selector: string): Promise<void> => {
      const element = await page.waitForSelector(`>>> ${selector}`, { visible: true });
      const box = await element!.boundingBox();
      assert.ok(box && box.y >= 0 && box.y + box.height <= 800, `${selector} is in view`);
      await person.click(selector);
    };
    await person.fill('winnow-dataset >>> #images', '60');
    await clickInView('winnow-dataset >>> form.draw button');
    await person.reads(/60 photos · 5 classes/);
    await clickInView('a[href="#train"].primary');
    await person.fill('winnow-training >>> #epochs', '1');
    await page.evaluate(() => scrollTo(0, 0));
    await clickInView('winnow-training >>> .submit button.primary');
    await person.reads(/CNN light is trained/, 90);
    await clickInView('a[href="#compare"].primary');
    await person.reads(/2 runs on Rice, synthetic/);
    await person.reads(/Conclusion/);
    assert.equal(await page.evaluate(() => (globalThis as unknown as { clicks: number }).clicks), 4);
    assert.deepEqual(complaints, []);
  });

  it('can be worked by keyboard alone, with the focus in sight at every stop', { timeout: 120_000 }, async () => {
    const keyboard = new Keyboard(page);
    await person.reads(/60 photos · 5 classes/);
    for (const place of places) {
      await keyboard.tabTo({ href: `#${place}` });
      await keyboard.press('Enter');
      await person.inPlace(place);
      // The heading has the focus: what follows is the place's own.
      await keyboard.visit(12);
    }
    await keyboard.tabTo({ href: '#train' });
    await keyboard.press('Enter');
    await person.inPlace('train');
    await keyboard.tabTo({ value: 'cnn' });
    await keyboard.press('Space');
    for (const field of ['epochs', 'patience']) {
      await keyboard.tabTo({ id: field });
      await keyboard.type('200');
    }
    await keyboard.press('Enter');
    await person.reads(/Epoch \d+ of 200/);
    await keyboard.tabTo({ text: /^Stop/ });
    await keyboard.press('Enter');
    await person.reads(/CNN light (is trained|was stopped)/, 60);
    assert.deepEqual(complaints, []);
  });

  it('speak Korean throughout', { timeout: 60_000 }, async () => {
    await person.click('button[lang="ko"]');
    for (const place of places) {
      await person.go(place);
      await person.inPlace(place);
      await new Promise((resolve) => setTimeout(resolve, 400));
      // A paper keeps its title in a Korean sentence.
      const english = (await person.lines()).filter((line) => !/\p{Script=Hangul}/u.test(line) && /\b(the|of|and|is|are|to|with|your|what|this)\b/i.test(line));
      assert.deepEqual(english, [], place);
    }
    assert.match(await page.evaluate(() => document.title), /Winnow/);
    assert.deepEqual(complaints, []);
  });

  it('fit a telephone of 360 pixels, and leave axe nothing to say', { timeout: 60_000 }, async () => {
    await page.setViewport({ width: 360, height: 740 });
    await person.click('button[lang="en"]');
    for (const place of places) {
      await person.go(place);
      await person.inPlace(place);
      await new Promise((resolve) => setTimeout(resolve, 400));
      assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 360, `${place} is no wider than the window`);
      assert.deepEqual(await axeComplaints(page), [], place);
    }
    assert.deepEqual(complaints, []);
  });
});
