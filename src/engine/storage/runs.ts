import { WinnowError } from '../support/errors.js';
import { defaultSettings } from '../support/settings.js';
import { database, keysUnder, write, type WriteTransaction } from './database.js';
import type { RunRecord, RunResult } from './records.js';

/** Stores or replaces a run. @throws 'disk-full' */
export async function saveRun(run: RunRecord): Promise<void> {
  await write(['runs'], `the run of ${run.settings.arch}`, async (transaction) => void (await transaction.objectStore('runs').put(run)));
}

/** @throws 'run-missing' */
export async function getRun(id: string): Promise<RunRecord> {
  const run = await (await database()).get('runs', id);
  if (!run) throw new WinnowError('run-missing', { id });
  return complete(run);
}

/** @throws 'weights-missing' where it has none. */
export function resultOf({ id, state }: RunRecord): RunResult {
  const result = state.kind === 'done' || state.kind === 'stopped' ? state.result : null;
  if (result === null) throw new WinnowError('weights-missing', { id, kind: 'best' });
  return result;
}

/** Oldest first; of one dataset where it is given. */
export async function listRuns(dataset?: string): Promise<RunRecord[]> {
  const connection = await database();
  const runs = dataset === undefined ? await connection.getAll('runs') : await connection.getAllFromIndex('runs', 'dataset', dataset);
  return runs.map(complete).sort((a, b) => (a.created < b.created ? -1 : 1));
}

/** Its weights go with it. Does nothing where it is not stored. */
export async function deleteRun(id: string): Promise<void> {
  await write(['runs', 'weights', 'weightChunks'], 'the deletion', (transaction) => remove(transaction, id));
}

export async function deleteRunsOf(transaction: WriteTransaction, dataset: string): Promise<void> {
  const runs = await transaction.objectStore('runs').index('dataset').getAllKeys(dataset);
  await Promise.all(runs.map((run) => remove(transaction, run)));
}

/** A setting that did not exist when a run was stored has the default that it then had in effect. */
function complete(run: RunRecord): RunRecord {
  return { ...run, settings: { ...defaultSettings, ...run.settings } };
}

async function remove(transaction: WriteTransaction, run: string): Promise<void> {
  await Promise.all([
    transaction.objectStore('runs').delete(run),
    transaction.objectStore('weights').delete(keysUnder(run)),
    transaction.objectStore('weightChunks').delete(keysUnder(run)),
  ]);
}
