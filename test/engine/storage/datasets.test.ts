import { expect } from 'chai';
import { connect, database, migrations, type Migration } from '../../../src/engine/storage/database.js';
import { deleteDataset, getDataset, listDatasets, readShard, shardIndexes } from '../../../src/engine/storage/datasets.js';
import { discardImport, listCutImports, sweepImports, writeDataset } from '../../../src/engine/storage/imports.js';
import type { DatasetRecord, ImportRecord, ShardIndex } from '../../../src/engine/storage/records.js';
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
const progress = (id: string, started = new Date().toISOString()): ImportRecord => ({
  id, name: id, fingerprint: `of ${id}`, started, done: 2, total: 4, shards: 1, images: 2, bytes: 8, counts: [1, 1], left: [1, 1], refused: [], refusedCount: 0,
});
const shard = () => Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer;
/** @returns the id that it was given. */
const store = async (name: string) => {
  const stored = await writeDataset(name, name, 8, async (writer) => {
    await writer.add(shard(), index(writer.id), progress(writer.id));
    await writer.commit(record(writer.id), []);
    return record(writer.id);
  });
  return stored.id;
};
/** As a closed tab leaves it. */
const leaveCut = async (id: string, started?: string) => {
  const connection = await database();
  await connection.put('shards', shard(), [id, 0]);
  await connection.put('shardIndexes', index(id));
  await connection.put('imports', progress(id, started));
};

describe('storage: datasets', () => {
  it('gives back what was stored, and nothing after deletion, runs and weights included', async () => {
    const before = await countRecords();
    const id = await store('kept');
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
    const thrown = await writeDataset('x', 'x', 8, async (writer) => {
      await writer.add(shard(), index(writer.id), progress(writer.id));
      throw failure;
    }).catch((error: unknown) => error);
    expect(thrown).to.equal(failure);
    expect(await countRecords()).to.deep.equal(before);
  });

  it('stores a shard only with its index and how far it is, and says what a full disk had no room for', async () => {
    const kept = await store('kept');
    const before = await countRecords();
    for (const [full, what] of [['shards', 'the photos of late'], ['shardIndexes', 'the photos of late'], ['imports', 'the photos of late'], ['datasets', 'the index of late']]) {
      const error = await expectError('disk-full', withFullDisk(full, 1, () => writeDataset('late', 'late', 8, async (writer) => {
        await writer.add(shard(), index(writer.id), progress(writer.id));
        await writer.commit(record(writer.id), []);
        return record(writer.id);
      })));
      expect(error.details.what).to.equal(what);
      expect(await countRecords(), full).to.deep.equal(before);
    }
    expect((await readShard(kept, 0)).byteLength).to.equal(8);
    await deleteDataset(kept);
  });

  it('asks beforehand whether there is room', async () => {
    const error = await expectError('disk-short', writeDataset('huge', 'huge', 1e15, () => expect.fail('it began')));
    expect(error.details).to.include({ source: 'huge', needs: '1000000000 MB' });
  });

  it('goes on with what was cut off when the same files come again, and with nothing else', async () => {
    const before = await countRecords();
    const known = new Set((await listDatasets()).map(({ id }) => id));
    await leaveCut('cut');
    expect((await listCutImports()).map(({ id }) => id)).to.deep.equal(['cut']);
    await store('others');
    expect((await listCutImports()).map(({ id }) => id)).to.deep.equal(['cut']);
    const finished = await writeDataset('cut', 'of cut', 16, async (writer) => {
      expect(writer.id).to.equal('cut');
      expect(writer.cut).to.deep.equal({ progress: progress('cut', writer.cut!.progress.started), indexes: [index('cut')] });
      expect(await listCutImports(), 'it goes on').to.deep.equal([]);
      // A second of the same files at the same time begins anew.
      const second = await writeDataset('cut', 'of cut', 16, async (other) => {
        expect(other.cut).to.equal(null);
        await other.commit(record(other.id), []);
        return record(other.id);
      });
      expect(second.id).not.to.equal('cut');
      await deleteDataset(second.id);
      await writer.commit(record('cut'), []);
      return record('cut');
    });
    expect(finished.id).to.equal('cut');
    expect(await listCutImports()).to.deep.equal([]);
    for (const { id } of await listDatasets()) if (!known.has(id)) await deleteDataset(id);
    expect(await countRecords()).to.deep.equal(before);
  });

  it('keeps what was cut off for two weeks, unless it is discarded; sweeps what nobody knows, and nothing that still runs', async () => {
    const before = await countRecords();
    await (await database()).put('shards', new ArrayBuffer(4), ['left-behind', 0]);
    await leaveCut('old', new Date(Date.now() - 15 * 24 * 3600 * 1000).toISOString());
    await leaveCut('young');
    const id = await (async () => {
      const stored = await writeDataset('running', 'running', 8, async (writer) => {
        await writer.add(shard(), index(writer.id), progress(writer.id, '2020-01-01T00:00:00Z'));
        await sweepImports();
        await discardImport(writer.id);
        expect((await countRecords()).shards).to.equal(before.shards + 2);
        await writer.commit(record(writer.id), []);
        await sweepImports();
        return record(writer.id);
      });
      return stored.id;
    })();
    expect((await readShard(id, 0)).byteLength).to.equal(8);
    expect((await listCutImports()).map((cut) => cut.id)).to.deep.equal(['young']);
    await discardImport('young');
    await deleteDataset(id);
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
  const next: Migration = (upgraded) => void upgraded.createObjectStore('later' as never);

  it('migrates step by step and keeps what was there', async () => {
    const name = `winnow-test-${crypto.randomUUID()}`;
    let lost = 0;
    const old = await connect(name, migrations, () => lost++);
    await old.put('datasets', record('kept'));
    // The older connection gives way of its own accord.
    const upgraded = await connect(name, [...migrations, next]);
    expect(lost).to.equal(1);
    expect(upgraded.version).to.equal(migrations.length + 1);
    expect([...upgraded.objectStoreNames]).to.include('later');
    expect((await upgraded.get('datasets', 'kept'))?.id).to.equal('kept');
    upgraded.close();
    indexedDB.deleteDatabase(name);
  });

  for (let version = 1; version < migrations.length; version++) {
    it(`leads from version ${version} to today's with everything that was there`, async () => {
      const name = `winnow-test-${crypto.randomUUID()}`;
      const old = await connect(name, migrations.slice(0, version));
      const chunk = new ArrayBuffer(8);
      const there = {
        datasets: [undefined, record('d')], shards: [['d', 0], chunk], shardIndexes: [undefined, index('d')], runs: [undefined, run('r', 'd')],
        weights: [undefined, { run: 'r', kind: 'best', generation: 'g', weights: [], chunks: [] }], weightChunks: [['r', 'best', 'g', 0], chunk],
      } as const;
      for (const [at, [key, value]] of Object.entries(there)) await old.put(at as never, value, key as never);
      old.close();
      const now = await connect(name, migrations);
      expect(now.version).to.equal(migrations.length);
      for (const [at, [, value]] of Object.entries(there)) expect(await now.getAll(at as never), at).to.deep.equal([value]);
      await now.put('imports', progress('i'));
      now.close();
      indexedDB.deleteDatabase(name);
    });
  }

  it('says so where an older tab does not give way, and closes the connection that comes late', async () => {
    const name = `winnow-test-${crypto.randomUUID()}`;
    (await connect(name, migrations)).close();
    const stubborn = await new Promise<IDBDatabase>((resolve) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
    });
    await expectError('storage-blocked', connect(name, [...migrations, next]));
    stubborn.close();
    const later = await connect(name, [...migrations, next]);
    later.close();
    indexedDB.deleteDatabase(name);
  });

  it('refuses a database of a later Winnow', async () => {
    const name = `winnow-test-${crypto.randomUUID()}`;
    (await connect(name, [...migrations, next])).close();
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
