import type { Page } from 'puppeteer-core';
import type { LabStore } from '../../src/ui/lab/store.js';
import { until } from './browser.js';

/** Waits until nothing on the page is still on its way: no place, maps, dead filters, photos, duplicates or answer, and what the last change moved has been drawn. */
export async function settled(page: Page): Promise<void> {
  await until(page, () => {
    const busy = (node: Element | ShadowRoot): boolean =>
      (node instanceof Element && node.getAttribute('aria-busy') === 'true') || [...node.children].some(busy) || (node instanceof Element && node.shadowRoot !== null && busy(node.shadowRoot));
    const lab = document.querySelector('winnow-lab') as unknown as { store: LabStore; shadowRoot: ShadowRoot };
    const { place, looking, beside } = lab.store.state;
    return !(place === 'look' && [looking, beside].some((shown) => shown?.busy || shown?.counting)) && !busy(lab.shadowRoot);
  }, 120);
  // Charts and maps draw a frame after a change of size, theme or language; nothing on the page says when.
  await new Promise((resolve) => setTimeout(resolve, 700));
}

/** In Look, as a click in the list of layers. */
export async function chooseLayer(page: Page, layer: string): Promise<void> {
  await until(page, () => Boolean((document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-feature-maps') as { maps?: unknown } | null)?.maps), 60);
  await page.evaluate((name) => {
    const maps = document.querySelector('winnow-lab')!.shadowRoot!.querySelector('winnow-feature-maps')!;
    maps.dispatchEvent(new CustomEvent('winnow-layer', { detail: { layer: name } }));
  }, layer);
}
