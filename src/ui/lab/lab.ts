import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from 'lit';
import { customElement, property, query, state } from 'lit/decorators.js';
import { msg, str, updateWhenLocaleChanges } from '@lit/localize';
import type { LabConnection } from '../../workers/connect.js';
import { formatInteger } from '../locales/format.js';
import { chooseLocale, currentLocale, locales, restoreLocale, type Locale } from '../locales/localization.js';
import { Updates } from '../pwa/updates.js';
import { errorNote } from '../theme/error-note.js';
import { appearances, chooseAppearance, restoreAppearance, type Appearance } from './appearance.js';
import { StoreController } from './base.js';
import { adapterChip, datasetChip, privateChip } from './chips.js';
import { FocusInSight } from './focus-in-sight.js';
import { icons } from './icons.js';
import { loadPlace, type PlaceView } from './places/index.js';
import { chosenDataset, places, type Place } from './state.js';
import { LabStore } from './store.js';
import { styles } from './styles.js';

const languageNames: Record<Locale, string> = { en: 'EN', ko: '한국어' };

/**
 * The whole lab: six places in the order of the work, by hash (#data, #train, #look, #compare, #lighten, #use), over the workers
 * that hold the photos and train. It keeps what was chosen (language, theme, dataset), and everything stored is there after a reload.
 *
 * @csspart header - The bar at the top.
 * @csspart nav - The places.
 * @csspart error - What went wrong, and what to do.
 * @cssproperty --winnow-accent - The one accent colour; see theme/tokens.ts for every token.
 */
@customElement('winnow-lab')
export class WinnowLab extends LitElement {
  static override styles = styles;

  /** How the workers are reached; a test gives its own. Read when the element is first connected. */
  @property({ attribute: false }) connect: () => Promise<LabConnection> = async () => (await import('../../workers/connect.js')).connectLab();

  /** The lab is the whole page, and service-worker.js lies beside it: the page is kept for when there is no network. Read when it is first connected. */
  @property({ type: Boolean }) offline = false;

  @state() private appearance: Appearance = 'auto';
  @state() private view: PlaceView | null = null;
  @state() private spoken = '';

  @query('h1') private heading!: HTMLElement;

  /** What the page shows, and everything that can be done in it. */
  readonly store = new LabStore(() => this.connect());
  private readonly updates = new Updates(this);
  private ended = new Set<string>();

  constructor() {
    super();
    updateWhenLocaleChanges(this);
    new StoreController(this, this.store);
    new FocusInSight(this);
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.appearance = restoreAppearance();
    void this.store.attempt('lab', restoreLocale, 'page-failed');
    window.addEventListener('hashchange', this.onHash);
    void this.enter(placeOfHash());
    void this.store.start();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    window.removeEventListener('hashchange', this.onHash);
    this.store.dispose();
  }

  protected override willUpdate(_changed: PropertyValues): void {
    document.title = `${placeName(this.store.state.place)} · Winnow`;
    this.speakEnds();
  }

  override render() {
    const { state: lab } = this.store;
    const shown = this.view?.render(this.store);
    const failure = lab.errors.lab;
    return html`
      <a class="skip button" href="#${lab.place}" @click=${this.toContent}>${msg('Skip to the content', { id: 'lab.skip' })}</a>
      <header part="header">
        <span class="name">Winnow</span>
        <div class="chips">
          ${datasetChip(lab)} ${adapterChip(lab)} ${privateChip()}
        </div>
        ${this.switches()}
      </header>
      <nav part="nav" aria-label=${msg('Places', { id: 'lab.places' })}>
        <ul>
          ${places.map((place) => html`<li>${this.link(place)}</li>`)}
        </ul>
      </nav>
      <main>
        ${this.updates.note(lab.training !== null)}
        <div class="lead">
          <div>
            <h1 tabindex="-1">${placeName(lab.place)}</h1>
            <p class="muted">${shown?.lead ?? nothing}</p>
          </div>
          <div class="actions">${shown?.actions ?? nothing}</div>
        </div>
        ${
          failure
            ? html`
                ${errorNote(failure)}
                ${failure.code === 'page-failed' ? nothing : html`<div><button class="primary" @click=${() => this.store.restart()}>${msg('Start the workers again', { id: 'lab.restart' })}</button></div>`}
              `
            : nothing
        }
        ${shown?.body ?? html`<div class="waiting" aria-busy="true"></div>`}
      </main>
      <p class="visually-hidden" role="status">${this.spoken}</p>
    `;
  }

  private switches(): TemplateResult {
    const locale = currentLocale();
    return html`
      <div class="switches">
        <div class="segmented" role="group" aria-label=${msg('Language', { id: 'lab.language' })}>
          ${locales.map((each) => html`<button lang=${each} aria-pressed=${each === locale} @click=${() => this.store.attempt('lab', () => chooseLocale(each), 'page-failed')}>${languageNames[each]}</button>`)}
        </div>
        <select aria-label=${msg('Theme', { id: 'lab.theme' })} @change=${this.onAppearance}>
          ${appearances.map((each) => html`<option value=${each} ?selected=${each === this.appearance}>${appearanceName(each)}</option>`)}
        </select>
      </div>
    `;
  }

  private link(place: Place): TemplateResult {
    const badge = this.badge(place);
    return html`
      <a href="#${place}" aria-current=${place === this.store.state.place ? 'page' : nothing}>
        ${icons[place]}<span>${placeName(place)}</span>${badge ? html`<span class="badge">${badge}</span>` : nothing}
      </a>
    `;
  }

  private badge(place: Place): string {
    const { selected, training, queue, runs } = this.store.state;
    const dataset = chosenDataset(this.store.state);
    if (place === 'data' && dataset) return formatInteger(dataset.images);
    if (place === 'train' && training) {
      return queue.length > 0 ? msg(str`1 of ${formatInteger(queue.length + 1)}`, { id: 'lab.badge-queue' }) : msg('running', { id: 'lab.badge-running' });
    }
    const comparable = runs.filter((run) => run.dataset === selected && run.state.kind === 'done').length;
    return place === 'compare' && comparable > 0 ? formatInteger(comparable) : '';
  }

  private readonly onHash = async (): Promise<void> => {
    const place = placeOfHash();
    if (place === this.store.state.place && this.view) return;
    await this.enter(place);
    await this.updateComplete;
    this.heading.focus({ preventScroll: true });
    window.scrollTo({ top: 0, behavior: 'instant' });
  };

  private async enter(place: Place): Promise<void> {
    await this.store.attempt('lab', async () => {
      const view = await loadPlace(place);
      // A faster click may have gone on to another place meanwhile.
      if (place !== placeOfHash()) return;
      this.view = view;
      this.store.go(place);
      this.requestUpdate();
    }, 'page-failed');
  }

  private toContent(event: Event): void {
    event.preventDefault();
    this.heading.focus();
  }

  private onAppearance(event: Event): void {
    const { value } = event.target as HTMLSelectElement;
    this.appearance = appearances.find((each) => each === value) ?? 'auto';
    chooseAppearance(this.appearance);
  }

  /** Says once that a run has ended, wherever on the page a person is. */
  private speakEnds(): void {
    const { runs, ready } = this.store.state;
    // The Lighten place tells of its own models.
    const ended = runs.filter(({ state: { kind }, lightened }) => !lightened && (kind === 'done' || kind === 'stopped' || kind === 'failed'));
    const news = ended.filter(({ id }) => !this.ended.has(id));
    this.ended = new Set(ended.map(({ id }) => id));
    // Those that were stored before this page was opened are no news.
    const last = news.at(-1);
    if (!ready || !last || Date.parse(last.created) < performance.timeOrigin) return;
    const { arch } = last.settings;
    this.spoken = last.state.kind === 'failed' ? msg(str`Training ${arch} failed.`, { id: 'lab.spoken-failed' }) : msg(str`Training ${arch} has ended.`, { id: 'lab.spoken-ended' });
  }
}

function placeOfHash(): Place {
  const hash = location.hash.slice(1);
  return places.find((place) => place === hash) ?? 'data';
}

function placeName(place: Place): string {
  switch (place) {
    case 'data': return msg('Data', { id: 'place.data' });
    case 'train': return msg('Train', { id: 'place.train' });
    case 'look': return msg('Look', { id: 'place.look' });
    case 'compare': return msg('Compare', { id: 'place.compare' });
    case 'lighten': return msg('Lighten', { id: 'place.lighten' });
    case 'use': return msg('Use', { id: 'place.use' });
  }
}

function appearanceName(appearance: Appearance): string {
  switch (appearance) {
    case 'auto': return msg('Auto', { id: 'lab.theme-auto' });
    case 'light': return msg('Light', { id: 'lab.theme-light' });
    case 'dark': return msg('Dark', { id: 'lab.theme-dark' });
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'winnow-lab': WinnowLab;
  }
}
