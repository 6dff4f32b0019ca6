import type { ReactiveController, ReactiveControllerHost } from 'lit';

/**
 * Who goes by Tab sees where they are, also when what a place still loads moves everything: a focused element that leaves the
 * window is brought back (WCAG 2.2, 2.4.11), until the person does anything else. The browser scrolls to it only once, when it takes the focus.
 */
export class FocusInSight implements ReactiveController {
  private followed: Element | null = null;
  /** Where the window stood when it was last in sight. */
  private scrolledTo = 0;
  private readonly sight = new IntersectionObserver((entries) => {
    const element = this.followed;
    if (!element || entries.at(-1)?.isIntersecting !== false) return;
    // Scrolled away from, by a scrollbar say, which nobody hears of.
    if (window.scrollY !== this.scrolledTo) return this.follow(null);
    element.scrollIntoView({ block: 'nearest', behavior: 'instant' });
    // Observed afresh: it may leave again before it is seen to be back. What cannot be brought back, for it is hidden, is not tried each frame.
    if (inWindow(element)) this.follow(element);
  });

  constructor(private readonly host: ReactiveControllerHost & { readonly shadowRoot: ShadowRoot | null }) {
    host.addController(this);
  }

  hostConnected(): void {
    // A change of focus within one shadow root is told to nobody outside of it; the key that makes it is.
    window.addEventListener('keyup', this.onTab);
    for (const type of otherDeeds) window.addEventListener(type, this.onOther, passive);
  }

  hostDisconnected(): void {
    window.removeEventListener('keyup', this.onTab);
    for (const type of otherDeeds) window.removeEventListener(type, this.onOther, passive);
    this.follow(null);
  }

  private readonly onTab = (event: KeyboardEvent): void => {
    if (event.key === 'Tab') this.follow(focused(this.host.shadowRoot));
  };

  private readonly onOther = (event: Event): void => {
    if (!(event instanceof KeyboardEvent && (event.key === 'Tab' || event.key === 'Shift'))) this.follow(null);
  };

  private follow(element: Element | null): void {
    this.sight.disconnect();
    this.followed = element;
    this.scrolledTo = window.scrollY;
    if (element) this.sight.observe(element);
  }
}

const otherDeeds = ['keydown', 'pointerdown', 'wheel', 'touchmove'] as const;
const passive = { capture: true, passive: true };

function inWindow(element: Element): boolean {
  const { top, bottom, width } = element.getBoundingClientRect();
  return width > 0 && bottom > 0 && top < innerHeight;
}

function focused(root: ShadowRoot | null): Element | null {
  let element = root?.activeElement ?? null;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element;
}
