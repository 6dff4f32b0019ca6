import { LitElement } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { LabConnection } from '../../workers/connect.js';
import { SAMPLE_IMAGES } from '../../workers/source.js';
import { Session } from './session.js';

/**
 * Connects the elements within it, wherever they stand, as the lab connects its places: photos, runs, feature maps and models are shared, and what
 * one asks for is done in workers that start with it. It shows nothing of its own. A `<winnow-classifier>` without a `src` gets each model as
 * its run ends.
 *
 * @fires {CustomEvent<{run: RunRecord}>} winnow-run-ended - A run has ended: done, stopped or failed.
 * @slot - Winnow's elements, and whatever else; it renders into no shadow root.
 */
@customElement('winnow-session')
export class WinnowSession extends LitElement {
  /** Photos to begin with: `sample` for synthetic rice, or the address of a zip with a folder for each class. What was imported on an earlier visit is taken from this browser. Without it, what is stored here. */
  @property() src = '';
  /** Size of the sample. */
  @property({ type: Number }) images = SAMPLE_IMAGES;
  /** How the workers are reached; a test gives its own. Read when the element is connected. */
  @property({ attribute: false }) connect: (() => Promise<LabConnection>) | undefined;

  private session: Session | null = null;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    // Moved within the page it stays what it is.
    if (this.session) return;
    this.style.display ||= 'contents';
    this.session = new Session(this, this.connect);
    void this.session.start(this);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.session?.dispose();
      this.session = null;
    });
  }

  /** A run's best weights as a zip with its model card; null where there are none, and the elements say why. */
  exportModel(run: string): Promise<Blob | null> {
    return this.session?.store.exportModel(run) ?? Promise.resolve(null);
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'winnow-session': WinnowSession;
  }
}
