import { architectures } from '../../engine/architectures/index.js';
import { toErrorData } from '../../engine/support/errors.js';
import type { AdapterInfo, RunSettings } from '../../engine/support/settings.js';
import type { StoreBase } from './base.js';
import { classesOf, costKey, costsOf, rememberSpeeds, settingsFor, type Costs } from './costs.js';
import { latest } from './latest.js';
import { chosenDataset } from './state.js';

const MOST_REMEMBERED = 200;
/** Settings that are still being typed are not planned. */
const SETTLED_MS = 300;

const keyOf = latest((settings: RunSettings, classes: number, adapter: AdapterInfo) => JSON.stringify(architectures.map(({ id }) => costKey(settingsFor(id, settings), classes, adapter))));

/** Asks the trainer what runs will take. */
export class Costing {
  /** What the last plan was asked for. */
  private planned = '';
  private timer: ReturnType<typeof setTimeout> | undefined;
  private measured: Promise<void> = Promise.resolve();
  private halting = false;

  constructor(private readonly store: StoreBase) {}

  /** In the Train place memory is planned as the form stands. */
  settle(): void {
    const { place, ready, adapter, form } = this.store.state;
    if (place !== 'train' || !ready || !adapter) return;
    const key = keyOf(form.now, this.classes, adapter);
    if (key === this.planned) return;
    this.planned = key;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.plan(adapter), SETTLED_MS);
  }

  /** Times every architecture whose time is not known, one after the other, the chosen ones first. */
  measure(): Promise<void> {
    if (this.store.state.costs.measuring === null) this.measured = this.measureAll();
    return this.measured;
  }

  /** Ends the measuring, if there is one; a run may begin then. */
  async halt(): Promise<void> {
    if (this.store.state.costs.measuring === null) return;
    this.halting = true;
    await this.store.workers().trainer.stop();
    await this.measured;
  }

  private get classes(): number {
    return classesOf(chosenDataset(this.store.state));
  }

  private async plan(adapter: AdapterInfo): Promise<void> {
    const { form } = this.store.state;
    const classes = this.classes;
    const wanted = architectures.map(({ id }) => settingsFor(id, form.now));
    await this.store.attempt('train', async () => {
      const bytes = await this.store.workers().trainer.predictMemory(wanted, classes);
      const known = wanted.flatMap((settings, index) => (bytes[index] === null ? [] : [[costKey(settings, classes, adapter), bytes[index]] as const]));
      this.change({ memory: { ...this.store.state.costs.memory, ...Object.fromEntries(known) } });
    });
  }

  private async measureAll(): Promise<void> {
    const { runs, adapter, form, training, lightening, measured } = this.store.state;
    const dataset = chosenDataset(this.store.state);
    // The trainer does one thing at a time.
    if (!dataset || !adapter || training || lightening.work || measured.measuring !== null) return;
    const known = costsOf(this.store.state.costs, runs, dataset, adapter);
    const chosen = form.chosen ?? [form.now.arch];
    const wanted = architectures
      .filter(({ id, sides }) => form.now.size >= sides.least && form.now.size <= sides.most && known(settingsFor(id, form.now)).epochSeconds === undefined)
      .sort((a, b) => Number(chosen.includes(b.id)) - Number(chosen.includes(a.id)));
    this.halting = false;
    this.store.dismiss('train');
    try {
      for (const { id } of wanted) {
        if (this.halting) return;
        this.change({ measuring: id });
        await this.one(settingsFor(id, form.now), dataset.classes.length, adapter);
      }
    } finally {
      this.change({ measuring: null });
    }
  }

  private async one(settings: RunSettings, classes: number, adapter: AdapterInfo): Promise<void> {
    try {
      const speed = await this.store.workers().trainer.measureSpeed(settings, classes);
      const speeds = Object.fromEntries([...Object.entries(this.store.state.costs.speeds), [costKey(settings, classes, adapter), speed]].slice(-MOST_REMEMBERED));
      this.change({ speeds });
      rememberSpeeds(speeds);
    } catch (thrown) {
      const error = toErrorData(thrown);
      // What does not fit on this GPU has no time; the others may.
      if (error.code === 'gpu-memory' || error.code === 'gpu-too-small') return;
      this.halting = true;
      if (error.code !== 'cancelled') this.store.fail('train', error);
    }
  }

  private change(part: Partial<Costs>): void {
    this.store.update({ costs: { ...this.store.state.costs, ...part } });
  }
}
