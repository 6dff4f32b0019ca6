import { database, keysUnder, write } from './database.js';
import type { DatasetRecord, ImportRecord, ShardIndex } from './records.js';
import { checkRoom } from './usage.js';

/** The only way to store a dataset: shards as they come, then `commit`. */
export interface DatasetWriter {
  readonly id: string;
  /** What an import of the same files had stored when it was cut off; null for a new one. */
  readonly cut: { readonly progress: ImportRecord; readonly indexes: readonly ShardIndex[] } | null;
  /** Stores a shard, its index, and how far the import has come with it: all or nothing. @throws 'disk-full' */
  add(bytes: ArrayBuffer, index: ShardIndex, progress: ImportRecord): Promise<void>;
  /** Makes the dataset exist. @param indexes those that differ from what was added. @throws 'disk-full' */
  commit(record: DatasetRecord, indexes: readonly ShardIndex[]): Promise<void>;
}

/** After so long nobody comes back with the same files. */
const KEPT_MS = 14 * 24 * 3600 * 1000;
/** Of the quota: indexes, and the browser's own bookkeeping. */
const RESERVE_BYTES = 32 * 2 ** 20;

const lockName = (dataset: string) => `winnow-import-${dataset}`;
const STORES = ['shards', 'shardIndexes', 'imports'] as const;

/**
 * Runs `work` with a writer. Where an import of the same files was cut off (a closed tab, a killed worker) it goes on with that one.
 * No tab sweeps its shards while `work` runs; when it throws they are removed, so a failed or cancelled import leaves nothing behind.
 * @param name of the dataset, for error messages.
 * @param bytes that the files have, as far as it is known beforehand.
 * @throws 'disk-short' where there is no room for them.
 */
export async function writeDataset(name: string, fingerprint: string, bytes: number, work: (writer: DatasetWriter) => Promise<DatasetRecord>): Promise<DatasetRecord> {
  for (const { id } of (await listImports()).filter((cut) => cut.fingerprint === fingerprint)) {
    const resumed = await navigator.locks.request(lockName(id), { ifAvailable: true }, async (lock) => {
      const progress = lock && (await (await database()).get('imports', id));
      if (!progress) return null;
      const indexes = await (await database()).getAll('shardIndexes', keysUnder(id));
      return run(id, name, { progress, indexes }, bytes - progress.bytes, work);
    });
    if (resumed) return resumed;
  }
  const id = crypto.randomUUID();
  return navigator.locks.request(lockName(id), () => run(id, name, null, bytes, work));
}

async function run(id: string, name: string, cut: DatasetWriter['cut'], bytes: number, work: (writer: DatasetWriter) => Promise<DatasetRecord>): Promise<DatasetRecord> {
  try {
    await checkRoom(name, bytes, RESERVE_BYTES);
    return await work({
      id,
      cut,
      add: (shard, index, progress) =>
        write([...STORES], `the photos of ${name}`, async (transaction) => {
          await transaction.objectStore('shards').put(shard, [id, index.shard]);
          await transaction.objectStore('shardIndexes').put(index);
          await transaction.objectStore('imports').put(progress);
        }),
      commit: (record, indexes) =>
        write(['datasets', 'shardIndexes', 'imports'], `the index of ${name}`, async (transaction) => {
          for (const index of indexes) await transaction.objectStore('shardIndexes').put(index);
          await transaction.objectStore('datasets').put(record);
          await transaction.objectStore('imports').delete(id);
        }),
    });
  } catch (error) {
    // Where even this fails, the sweep of a later start removes them.
    await remove(id).catch(() => {});
    throw error;
  }
}

/** Imports that are not finished: those that go on, in whichever tab, and those that were cut off. */
async function listImports(): Promise<ImportRecord[]> {
  return (await database()).getAll('imports');
}

/** Imports that were cut off and can go on; oldest first. */
export async function listCutImports(): Promise<ImportRecord[]> {
  const { held = [] } = await navigator.locks.query();
  const running = new Set(held.map(({ name }) => name));
  const cut = (await listImports()).filter(({ id }) => !running.has(lockName(id)));
  return cut.sort((a, b) => (a.started < b.started ? -1 : 1));
}

/** Removes an import that was cut off. Does nothing to one that goes on. */
export async function discardImport(id: string): Promise<void> {
  await navigator.locks.request(lockName(id), { ifAvailable: true }, async (lock) => {
    if (lock) await remove(id);
  });
}

function remove(id: string): Promise<void> {
  return write([...STORES], 'the deletion', async (transaction) => {
    await Promise.all([
      transaction.objectStore('shards').delete(keysUnder(id)),
      transaction.objectStore('shardIndexes').delete(keysUnder(id)),
      transaction.objectStore('imports').delete(id),
    ]);
  });
}

/** Removes what was cut off long ago, and shards that no import and no dataset knows. What still goes on, here or in another tab, is left alone. */
export async function sweepImports(now = Date.now()): Promise<void> {
  for (const { id, started } of await listImports()) if (now - Date.parse(started) > KEPT_MS) await discardImport(id);
  for (const id of await strays()) await discardImport(id);
}

async function strays(): Promise<Set<string>> {
  const transaction = (await database()).transaction(['datasets', 'imports', 'shards']);
  const [datasets, imports, shards] = await Promise.all([
    transaction.objectStore('datasets').getAllKeys(),
    transaction.objectStore('imports').getAllKeys(),
    transaction.objectStore('shards').getAllKeys(),
  ]);
  const known = new Set([...datasets, ...imports]);
  return new Set(shards.map(([dataset]) => dataset).filter((id) => !known.has(id)));
}
