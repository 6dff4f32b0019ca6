import type { Weight } from '../graph/types.js';
import { hasCode, WinnowError } from '../support/errors.js';
import { database, write } from './database.js';
import type { CheckpointManifest, WeightsManifest } from './records.js';
import { discard, isSealed, keepOnlyNamed, readWeights, sealed, writeChunks } from './weights.js';

/** Where a run stood: what a training that goes on needs to end with the weights of one that never stopped. */
export interface StoredCheckpoint<State> {
  readonly state: State;
  readonly weights: readonly Weight[];
  readonly optimizer: { readonly step: number; readonly slots: readonly Weight[] };
  /** Those of its best epoch until then; null before its first epoch's end, or where they were damaged. */
  readonly best: readonly Weight[] | null;
}

const GENERATIONS = ['checkpoint 0', 'checkpoint 1'] as const;

/**
 * Stores where a run stands, in place of the older of its two generations: the chunks first, then, in one strict transaction, the manifest
 * with their checksums. The manifest is the commit; until then both generations stay. What was stored as 'best' by then belongs to it.
 * @param parts weights and optimiser, asked for one after the other, so that they are never all in memory.
 * @param state plain data, as JSON holds it.
 * @throws 'disk-full' and what was stored before is intact.
 */
export async function saveCheckpoint(
  run: string, state: unknown, parts: { weights(): Promise<readonly Weight[]>; optimizer(): Promise<StoredCheckpoint<unknown>['optimizer']> },
): Promise<void> {
  const what = 'the checkpoint of a run';
  const known = await manifests(run);
  const newest = known[0];
  const kind = GENERATIONS.find((each) => each !== newest?.kind)!;
  const generation = crypto.randomUUID();
  try {
    const weights = await writeChunks({ run, kind, generation }, await parts.weights(), what);
    const { step, slots } = await parts.optimizer();
    const optimizer = await writeChunks({ run, kind, generation, from: weights.chunks.length }, slots, what);
    const parted = { run, kind, generation, number: (newest?.number ?? 0) + 1, state, step, ...weights, slots: optimizer.weights, chunks: [...weights.chunks, ...optimizer.chunks], weightChunks: weights.chunks.length };
    const best = (await (await database()).get('weights', [run, 'best'])) ?? null;
    const manifest = await sealed<CheckpointManifest>({ ...parted, best });
    await write(['weights', 'weightChunks'], what, async (transaction) => {
      await transaction.objectStore('weights').put(manifest);
      await keepOnlyNamed(transaction, run);
    });
  } catch (error) {
    await discard(run, kind, generation);
    throw error;
  }
}

/**
 * The newest checkpoint whose checksums hold, with its best weights; one without them only where no generation has both.
 * @param damaged is told of each that does not hold.
 * @throws 'weights-missing' where there is none, 'weights-broken' where none holds.
 */
export async function loadCheckpoint<State>(run: string, damaged: (error: WinnowError) => void = () => {}): Promise<StoredCheckpoint<State>> {
  const found = await manifests(run);
  if (found.length === 0) throw new WinnowError('weights-missing', { id: run, kind: 'latest' });
  let withoutBest: StoredCheckpoint<State> | null = null;
  for (const manifest of found) {
    try {
      if (!(await isSealed(manifest))) throw new WinnowError('weights-broken', { id: run, kind: manifest.kind });
      const { weightChunks: cut, chunks } = manifest;
      const weights = await readWeights({ ...manifest, chunks: chunks.slice(0, cut) });
      const slots = await readWeights({ ...manifest, weights: manifest.slots, chunks: chunks.slice(cut) }, cut);
      // What is sealed is what the training wrote.
      const whole: StoredCheckpoint<State> = { state: manifest.state as State, weights, optimizer: { step: manifest.step, slots }, best: null };
      if (manifest.best === null) return whole;
      withoutBest ??= whole;
      return { ...whole, best: await readWeights(manifest.best) };
    } catch (error) {
      if (!hasCode(error, 'weights-broken')) throw error;
      damaged(error);
    }
  }
  if (withoutBest === null) throw new WinnowError('weights-broken', { id: run, kind: 'latest' });
  return withoutBest;
}

/** Newest first. */
async function manifests(run: string): Promise<CheckpointManifest[]> {
  const transaction = (await database()).transaction('weights');
  const found = await Promise.all(GENERATIONS.map((kind) => transaction.store.get([run, kind])));
  return found.filter((each): each is CheckpointManifest => each !== undefined && isCheckpoint(each)).sort((a, b) => b.number - a.number);
}

function isCheckpoint(manifest: WeightsManifest | CheckpointManifest): manifest is CheckpointManifest {
  return 'number' in manifest;
}
