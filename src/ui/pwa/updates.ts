import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit';
import { msg } from '@lit/localize';
import type { TrustedTypes } from '../../workers/scripts.js';
import { lockOf } from '../../workers/sharing.js';

/** Keeps the lab for when there is no network, and says when a new version waits. It is never taken unasked: a reload ends a training. */
export class Updates implements ReactiveController {
  /** The new version, fetched and ready. */
  private waiting: ServiceWorker | null = null;
  /** It was asked for while a run was going on, here or in another tab. */
  private refused = false;

  constructor(private readonly host: ReactiveControllerHost & { readonly offline: boolean }) {
    host.addController(this);
  }

  hostConnected(): void {
    if (!this.host.offline || !('serviceWorker' in navigator)) return;
    // So that it takes nothing from the first paint.
    if (document.readyState === 'complete') void this.register();
    else window.addEventListener('load', () => void this.register(), { once: true });
  }

  /** @param training whether this page trains. */
  note(training: boolean): TemplateResult | typeof nothing {
    if (!this.waiting) return nothing;
    return html`
      <div class="note" role="status">
        <strong>${msg('A new version of Winnow is ready.', { id: 'pwa.ready' })}</strong>
        ${training
          ? msg('It can be taken once the run has ended.', { id: 'pwa.after-run' })
          : html`<button @click=${() => this.take()}>${msg('Reload with it', { id: 'pwa.take' })}</button> ${this.refused ? msg('Another tab is training. Take it when that run has ended.', { id: 'pwa.refused' }) : nothing}`}
      </div>
    `;
  }

  private async register(): Promise<void> {
    const policy = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('winnow-offline', { createScriptURL: () => './service-worker.js' });
    try {
      const registration = await navigator.serviceWorker.register(policy?.createScriptURL('') ?? './service-worker.js');
      this.offer(registration.waiting);
      registration.addEventListener('updatefound', () => {
        const { installing } = registration;
        installing?.addEventListener('statechange', () => this.offer(registration.waiting));
      });
    } catch {
      // The lab works without; it is not kept, then.
    }
  }

  /** The first version of all waits for nobody. */
  private offer(waiting: ServiceWorker | null): void {
    if (!navigator.serviceWorker.controller || waiting === this.waiting) return;
    this.waiting = waiting;
    this.host.requestUpdate();
  }

  private async take(): Promise<void> {
    const { held = [] } = await navigator.locks.query();
    this.refused = held.some(({ name }) => name?.startsWith(lockOf('')));
    this.host.requestUpdate();
    if (this.refused || !this.waiting) return;
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    this.waiting.postMessage('take over');
  }
}
