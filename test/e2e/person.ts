import assert from 'node:assert/strict';
import type { Page } from 'puppeteer-core';

/** Somebody at the lab's page: does what can be clicked and typed, and knows only what can be read. */
export class Person {
  constructor(private readonly page: Page) {}

  click(selector: string): Promise<void> {
    return this.page.locator(`>>> ${selector}`).click();
  }

  fill(selector: string, value: string): Promise<void> {
    return this.page.locator(`>>> ${selector}`).fill(value);
  }

  go(place: string): Promise<void> {
    return this.click(`nav a[href="#${place}"]`);
  }

  /** All text of the page, shadow roots included. */
  text(): Promise<string> {
    return this.page.evaluate(() => {
      const words: string[] = [];
      const walk = (node: Node): void => {
        if (node instanceof Text) words.push(node.data.trim());
        if (node instanceof HTMLStyleElement) return;
        if (node instanceof Element && node.shadowRoot) walk(node.shadowRoot);
        node.childNodes.forEach(walk);
      };
      walk(document.body);
      return words.filter((word) => word !== '').join(' ');
    });
  }

  /** What is read in the page, a text at a time; without what is marked as of another language, and without data. */
  lines(): Promise<string[]> {
    return this.page.evaluate(() => {
      const found: string[] = [];
      const walk = (node: Node): void => {
        if (node instanceof Text && node.data.trim() !== '') found.push(node.data.trim());
        if (node instanceof HTMLStyleElement || (node instanceof Element && node.getAttribute('lang') === 'en')) return;
        if (node instanceof Element && node.shadowRoot) walk(node.shadowRoot);
        node.childNodes.forEach(walk);
      };
      walk(document.querySelector('winnow-lab')!);
      return found;
    });
  }

  /** Waits until a place is entered and has brought its content. */
  async inPlace(place: string): Promise<void> {
    const deadline = performance.now() + 15_000;
    for (;;) {
      const entered = await this.page.evaluate((wanted) => {
        const root = document.querySelector('winnow-lab')!.shadowRoot!;
        return root.querySelector(`nav [aria-current][href="#${wanted}"]`) !== null && root.querySelector('.waiting') === null;
      }, place);
      if (entered) return;
      assert.ok(performance.now() < deadline, `${place} within 15 s`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Waits until the page says so. */
  async reads(pattern: RegExp, seconds = 60): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      const seen = await this.text();
      if (pattern.test(seen)) return;
      if (performance.now() > deadline) assert.fail(`${pattern} not within ${seconds} s in: ${seen}`);
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  }

  /** From an empty lab: synthetic photos, imported. */
  async drawRice(images: number): Promise<void> {
    await this.fill('winnow-dataset >>> #images', String(images));
    await this.click('winnow-dataset >>> form.draw button');
    await this.reads(new RegExp(`Rice, synthetic · ${images.toLocaleString('en')} photos · 5 classes`));
  }

  /** From Data: the two architectures that a first training offers. */
  async train(settings: Readonly<Record<string, number>>): Promise<void> {
    await this.click('a[href="#train"].primary');
    for (const [name, value] of Object.entries(settings)) await this.fill(`winnow-training >>> #${name}`, String(value));
    await this.click('winnow-training >>> .submit button.primary');
  }
}
