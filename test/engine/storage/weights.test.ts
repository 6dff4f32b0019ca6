import { expect } from 'chai';
import type { Weight } from '../../../src/engine/graph/types.js';
import { database, keysUnder } from '../../../src/engine/storage/database.js';
import { loadBest, saveBest } from '../../../src/engine/storage/weights.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';
import { expectError, withFullDisk } from '../data/photos.js';

const random = new Random(7, Purpose.sample);
const weight = (name: string, ...shape: number[]): Weight => ({
  name, shape, data: Float32Array.from({ length: shape.reduce((product, side) => product * side, 1) }, () => random.uniform()),
});
const chunks = async (run: string) => (await database()).getAllKeys('weightChunks', keysUnder(run));

describe('storage: weights', () => {
  let run: string;
  beforeEach(() => (run = crypto.randomUUID()));
  afterEach(async () => {
    const connection = await database();
    await connection.delete('weights', keysUnder(run));
    await connection.delete('weightChunks', keysUnder(run));
  });

  it('come back bit for bit, in chunks of 16 MB at most', async () => {
    // The second lies across a chunk's end; one is empty, one a scalar.
    const weights = [weight('a', 3, 3, 3, 8), weight('b', 2100, 2000), weight('empty', 0, 4), weight('scalar'), weight('c', 5)];
    await saveBest(run, weights);
    const stored = await (await database()).getAll('weightChunks', keysUnder(run));
    expect(stored.map(({ byteLength }) => byteLength)[0]).to.equal(16 * 2 ** 20);
    expect(stored).to.have.length(2);
    const loaded = await loadBest(run);
    expect(loaded.map(({ name, shape }) => ({ name, shape }))).to.deep.equal(weights.map(({ name, shape }) => ({ name, shape })));
    loaded.forEach(({ data, name }, i) => expect(indexedDB.cmp(data, weights[i].data), name).to.equal(0));
  });

  it('replace those before, with no chunk left of the old', async () => {
    await saveBest(run, [weight('w', 4)]);
    const newer = [weight('w', 4)];
    await saveBest(run, newer);
    expect(await chunks(run)).to.have.length(1);
    expect([...(await loadBest(run))[0].data]).to.deep.equal([...newer[0].data]);
  });

  for (const [store, put] of [['weightChunks', 1], ['weightChunks', 2], ['weights', 1]] as const) {
    it(`stay as they were when the disk fills at put ${put} into ${store}`, async () => {
      const older = [weight('w', 4)];
      await saveBest(run, older);
      const error = await expectError('disk-full', withFullDisk(store, put, () => saveBest(run, [weight('w', 2100, 2000)])));
      expect(error.details.what).to.equal('the best weights of a run');
      expect(await chunks(run)).to.have.length(1);
      expect([...(await loadBest(run))[0].data]).to.deep.equal([...older[0].data]);
    });
  }

  it('that were damaged are not given out', async () => {
    await saveBest(run, [weight('w', 4)]);
    const connection = await database();
    const [key] = await chunks(run);
    const bytes = (await connection.get('weightChunks', key))!;
    new Uint8Array(bytes)[5] ^= 1;
    await connection.put('weightChunks', bytes, key);
    await expectError('weights-broken', loadBest(run));
    await connection.delete('weightChunks', key);
    await expectError('weights-broken', loadBest(run));
  });

  it('that never were are missing', async () => {
    await expectError('weights-missing', loadBest(run));
  });
});
