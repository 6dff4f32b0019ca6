import { WinnowError } from '../support/errors.js';
import { database, keysUnder, write } from './database.js';
import type { DatasetRecord, ShardIndex } from './records.js';
import { deleteRunsOf } from './runs.js';

/** Oldest first. */
export async function listDatasets(): Promise<DatasetRecord[]> {
  const datasets = await (await database()).getAll('datasets');
  return datasets.sort((a, b) => (a.created < b.created ? -1 : 1));
}

/** @throws 'dataset-missing' */
export async function getDataset(id: string): Promise<DatasetRecord> {
  const dataset = await (await database()).get('datasets', id);
  if (!dataset) throw new WinnowError('dataset-missing', { id });
  return dataset;
}

/** Its runs, with their weights, go with it. Does nothing where it is not stored. */
export async function deleteDataset(id: string): Promise<void> {
  await write(['datasets', 'shards', 'shardIndexes', 'runs', 'weights', 'weightChunks'], 'the deletion', async (transaction) => {
    await Promise.all([
      transaction.objectStore('datasets').delete(id),
      transaction.objectStore('shards').delete(keysUnder(id)),
      transaction.objectStore('shardIndexes').delete(keysUnder(id)),
      deleteRunsOf(transaction, id),
    ]);
  });
}

/** All indexes of a dataset, in order. */
export async function shardIndexes(dataset: string): Promise<ShardIndex[]> {
  return (await database()).getAll('shardIndexes', keysUnder(dataset));
}

/** The bytes that {@link ShardIndex} cuts up. @throws 'dataset-missing' where it was deleted meanwhile. */
export async function readShard(dataset: string, shard: number): Promise<ArrayBuffer> {
  const bytes = await (await database()).get('shards', [dataset, shard]);
  if (!bytes) throw new WinnowError('dataset-missing', { id: dataset });
  return bytes;
}

/** The only way to store a dataset: shards as they come, then either `commit` or `discard`. */
export interface DatasetWriter {
  readonly id: string;
  /** Stores shard number 0, 1, … @throws 'disk-full' */
  add(bytes: ArrayBuffer): Promise<void>;
  /** Makes the dataset exist. @throws 'disk-full' */
  commit(record: DatasetRecord, indexes: readonly ShardIndex[]): Promise<void>;
  /** Removes whatever was added. */
  discard(): Promise<void>;
}

const lockName = (dataset: string) => `winnow-import-${dataset}`;

/**
 * Runs `work` with a writer for a new dataset. Its shards are not swept while `work` runs, in whichever tab;
 * when it throws they are removed, so a failed or cancelled import leaves nothing behind.
 * @param name of the dataset, for error messages.
 */
export async function writeDataset(id: string, name: string, work: (writer: DatasetWriter) => Promise<DatasetRecord>): Promise<DatasetRecord> {
  let shards = 0;
  const discard = () => write(['shards'], 'the deletion', async (transaction) => transaction.objectStore('shards').delete(keysUnder(id)));
  const writer: DatasetWriter = {
    id,
    discard,
    add: (bytes) => write(['shards'], `the photos of ${name}`, async (transaction) => void (await transaction.objectStore('shards').put(bytes, [id, shards++]))),
    commit: (record, indexes) =>
      write(['datasets', 'shardIndexes'], `the index of ${name}`, async (transaction) => {
        for (const index of indexes) await transaction.objectStore('shardIndexes').put(index);
        await transaction.objectStore('datasets').put(record);
      }),
  };
  return navigator.locks.request(lockName(id), async () => {
    try {
      return await work(writer);
    } catch (error) {
      // Where even this fails, the sweep of the next start removes them.
      await discard().catch(() => {});
      throw error;
    }
  });
}

/** Removes shards whose import never ended (a closed tab, a crash). Imports that still run, here or in another tab, are left alone. */
export async function sweepDatasets(): Promise<void> {
  for (const id of await unfinished()) {
    await navigator.locks.request(lockName(id), { ifAvailable: true }, async (lock) => {
      if (!lock) return;
      await write(['datasets', 'shards'], 'the deletion', async (transaction) => {
        const committed = await transaction.objectStore('datasets').getKey(id);
        if (committed === undefined) await transaction.objectStore('shards').delete(keysUnder(id));
      });
    });
  }
}

async function unfinished(): Promise<string[]> {
  const transaction = (await database()).transaction(['datasets', 'shards']);
  const committed = new Set(await transaction.objectStore('datasets').getAllKeys());
  const found = new Set<string>();
  for (const [dataset] of await transaction.objectStore('shards').getAllKeys()) if (!committed.has(dataset)) found.add(dataset);
  return [...found];
}
