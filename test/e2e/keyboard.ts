import assert from 'node:assert/strict';
import type { KeyInput, Page } from 'puppeteer-core';

/** What has the focus, through every shadow root. */
interface Stop {
  readonly id: string;
  readonly href: string;
  readonly value: string;
  readonly text: string;
  readonly html: string;
  /** It is drawn with an outline, and lies within the window. */
  readonly outlined: boolean;
  readonly inView: boolean;
}

export type Wanted = { readonly [Key in 'id' | 'href' | 'value']?: string } & { readonly text?: RegExp };

const MOST_STOPS = 160;

/** Somebody without a mouse. Every stop on the way is checked: one must see where one is. */
export class Keyboard {
  constructor(private readonly page: Page) {}

  press(key: KeyInput): Promise<void> {
    return this.page.keyboard.press(key);
  }

  /** Over what stands in the field. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.down('Control');
    await this.page.keyboard.press('a');
    await this.page.keyboard.up('Control');
    await this.page.keyboard.type(text);
  }

  async tabTo(wanted: Wanted): Promise<void> {
    const seen: string[] = [];
    for (let stops = 0; stops < MOST_STOPS; stops++) {
      const stop = await this.tab();
      if (stop && matches(stop, wanted)) return;
      seen.push(stop?.text ?? '(the page)');
    }
    assert.fail(`no way by Tab to ${JSON.stringify(wanted)} ${wanted.text ?? ''}: ${seen.join(' | ')}`);
  }

  /** The next so many stops. */
  async visit(stops: number): Promise<void> {
    for (let at = 0; at < stops; at++) await this.tab();
  }

  private async tab(): Promise<Stop | null> {
    await this.page.keyboard.press('Tab');
    const stop = await this.page.evaluate(async (): Promise<Stop | null> => {
      let element = document.activeElement;
      while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
      if (!(element instanceof HTMLElement) || element === document.body) return null;
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const inView = () => {
        const box = element.getBoundingClientRect();
        return box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
      };
      // What a place still loads may move the stop; the scrolling that brings it back comes with a later frame.
      for (let frame = 0; frame < 30 && !inView(); frame++) await new Promise((resolve) => requestAnimationFrame(resolve));
      return {
        id: element.id,
        href: element.getAttribute('href') ?? '',
        value: element.getAttribute('value') ?? '',
        text: (element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 60),
        html: element.outerHTML.slice(0, 160),
        outlined: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1,
        inView: inView(),
      };
    });
    if (stop) {
      assert.ok(stop.outlined, `the focus is seen on ${stop.html}`);
      assert.ok(stop.inView, `the focus is in the window on ${stop.html}`);
    }
    return stop;
  }
}

function matches(stop: Stop, { id, href, value, text }: Wanted): boolean {
  return (id === undefined || stop.id === id) && (href === undefined || stop.href === href) && (value === undefined || stop.value === value) && (text === undefined || text.test(stop.text));
}
