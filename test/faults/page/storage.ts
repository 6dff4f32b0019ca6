/** The storage of checkpoints without a training around it: what is stored says which save it is of, in every float. */
import type { Weight } from '../../../src/engine/graph/types.js';
import { loadCheckpoint, saveCheckpoint } from '../../../src/engine/storage/checkpoints.js';
import { database, keysUnder } from '../../../src/engine/storage/database.js';
import { saveBest } from '../../../src/engine/storage/weights.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';

const RUN = 'run';
/** Two chunks of weights, one of slots. */
const FLOATS = 4_400_000;

export interface StoragePage {
  /** Saves number `number`, its best weights too where it is even. @param floats of its weights. */
  save(number: number, floats?: number): Promise<void>;
  /** Saves on and on, from `number`; says each that is done. */
  saveOn(number: number): Promise<void>;
  /** Which save the newest whole checkpoint is of, or of what it is a mixture; null where there is none. How many were found damaged. */
  load(): Promise<{ number: number | string | null; damaged: number }>;
  /** Flips one bit of the newest checkpoint: of a chunk, of its best weights, or of its manifest. @returns where. */
  flip(seed: number): Promise<string>;
}

declare global {
  // oxlint-disable-next-line no-var
  var storagePage: StoragePage | undefined;
  // oxlint-disable-next-line no-var
  var saved: ((number: number) => Promise<void>) | undefined;
}

const weights = (name: string, number: number, floats: number): Weight[] => [{ name, shape: [floats], data: new Float32Array(floats).fill(number) }];

const page: StoragePage = {
  async save(number, floats = FLOATS) {
    if (number % 2 === 0) await saveBest(RUN, weights('w', number, 1000));
    await saveCheckpoint(RUN, { number }, { weights: async () => weights('w', number, floats), optimizer: async () => ({ step: number, slots: weights('w/m', number, 1000) }) });
  },
  async saveOn(number) {
    for (let next = number; ; next++) {
      await page.save(next);
      await globalThis.saved?.(next);
    }
  },
  async load() {
    let damaged = 0;
    const found = await loadCheckpoint<{ number: number }>(RUN, () => damaged++).catch((error: { code?: string }) => {
      if (error.code === 'weights-missing') return null;
      throw error;
    });
    if (found === null) return { number: null, damaged };
    const { number } = found.state;
    const parts = [...found.weights, ...found.optimizer.slots].flatMap(({ data }) => [...new Set(data)]);
    const best = [...new Set(found.best?.[0].data)];
    const whole = [...parts, found.optimizer.step].every((part) => part === number) && (found.best === null ? number === 1 : best.length === 1 && best[0] === number - (number % 2));
    return { number: whole ? number : `a mixture: ${number}, of ${parts}, step ${found.optimizer.step}, best ${best}`, damaged };
  },
  async flip(seed) {
    const random = new Random(seed, Purpose.sample, 1);
    const connection = await database();
    const manifests = (await connection.getAll('weights', keysUnder(RUN))).filter((each) => 'number' in each).sort((a, b) => b.number - a.number);
    const newest = manifests[0];
    const keys = (await connection.getAllKeys('weightChunks', keysUnder(RUN))).filter(([, , generation]) => generation === newest.generation || (newest.best?.generation === generation && newest.number % 2 === 0));
    const place = random.below(keys.length + 1);
    if (place === keys.length) {
      const text = JSON.stringify(newest);
      const { kind } = newest;
      for (;;) {
        // A digit is flipped, so that it is still a manifest.
        const at = random.below(text.length);
        if (!/[0-9]/.test(text[at])) continue;
        const changed = JSON.parse(text.slice(0, at) + ((Number(text[at]) + 1 + random.below(9)) % 10) + text.slice(at + 1)) as typeof newest;
        // Its own key decides where it is put.
        if (changed.kind !== kind || JSON.stringify(changed) === text) continue;
        await connection.put('weights', changed);
        return `manifest at ${at}`;
      }
    }
    const bytes = (await connection.get('weightChunks', keys[place]))!;
    const at = random.below(bytes.byteLength);
    new Uint8Array(bytes)[at] ^= 1 << random.below(8);
    await connection.put('weightChunks', bytes, keys[place]);
    return `${keys[place][1]}, chunk ${keys[place][3]}, byte ${at}`;
  },
};
globalThis.storagePage = page;
