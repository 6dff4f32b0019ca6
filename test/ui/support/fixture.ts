import axe from 'axe-core';
import { expect } from 'chai';
import { html, render, type LitElement, type TemplateResult } from 'lit';

const mounted: HTMLElement[] = [];

/** Renders into the page and gives the first element back once it has rendered; {@link cleanUp} takes all away. */
export async function fixture<E extends HTMLElement>(template: TemplateResult, width = 900): Promise<E> {
  const root = document.createElement('main');
  root.style.width = `${width}px`;
  document.body.append(root);
  mounted.push(root);
  render(html`<h1>Test</h1>${template}`, root);
  const element = root.querySelector<E>(':scope > :not(h1)')!;
  await settled(element);
  return element;
}

export function cleanUp(): void {
  for (const root of mounted.splice(0)) root.remove();
}

/** Until the element, and the elements inside it, have rendered. */
export async function settled(element: HTMLElement): Promise<void> {
  await (element as Partial<LitElement>).updateComplete;
  for (const inner of element.shadowRoot?.querySelectorAll<HTMLElement>('*') ?? []) {
    if (inner.localName.startsWith('winnow-')) await settled(inner);
  }
}

export const frame = (): Promise<void> => new Promise((resolve) => requestAnimationFrame(() => resolve()));

/** Polls, a frame at a time, until `condition` holds; fails after five seconds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain until ${what}`);
    await frame();
  }
}

/** WCAG 2.2 A and AA, and axe's best practices, in this element and its shadow trees, in the light and in the dark theme. */
export async function expectAccessible(element: HTMLElement): Promise<void> {
  const root = element.closest('main')!;
  for (const theme of ['light', 'dark']) {
    root.style.colorScheme = theme;
    root.style.background = theme === 'light' ? '#fbfaf7' : '#131614';
    await settled(element);
    const { violations } = await axe.run(element, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] });
    const found = violations.map(({ id, nodes }) => `${theme}: ${id}: ${nodes.map(({ target, failureSummary }) => `${JSON.stringify(target)} ${failureSummary}`).join('; ')}`);
    expect(found, found.join('\n')).to.deep.equal([]);
  }
  root.style.removeProperty('color-scheme');
  root.style.removeProperty('background');
}

/** Resolves with the detail of the next event of this name. */
export function nextEvent<T>(element: EventTarget, name: string): Promise<T> {
  return new Promise((resolve) => element.addEventListener(name, (event) => resolve((event as CustomEvent<T>).detail), { once: true }));
}

export const inside = <E extends Element = HTMLElement>(element: HTMLElement, selector: string): E => element.shadowRoot!.querySelector<E>(selector)!;
export const allInside = <E extends Element = HTMLElement>(element: HTMLElement, selector: string): E[] => [...element.shadowRoot!.querySelectorAll<E>(selector)];
