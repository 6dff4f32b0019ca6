import type { RunRecord } from '../../engine/storage/records.js';
import { toErrorData } from '../../engine/support/errors.js';
import type { AugmentSettings, RunSettings } from '../../engine/support/settings.js';
import type { LabConnection } from '../../workers/connect.js';
import type { ImportSource } from '../../workers/contract.js';
import { fetchFile } from '../../workers/source.js';
import type { View } from '../feature-maps/feature-maps.js';
import { LabStore } from '../lab/store.js';
import { hasModel } from '../lab/state.js';
import { followDocument } from '../locales/localization.js';
import { feedOf, fedTags } from './feeds/index.js';
import { knownDataset, rememberDataset, versionOf } from './known.js';
import { settingsOf } from './attributes.js';

export interface SessionSource {
  /** 'sample', the address of a zip, or '' for what is stored here. */
  readonly src: string;
  /** Size of the sample. */
  readonly images: number;
}

const SESSION_TAG = 'winnow-session';

/**
 * The lab's store behind elements that somebody has put into a page of their own: it gives those within `root` (or `root` itself) their
 * data, and does what they ask for by their events, as the lab does for its places.
 */
export class Session {
  readonly store: LabStore;
  private readonly unsubscribe: () => void;
  private readonly added = new MutationObserver(() => this.feed());
  /** Elements whose attributes have been read. */
  private readonly read = new WeakSet<Element>();
  private ready = false;
  private told: string | null = null;

  constructor(
    private readonly root: HTMLElement,
    connect: () => Promise<LabConnection> = async () => (await import('../../workers/connect.js')).connectLab(),
  ) {
    this.store = new LabStore(connect);
    this.unsubscribe = this.store.subscribe(() => {
      this.feed();
      this.tellEnd();
    });
    for (const type of Object.keys(actions)) root.addEventListener(type, this.onEvent);
    root.ownerDocument.defaultView?.addEventListener('lit-localize-status', this.onLocale);
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
    for (const type of Object.keys(actions)) this.root.removeEventListener(type, this.onEvent);
    this.root.ownerDocument.defaultView?.removeEventListener('lit-localize-status', this.onLocale);
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
        await store.importDataset({ kind: 'zip', file: await fetchFile(address) } satisfies ImportSource);
        if (store.state.selected !== before) rememberDataset(address, version, store.state.selected);
      }
    }, 'no-images');
  }

  private elements(): HTMLElement[] {
    const within = [...this.root.querySelectorAll<HTMLElement>(fedTags.join())].filter((element) => element.closest(SESSION_TAG) === this.root);
    return this.root.localName === SESSION_TAG ? within : [this.root];
  }

  private feed(): void {
    for (const element of this.elements()) {
      if (element.localName === 'winnow-feature-maps') this.store.go('look');
      this.readAttributes(element);
      void feedOf(element.localName)?.then((feed) => feed(element, this.store));
    }
  }

  /** What a form begins with, and whether it trains at once: read when there is something to train on. */
  private readAttributes(element: HTMLElement): void {
    if (!this.ready || element.localName !== 'winnow-training' || this.read.has(element)) return;
    this.read.add(element);
    const { store } = this;
    try {
      const [first, ...others] = settingsOf(element, store.state.form.now);
      store.update({ form: { start: first, now: first, chosen: [first, ...others].map(({ arch }) => arch) } });
      Object.assign(element, { alsoChosen: others.map(({ arch }) => arch) });
      if (element.hasAttribute('autostart')) store.train([first, ...others]);
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

  private readonly onEvent = (event: Event): void => {
    event.stopPropagation();
    actions[event.type](this.store, (event as CustomEvent<never>).detail, this.root);
  };
}

/** What each event of an element asks the store for. */
const actions: Readonly<Record<string, (store: LabStore, detail: never, root: HTMLElement) => unknown>> = {
  'winnow-import': (store, { source }: { source: ImportSource }) => store.importDataset(source),
  'winnow-cancel-import': (store) => store.cancelImport(),
  'winnow-select-dataset': (store, { id }: { id: string }) => store.select(id),
  'winnow-delete-dataset': (store, { id }: { id: string }) => store.deleteDataset(id),
  'winnow-train': (store, { settings, model }: { settings: RunSettings[]; model: File | null }) => store.train(settings, model),
  'winnow-browse': (store, { indices }: { indices: number[] }) => store.desk.browse(indices),
  'winnow-find-duplicates': (store) => store.desk.findDuplicates(),
  'winnow-cancel-duplicates': (store) => store.desk.cancelDuplicates(),
  'winnow-augment': (store, { augment }: { augment: AugmentSettings }) => store.augment(augment),
  'winnow-example': (store) => store.desk.nextExample(),
  'winnow-again': (store, { run }: { run: string }) => store.trainAgain(run),
  'winnow-continue': async (store, { run }: { run: string }) => store.trainOn(run, (await import('../training/run-cards.js')).moreEpochs),
  'winnow-settings': (store, { settings, chosen }: { settings: RunSettings; chosen: string[] }) => store.editForm(settings, chosen),
  'winnow-dequeue': (store, { index }: { index: number }) => store.dequeue(index),
  'winnow-requeue': (store, { index, to }: { index: number; to: number }) => store.requeue(index, to),
  'winnow-measure': (store) => store.costing.measure(),
  'winnow-measure-stop': (store) => store.costing.halt(),
  'winnow-pause': (store) => store.pause(),
  'winnow-resume': (store) => store.resume(),
  'winnow-stop': (store) => store.stop(),
  'winnow-layer': (store, { layer }: { layer: string }) => store.look.layer(layer),
  'winnow-photo': (store, { step }: { step: 1 | -1 }) => store.look.photo(step),
  'winnow-view': (store, { view }: { view: View }) => store.look.main.view(view),
  'winnow-channel': (store, { channel }: { channel: number | null }) => store.look.main.channel(channel),
  'winnow-epoch': (store, { epoch }: { epoch: number | null }) => store.look.main.epoch(epoch),
  'winnow-cam': (store, { layer, label }: { layer: string; label: number | null }) => store.look.main.look(layer, label),
  'winnow-look': (store, { run }: { run: string }, root) => {
    root.querySelector('winnow-feature-maps')?.scrollIntoView({ behavior: 'smooth' });
    return store.look.open(run);
  },
  'winnow-export': async (store, { run }: { run: string }) => {
    const { namedRuns, saveModel } = await import('../lab/runs.js');
    const named = namedRuns(store.state.runs, store.runOf(run)?.dataset ?? null).find((each) => each.run.id === run);
    if (named) await saveModel(store, named);
  },
  'winnow-delete-run': (store, { run }: { run: string }) => store.deleteRun(run),
};
