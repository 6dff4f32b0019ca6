import type { RunRecord } from '../../engine/storage/records.js';
import { toErrorData } from '../../engine/support/errors.js';
import type { LabConnection } from '../../workers/connect.js';
import { fetchFile } from '../../workers/source.js';
import { untouchedForm } from '../lab/form.js';
import { hasModel, type Place } from '../lab/state.js';
import { LabStore } from '../lab/store.js';
import { followDocument } from '../locales/localization.js';
import { settingsOf } from './attributes.js';
import type { Bindings } from './borrow.js';
import { feedOf, fedTags } from './feeds.js';
import { knownDataset, rememberDataset, versionOf } from './known.js';

export interface SessionSource {
  /** 'sample', the address of a zip, or '' for what is stored here. */
  readonly src: string;
  /** Size of the sample. */
  readonly images: number;
}

const SESSION_TAG = 'winnow-session';

/** The store does only what its place needs (feature maps while they are looked at): the first of these elements that is there says which. */
const placeOf: Readonly<Record<string, Place>> = { 'winnow-feature-maps': 'look', 'winnow-dataset': 'data', 'winnow-training': 'train' };

/**
 * The lab's store behind elements that somebody has put into a page of their own: it gives those within `root` (or `root` itself) what the
 * lab's places give theirs, and does what they ask for by their events.
 */
export class Session {
  readonly store: LabStore;
  private readonly unsubscribe: () => void;
  private readonly added = new MutationObserver(() => this.feed());
  /** Elements whose attributes have been read. */
  private readonly read = new WeakSet<Element>();
  /** What each element's events are answered by now. */
  private readonly listeners = new WeakMap<Element, Map<string, (event: Event) => unknown>>();
  private ready = false;
  private told: string | null = null;

  constructor(
    private readonly root: HTMLElement,
    connect: () => Promise<LabConnection> = async () => (await import('../../workers/connect.js')).connectLab(),
  ) {
    this.store = new LabStore(connect);
    // What a person once typed into the lab of this origin is no business of another page.
    this.store.update({ form: untouchedForm });
    this.unsubscribe = this.store.subscribe(() => {
      this.feed();
      this.tellEnd();
    });
    window.addEventListener('lit-localize-status', this.onLocale);
    this.added.observe(root, { childList: true, subtree: true });
  }

  /** Starts the workers, and brings in the photos of `src` unless they are here from an earlier visit. */
  async start({ src, images }: SessionSource): Promise<void> {
    void this.store.attempt('lab', followDocument, 'page-failed');
    this.feed();
    await this.store.start();
    if (src !== '') await this.load(src, images);
    this.ready = true;
    this.feed();
  }

  dispose(): void {
    this.unsubscribe();
    this.added.disconnect();
    window.removeEventListener('lit-localize-status', this.onLocale);
    this.store.dispose();
  }

  private async load(src: string, images: number): Promise<void> {
    const { store } = this;
    await store.attempt('data', async () => {
      const { datasets } = store.state;
      if (src === 'sample') {
        const drawn = datasets.find((dataset) => dataset.source === 'synthetic' && dataset.images === images);
        if (drawn) store.select(drawn.id);
        else await store.importDataset({ kind: 'synthetic', images, seed: 1 });
        return;
      }
      const address = new URL(src, this.root.baseURI);
      const version = await versionOf(address);
      const known = knownDataset(address, version);
      if (datasets.some(({ id }) => id === known)) store.select(known);
      else {
        const before = store.state.selected;
        await store.importDataset({ kind: 'zip', file: await fetchFile(address) });
        if (store.state.selected !== before) rememberDataset(address, version, store.state.selected);
      }
    }, 'no-images');
  }

  private elements(): HTMLElement[] {
    if (this.root.localName !== SESSION_TAG) return [this.root];
    return [...this.root.querySelectorAll<HTMLElement>(fedTags.join())].filter((element) => element.closest(SESSION_TAG) === this.root);
  }

  private feed(): void {
    const elements = this.elements();
    const place = Object.keys(placeOf).find((tag) => elements.some(({ localName }) => localName === tag));
    if (place) this.store.go(placeOf[place]);
    for (const element of elements) {
      this.readAttributes(element);
      void feedOf(element.localName)?.then((feed) => {
        const bindings = feed(this.store);
        if (bindings) this.bind(element, bindings);
      });
    }
  }

  private bind(element: HTMLElement, { properties, listeners }: Bindings): void {
    Object.assign(element, properties);
    let known = this.listeners.get(element);
    if (!known) this.listeners.set(element, (known = new Map()));
    for (const [type, listener] of Object.entries(listeners)) {
      if (!known.has(type)) element.addEventListener(type, (event) => this.answer(element, event));
      known.set(type, listener);
    }
  }

  private answer(element: HTMLElement, event: Event): void {
    // The lab goes to another of its places for these; here that is another element of the page, if there is one.
    const elsewhere = { 'winnow-look': 'winnow-feature-maps', 'winnow-lighten': 'winnow-lighten' }[event.type];
    if (elsewhere === undefined || elsewhere === element.localName) this.listeners.get(element)?.get(event.type)?.(event);
    else {
      if (event.type === 'winnow-look') void this.store.look.open((event as CustomEvent<{ run: string }>).detail.run);
      this.root.querySelector(elsewhere)?.scrollIntoView({ behavior: 'smooth' });
    }
  }

  /** What a form begins with, and whether it trains at once: read when there is something to train on. */
  private readAttributes(element: HTMLElement): void {
    if (!this.ready || element.localName !== 'winnow-training' || this.read.has(element)) return;
    this.read.add(element);
    const { store } = this;
    try {
      const wanted = settingsOf(element, store.state.form.now);
      const [first] = wanted;
      store.update({ form: { ...store.state.form, start: first, now: first, chosen: wanted.map(({ arch }) => arch) } });
      if (element.hasAttribute('autostart')) store.train(wanted);
    } catch (thrown) {
      store.fail('train', toErrorData(thrown));
    }
  }

  private tellEnd(): void {
    const { lastRun, training } = this.store.state;
    const run = this.store.runOf(lastRun);
    if (training || !run || run.id === this.told || run.state.kind === 'running' || run.state.kind === 'paused') return;
    this.told = run.id;
    this.root.dispatchEvent(new CustomEvent<{ run: RunRecord }>('winnow-run-ended', { detail: { run }, bubbles: true, composed: true }));
    if (hasModel(run)) void this.giveModel(run);
  }

  /** The newest model goes to the classifiers that were told of no other. */
  private async giveModel(run: RunRecord): Promise<void> {
    const classifiers = this.elements().filter((element) => element.localName === 'winnow-classifier' && !element.hasAttribute('src'));
    if (classifiers.length === 0) return;
    const model = await this.store.exportModel(run.id);
    for (const element of classifiers) Object.assign(element, { model });
  }

  private readonly onLocale = (): void => this.feed();
}
