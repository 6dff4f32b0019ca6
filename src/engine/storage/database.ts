import { openDB, type DBSchema, type IDBPDatabase, type IDBPTransaction, type StoreNames } from 'idb';
import { WinnowError } from '../support/errors.js';
import type { CheckpointManifest, DatasetRecord, ImportRecord, RunRecord, ShardIndex, WeightChunkKey, WeightsManifest } from './records.js';

export interface Schema extends DBSchema {
  datasets: { key: string; value: DatasetRecord };
  /** Encoded photos end to end, by [dataset, shard]. */
  shards: { key: [dataset: string, shard: number]; value: ArrayBuffer };
  shardIndexes: { key: [dataset: string, shard: number]; value: ShardIndex };
  /** Of datasets that are not there yet. */
  imports: { key: string; value: ImportRecord };
  runs: { key: string; value: RunRecord; indexes: { dataset: string } };
  /** Manifests; the floats are in weightChunks. */
  weights: { key: [run: string, kind: string]; value: WeightsManifest | CheckpointManifest };
  weightChunks: { key: WeightChunkKey; value: ArrayBuffer };
}
export type Store = StoreNames<Schema>;
export type WriteTransaction = IDBPTransaction<Schema, Store[], 'readwrite'>;

export type Migration = (database: IDBPDatabase<Schema>) => void;

/** Migration i leads from version i to version i + 1. One that has been released is never changed; a new schema is a new entry. */
export const migrations: readonly Migration[] = [
  (database) => {
    database.createObjectStore('datasets', { keyPath: 'id' });
    database.createObjectStore('shards');
    database.createObjectStore('shardIndexes', { keyPath: ['dataset', 'shard'] });
    database.createObjectStore('runs', { keyPath: 'id' }).createIndex('dataset', 'dataset');
    database.createObjectStore('weights', { keyPath: ['run', 'kind'] });
    database.createObjectStore('weightChunks');
  },
  (database) => {
    database.createObjectStore('imports', { keyPath: 'id' });
  },
];

let opened: Promise<IDBPDatabase<Schema>> | null = null;

/** The one connection of this thread, opened on first use and again after the browser or another tab's upgrade closed it. */
export function database(): Promise<IDBPDatabase<Schema>> {
  if (opened) return opened;
  const opening = connect('winnow', migrations, () => {
    if (opened === opening) opened = null;
  });
  opened = opening;
  opening.catch(() => {
    if (opened === opening) opened = null;
  });
  return opening;
}

/**
 * Opens (creating or migrating) a database of Winnow's schema. Gives way when another tab wants to upgrade it.
 * @param lost called when the connection has gone.
 * @throws 'storage-blocked' where an older version stays open elsewhere, 'storage-failed' where the browser has no storage.
 */
export async function connect(name: string, migrations: readonly Migration[], lost: () => void = () => {}): Promise<IDBPDatabase<Schema>> {
  let refuse: (error: WinnowError) => void;
  let refused = false;
  const blocked = new Promise<never>((_, reject) => (refuse = reject));
  blocked.catch(() => {});
  const opening = openDB<Schema>(name, migrations.length, {
    upgrade(database, oldVersion) {
      for (const migrate of migrations.slice(oldVersion)) migrate(database);
    },
    blocked() {
      refused = true;
      refuse(new WinnowError('storage-blocked'));
    },
    blocking(_current, _blocked, event) {
      (event.target as IDBDatabase).close();
      lost();
    },
    terminated: lost,
  });
  opening.then((late) => refused && late.close(), () => {});
  try {
    return await Promise.race([opening, blocked]);
  } catch (error) {
    if (error instanceof WinnowError) throw error;
    throw new WinnowError('storage-failed', { why: error instanceof Error ? error.message : String(error) }, { cause: error });
  }
}

/**
 * One strict transaction: resolves when its changes are on the disk, and changes nothing if it fails.
 * `body` may await nothing but the transaction's own requests.
 * @param what is being stored, for a person.
 * @throws 'disk-full' where there is no room.
 */
export async function write<T>(stores: Store[], what: string, body: (transaction: WriteTransaction) => Promise<T>): Promise<T> {
  const transaction = (await database()).transaction(stores, 'readwrite', { durability: 'strict' });
  const done = transaction.done;
  done.catch(() => {});
  try {
    const result = await body(transaction);
    await done;
    return result;
  } catch (error) {
    try {
      transaction.abort();
    } catch {
      // It is over already: the browser aborted it.
    }
    const causes: unknown[] = [error, transaction.error];
    const full = causes.find(isQuotaError);
    throw full ? new WinnowError('disk-full', { what }, { cause: full }) : error;
  }
}

function isQuotaError(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'QuotaExceededError';
}

/** Every key that begins with `prefix`: an array sorts after every string and number. */
export function keysUnder(...prefix: (string | number)[]): IDBKeyRange {
  return IDBKeyRange.bound(prefix, [...prefix, []]);
}
