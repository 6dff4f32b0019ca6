import type { LitElement, ReactiveController } from 'lit';

/** How wide the `.drawing` of its host is, which is then drawn anew. */
export class DrawingWidth implements ReactiveController {
  /** CSS pixels; 0 before it is laid out, and while there is none. */
  width = 0;
  private readonly resized = new ResizeObserver(() => this.measure());

  constructor(private readonly host: LitElement) {
    host.addController(this);
  }

  hostConnected(): void {
    this.resized.observe(this.host);
  }

  hostDisconnected(): void {
    this.resized.disconnect();
  }

  hostUpdated(): void {
    this.measure();
  }

  private measure(): void {
    const width = this.host.renderRoot.querySelector('.drawing')?.clientWidth ?? 0;
    if (width === this.width) return;
    this.width = width;
    this.host.requestUpdate();
  }
}
