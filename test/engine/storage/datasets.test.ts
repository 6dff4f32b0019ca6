import { expect } from 'chai';
import { connect, database, migrations, type Migration } from '../../../src/engine/storage/database.js';
import { deleteDataset, getDataset, listDatasets, readShard, shardIndexes, sweepDatasets, writeDataset } from '../../../src/engine/storage/datasets.js';
import type { DatasetRecord, ShardIndex } from '../../../src/engine/storage/records.js';
import { deleteRun, getRun, listRuns, saveRun } from '../../../src/engine/storage/runs.js';
import { storageUsage } from '../../../src/engine/storage/usage.js';
import { loadBest, saveBest } from '../../../src/engine/storage/weights.js';
import { countRecords, expectError, withFullDisk } from '../data/photos.js';
import { run } from './runs.js';

const record = (id: string, created = new Date().toISOString()): DatasetRecord => ({
  id, name: id, created, source: 'zip', classes: ['a', 'b'], counts: [1, 1], images: 2, bytes: 8, shards: 1, refused: [], refusedCount: 0,
});
const index = (dataset: string): ShardIndex => ({
  dataset, shard: 0, first: 0, labels: Uint16Array.of(0, 1), offsets: Uint32Array.of(0, 4), lengths: Uint32Array.of(4, 4), names: ['a/1', 'b/1'],
});
const store = (id: string) =>
  writeDataset(id, id, async (writer) => {
    await writer.add(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer);
    await writer.commit(record(id), [index(id)]);
    return record(id);
  });

describe('storage: datasets', () => {
  it('gives back what was stored, and nothing after deletion, runs and weights included', async () => {
    const before = await countRecords();
    const id = crypto.randomUUID();
    await store(id);
    await saveRun(run('run-of-it', id));
    await saveBest('run-of-it', [{ name: 'w', shape: [2], data: Float32Array.of(1, 2) }]);
    expect(await getDataset(id)).to.deep.equal(record(id, (await getDataset(id)).created));
    expect((await listDatasets()).map((dataset) => dataset.id)).to.include(id);
    expect(await shardIndexes(id)).to.deep.equal([index(id)]);
    expect([...new Uint8Array(await readShard(id, 0))]).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 8]);
    await deleteDataset(id);
    await expectError('dataset-missing', getDataset(id));
    await expectError('dataset-missing', readShard(id, 0));
    await expectError('run-missing', getRun('run-of-it'));
    expect(await countRecords()).to.deep.equal(before);
  });

  it('leaves nothing of a dataset whose writing failed', async () => {
    const before = await countRecords();
    const failure = new Error('halfway');
    const thrown = await writeDataset(crypto.randomUUID(), 'x', async (writer) => {
      await writer.add(new ArrayBuffer(8));
      throw failure;
    }).catch((error: unknown) => error);
    expect(thrown).to.equal(failure);
    expect(await countRecords()).to.deep.equal(before);
  });

  it('commits a record only with its indexes, and says what a full disk had no room for', async () => {
    const kept = crypto.randomUUID();
    await store(kept);
    const before = await countRecords();
    for (const [full, what] of [['shards', 'the photos of late'], ['shardIndexes', 'the index of late'], ['datasets', 'the index of late']]) {
      const error = await expectError('disk-full', withFullDisk(full, 1, () => writeDataset('late', 'late', async (writer) => {
        await writer.add(new ArrayBuffer(8));
        await writer.commit(record('late'), [index('late')]);
        return record('late');
      })));
      expect(error.details.what).to.equal(what);
      expect(await countRecords(), full).to.deep.equal(before);
    }
    expect((await readShard(kept, 0)).byteLength).to.equal(8);
    await deleteDataset(kept);
  });

  it('sweeps what an import left that never ended, but not one that still runs', async () => {
    const before = await countRecords();
    await (await database()).put('shards', new ArrayBuffer(4), ['left-behind', 0]);
    await writeDataset('running', 'running', async (writer) => {
      await writer.add(new ArrayBuffer(8));
      await sweepDatasets();
      expect((await countRecords()).shards).to.equal(before.shards + 1);
      await writer.commit(record('running'), [index('running')]);
      await sweepDatasets();
      return record('running');
    });
    expect((await readShard('running', 0)).byteLength).to.equal(8);
    await deleteDataset('running');
    expect(await countRecords()).to.deep.equal(before);
  });

  it('estimates what is used', async () => {
    const { usedBytes, quotaBytes } = await storageUsage();
    expect(quotaBytes).to.be.greaterThan(usedBytes);
  });
});

describe('storage: runs', () => {
  it('replaces, lists by age and by dataset, deletes with the weights', async () => {
    const before = await countRecords();
    await saveRun(run('new', 'd1', '2026-01-02T00:00:00Z'));
    await saveRun(run('old', 'd2', '2026-01-01T00:00:00Z'));
    await saveRun({ ...run('new', 'd1', '2026-01-02T00:00:00Z'), path: 'compiled' });
    expect((await getRun('new')).path).to.equal('compiled');
    expect((await listRuns()).map(({ id }) => id).filter((id) => id === 'old' || id === 'new')).to.deep.equal(['old', 'new']);
    expect((await listRuns('d1')).map(({ id }) => id)).to.deep.equal(['new']);
    await saveBest('new', [{ name: 'w', shape: [1], data: Float32Array.of(1) }]);
    await deleteRun('new');
    await deleteRun('old');
    await expectError('run-missing', getRun('new'));
    await expectError('weights-missing', loadBest('new'));
    expect(await countRecords()).to.deep.equal(before);
  });
});

describe('storage: the database', () => {
  const second: Migration = (upgraded) => void upgraded.createObjectStore('later' as never);

  it('migrates step by step and keeps what was there', async () => {
    const name = `winnow-test-${crypto.randomUUID()}`;
    let lost = 0;
    const old = await connect(name, migrations, () => lost++);
    await old.put('datasets', record('kept'));
    // The older connection gives way of its own accord.
    const upgraded = await connect(name, [...migrations, second]);
    expect(lost).to.equal(1);
    expect(upgraded.version).to.equal(2);
    expect([...upgraded.objectStoreNames]).to.include('later');
    expect((await upgraded.get('datasets', 'kept'))?.id).to.equal('kept');
    upgraded.close();
    indexedDB.deleteDatabase(name);
  });

  it('says so where an older tab does not give way, and closes the connection that comes late', async () => {
    const name = `winnow-test-${crypto.randomUUID()}`;
    (await connect(name, migrations)).close();
    const stubborn = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
    });
    await expectError('storage-blocked', connect(name, [...migrations, second]));
    stubborn.close();
    const later = await connect(name, [...migrations, second]);
    later.close();
    indexedDB.deleteDatabase(name);
  });

  it('refuses a database of a later Winnow', async () => {
    const name = `winnow-test-${crypto.randomUUID()}`;
    (await connect(name, [...migrations, second])).close();
    await expectError('storage-failed', connect(name, migrations));
    indexedDB.deleteDatabase(name);
  });

  it('opens again after another tab closed it', async () => {
    const first = await database();
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.open('winnow', first.version + 1);
      request.onupgradeneeded = () => request.transaction!.abort();
      request.onerror = () => resolve();
      request.onblocked = () => reject(new Error('blocked'));
    });
    const again = await database();
    expect(again).not.to.equal(first);
    expect(await again.count('datasets')).to.be.at.least(0);
  });
});
