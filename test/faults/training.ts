import assert from 'node:assert/strict';
import type { RunRecord, RunResult } from '../../src/engine/storage/records.js';
import type { Random } from '../../src/engine/support/random.js';
import { defaultSettings, type RunSettings } from '../../src/engine/support/settings.js';
import { startBrowser, type TestBrowser } from '../e2e/browser.js';
import type { Size } from './table.js';
import { pause, Tab } from './tab.js';

/** Everything that a run's state holds is in use: dropout, augmentation, a schedule that hangs on the history, early stopping. */
const common: RunSettings = {
  ...defaultSettings, arch: 'cnn-light', size: 32, batch: 8, patience: 50, seed: 7,
  schedule: { kind: 'plateau', factor: 0.7, patience: 1, least: 0.0001 },
  augment: { ...defaultSettings.augment, flipX: 0.5, shift: 0.1 },
};
export const IMAGES = 240;

export interface Kind {
  readonly settings: RunSettings;
  readonly steps: number;
}

const kind = (part: Partial<RunSettings>): Kind => {
  const settings = { ...common, ...part };
  return { settings, steps: settings.epochs * Math.ceil(((settings.limit ?? IMAGES) * 0.8) / settings.batch) };
};

/** On the compiled step, and on the reference path where it repeats bit for bit. */
export function kinds(size: Size): { readonly compiled: Kind; readonly cpu: Kind; readonly long: Kind } {
  return {
    compiled: kind({ engine: 'compiled', backend: 'webgpu', epochs: size === 'short' ? 16 : 32 }),
    cpu: kind({ engine: 'reference', backend: 'cpu', epochs: 4, size: 32, limit: 120, testShare: 0 }),
    long: kind({ engine: 'compiled', backend: 'webgpu', epochs: size === 'full' ? 160 : 80 }),
  };
}

/** A browser with a dataset, and what runs end with that nothing happens to. */
export class Ground {
  private readonly wanted = new Map<string, Promise<RunRecord>>();

  private constructor(readonly browser: TestBrowser, readonly dataset: string) {}

  static async open(flags: readonly string[] = []): Promise<Ground> {
    const browser = await startBrowser({ flags });
    const tab = await Tab.open(browser);
    const { id } = await tab.call('importDataset', { kind: 'synthetic', images: IMAGES, seed: 5 });
    await tab.close();
    return new Ground(browser, id);
  }

  tab(): Promise<Tab> {
    return Tab.open(this.browser);
  }

  /** A run that nothing happened to. */
  undisturbed({ settings }: Kind): Promise<RunRecord> {
    const key = JSON.stringify(settings);
    const known = this.wanted.get(key) ?? this.trainOnce(settings);
    this.wanted.set(key, known);
    return known;
  }

  private async trainOnce(settings: RunSettings): Promise<RunRecord> {
    const tab = await this.tab();
    const run = await tab.call('train', this.dataset, settings);
    await tab.close();
    return run;
  }

  /** @param mayNotResume nothing has cut it off. */
  async endsAlike(run: RunRecord, of: Kind, mayNotResume = false): Promise<void> {
    assert.equal(resultOf(run).weightsSha256, resultOf(await this.undisturbed(of)).weightsSha256, 'the weights differ from an undisturbed run’s');
    assert.ok((run.resumed ?? 0) > 0 || mayNotResume, 'it was never resumed');
    assert.deepEqual(run.history.map(({ epoch }) => epoch), Array.from({ length: run.history.length }, (_, i) => i + 1), 'an epoch is missing or twice');
  }

  /**
   * A tab whose run has come to a random step within the first `share` of its steps. What an undisturbed one ends with is known by then.
   * @returns `ended` in an object, so that it is not waited for.
   */
  async training(random: Random, of: Kind, share: number): Promise<{ tab: Tab; ended: Promise<RunRecord> }> {
    await this.undisturbed(of);
    const tab = await this.tab();
    const ended = tab.call('train', this.dataset, of.settings);
    await tab.reaches(1 + random.below(Math.floor(of.steps * share)));
    return { tab, ended };
  }

  /** A run that was cut off by its tab's end, at a random step; `kept` is the step that a checkpoint is of. */
  async interrupted(random: Random, of: Kind): Promise<{ id: string; kept: number }> {
    const { tab, ended } = await this.training(random, of, 0.8);
    ended.catch(() => {});
    await pause(random.below(100));
    const { runs } = await tab.call('stored');
    const kept = await tab.checkpointAt();
    await tab.close();
    return { id: runs.at(-1)!.id, kept };
  }

  /** All that is stored of checkpoints is finite. */
  async storesNoNaN(tab: Tab): Promise<void> {
    const bad = await tab.page.evaluate(async () => {
      const chunks = await globalThis.allStored<ArrayBuffer>('weightChunks');
      return chunks.filter((chunk) => new Float32Array(chunk).some((value) => !Number.isFinite(value))).length;
    });
    assert.equal(bad, 0, `${bad} stored chunks are not finite`);
  }

  close(): Promise<void> {
    return this.browser.close();
  }
}

export function resultOf({ state }: RunRecord): RunResult {
  assert.ok(state.kind === 'done', `the run is ${state.kind}: ${JSON.stringify(state).slice(0, 300)}`);
  return state.result;
}
