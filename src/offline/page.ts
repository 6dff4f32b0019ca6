/** The page that a model is carried away in: one file, no network, no tfjs. */
import { renderCard } from './card.js';
import { element } from './dom.js';
import { loadModel, type Answer, type Loaded } from './model.js';
import { firstLanguage, words, type Language } from './words.js';
import './style.css';

/** Classes that are listed; the rest are counted. */
const MOST_ROWS = 10;

type State =
  | { readonly kind: 'loading' | 'model-broken' | 'ready' | 'looking' | 'photo-broken' }
  | { readonly kind: 'done'; readonly answer: Answer };

class Page {
  private language: Language = firstLanguage();
  private state: State = { kind: 'loading' };
  private model: Loaded | null = null;
  private fellBack = false;
  private photo: { readonly name: string; readonly url: string } | null = null;
  /** Counts photos, so that a slow answer does not overtake a later one. */
  private shown = 0;
  private readonly input = element('input', { type: 'file', accept: 'image/*', className: 'hidden-input', id: 'file' });
  private readonly root = element('main');

  start(): void {
    document.body.append(this.root);
    this.input.addEventListener('change', () => {
      const [file] = this.input.files ?? [];
      if (file) void this.look(file);
      this.input.value = '';
    });
    document.addEventListener('dragover', (event) => {
      event.preventDefault();
      this.root.classList.add('dragging');
    });
    document.addEventListener('dragleave', (event) => {
      if (event.relatedTarget === null) this.root.classList.remove('dragging');
    });
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      this.root.classList.remove('dragging');
      this.take(event.dataTransfer);
    });
    document.addEventListener('paste', (event) => this.take(event.clipboardData));
    this.render();
    void this.load();
  }

  private take(transfer: DataTransfer | null): void {
    const file = [...(transfer?.files ?? [])][0];
    if (file) void this.look(file);
  }

  private async load(): Promise<void> {
    try {
      this.model = await loadModel(() => {
        this.fellBack = true;
        this.render();
      });
      this.set({ kind: 'ready' });
    } catch (error) {
      this.set({ kind: 'model-broken' });
      // oxlint-disable-next-line no-console -- the page's own words are for whoever got the file; this is for whoever made it.
      console.error(error);
    }
  }

  private async look(file: File): Promise<void> {
    if (this.model === null) return;
    const shown = ++this.shown;
    if (this.photo) URL.revokeObjectURL(this.photo.url);
    this.photo = { name: file.name, url: URL.createObjectURL(file) };
    this.set({ kind: 'looking' });
    try {
      const answer = await this.model.classify(file);
      if (shown === this.shown) this.set({ kind: 'done', answer });
    } catch {
      if (shown !== this.shown) return;
      URL.revokeObjectURL(this.photo.url);
      this.photo = null;
      this.set({ kind: 'photo-broken' });
    }
  }

  private set(state: State): void {
    this.state = state;
    this.render();
  }

  private render(): void {
    const { state, model } = this;
    const say = words[this.language];
    document.documentElement.lang = this.language;
    const focused = document.activeElement?.id;
    const language = element('button', { type: 'button', id: 'language', lang: this.language === 'en' ? 'ko' : 'en', textContent: say.language });
    language.addEventListener('click', () => {
      this.language = this.language === 'en' ? 'ko' : 'en';
      this.render();
    });
    const classes = model && new Intl.ListFormat(this.language).format(model.card.classes.slice(0, 12)) + (model.card.classes.length > 12 ? ' …' : '');
    this.root.dataset.state = state.kind;
    this.root.replaceChildren(
      element('header', {}, element('h1', { textContent: model?.card.arch ?? 'Winnow' }), language, element('p', { className: 'lead', textContent: classes === null ? say.loading : say.lead(classes) })),
      element('div', { className: 'places' }, this.photoPlace(), this.answerPlace()),
      ...(model ? [renderCard(model.card, say, this.language)] : []),
      element('footer', { textContent: say.private }),
    );
    if (focused) document.getElementById(focused)?.focus();
  }

  private photoPlace(): HTMLElement {
    const say = words[this.language];
    this.input.disabled = this.model === null;
    const label = element('label', { htmlFor: 'file', className: 'button', textContent: say.choose });
    const picture = this.photo ? element('img', { src: this.photo.url, alt: this.photo.name }) : null;
    return element('section', { className: 'drop' }, element('h2', { textContent: say.photo }), picture, element('p', {}, this.input, label, element('span', { className: 'muted', textContent: say.hint })));
  }

  private answerPlace(): HTMLElement {
    const say = words[this.language];
    const section = element('section', { className: 'answer' }, element('h2', { textContent: say.answer }));
    const live = element('div', { ariaLive: 'polite' });
    section.append(live);
    if (this.state.kind === 'done') live.append(...this.answer(this.state.answer));
    else {
      const said = { loading: say.loading, ready: say.none, looking: say.looking, 'model-broken': say.modelBroken, 'photo-broken': say.photoBroken }[this.state.kind];
      live.append(element('p', { className: this.state.kind.endsWith('broken') ? 'failure' : 'muted', textContent: said }));
    }
    if (this.fellBack) section.append(element('p', { className: 'muted', textContent: say.fellBack }));
    return section;
  }

  private answer({ probabilities, ms }: Answer): HTMLElement[] {
    if (this.model === null) return [];
    const say = words[this.language];
    const { card, runtime } = this.model;
    const percent = new Intl.NumberFormat(this.language, { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
    const rows = Array.from(probabilities, (probability, i) => ({ name: card.classes[i], probability })).sort((a, b) => b.probability - a.probability);
    const where = runtime.kind === 'webgpu' ? `${say.webgpu}, ${runtime.adapter}` : say.javascript;
    const best = rows[0];
    return [
      element('p', { className: 'best', textContent: say.says(best.name, percent.format(best.probability)) }),
      element('ol', {}, ...rows.slice(0, MOST_ROWS).map(({ name, probability }) =>
        element('li', { data: { class: name, probability: String(probability) } },
          element('span', { className: 'name', textContent: name }),
          element('progress', { max: 1, value: probability, ariaLabel: name }),
          element('span', { className: 'share', textContent: percent.format(probability) })))),
      ...(rows.length > MOST_ROWS ? [element('p', { className: 'muted', textContent: say.others(rows.length - MOST_ROWS) })] : []),
      element('p', { className: 'muted timed', textContent: say.timed(new Intl.NumberFormat(this.language, { maximumSignificantDigits: 3 }).format(ms), where) }),
    ];
  }
}

// The model stands behind this script.
document.addEventListener('DOMContentLoaded', () => new Page().start());
