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
