import { expect } from 'chai';
import type { Weight } from '../../../src/engine/graph/types.js';
import { loadCheckpoint, saveCheckpoint } from '../../../src/engine/storage/checkpoints.js';
import { database, keysUnder } from '../../../src/engine/storage/database.js';
import { loadBest, saveBest } from '../../../src/engine/storage/weights.js';
import { WinnowError } from '../../../src/engine/support/errors.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';
import { expectError, withFullDisk } from '../data/photos.js';

const random = new Random(11, Purpose.sample);
const weight = (name: string, ...shape: number[]): Weight => ({
  name, shape, data: Float32Array.from({ length: shape.reduce((product, side) => product * side, 1) }, () => random.uniform()),
});

describe('storage: checkpoints', () => {
  let run: string;
  const keys = async () => (await database()).getAllKeys('weightChunks', keysUnder(run));
  const save = async (step: number, weights = [weight('w', 3, 5)]) => {
    const slots = [weight('w/m', 3, 5), weight('w/v', 3, 5)];
    await saveCheckpoint(run, { step, loss: Infinity }, { weights: async () => weights, optimizer: async () => ({ step, slots }) });
    return { weights, slots };
  };
  const load = async () => {
    const damaged: string[] = [];
    const checkpoint = await loadCheckpoint<{ step: number; loss: number }>(run, ({ code }) => damaged.push(code));
    return { ...checkpoint, damaged: damaged.length };
  };
  const floats = (weights: readonly Weight[]) => weights.map(({ data }) => [...data]);

  beforeEach(() => (run = crypto.randomUUID()));
  afterEach(async () => {
    const connection = await database();
    await connection.delete('weights', keysUnder(run));
    await connection.delete('weightChunks', keysUnder(run));
  });

  it('come back bit for bit: the newest of two generations, with the best weights of then', async () => {
    await expectError('weights-missing', loadCheckpoint(run));
    await save(1);
    expect((await load()).best).to.equal(null);
    const best = [weight('w', 3, 5)];
    await saveBest(run, best);
    for (const step of [2, 3, 4]) {
      const given = await save(step, [weight('w', 3, 5), weight('large', 2100, 2000)]);
      const found = await load();
      expect(found.state).to.deep.equal({ step, loss: Infinity });
      expect(found.optimizer.step).to.equal(step);
      expect(indexedDB.cmp(found.weights[1].data, given.weights[1].data)).to.equal(0);
      expect(floats(found.optimizer.slots)).to.deep.equal(floats(given.slots));
      expect(floats(found.best!)).to.deep.equal(floats(best));
      expect(found.damaged).to.equal(0);
    }
    // Two generations, each of two chunks of weights and one of slots; one of the best.
    expect(await keys()).to.have.length(7);
  });

  it('one that is damaged, in any chunk or in its manifest, gives way to the one before', async () => {
    const connection = await database();
    const places = async () => {
      const found = await connection.getAll('weights', keysUnder(run));
      return found.filter((manifest) => 'number' in manifest).sort((a, b) => b.number - a.number)[0];
    };
    for (const damage of ['weights', 'slots', 'best', 'state', 'checksum', 'missing'] as const) {
      await saveBest(run, [weight('w', 3, 5)]);
      const older = await save(1);
      await saveBest(run, [weight('w', 3, 5)]);
      await save(2);
      const manifest = await places();
      const { generation, kind } = manifest;
      const flip = async (key: [string, string, string, number]) => {
        const bytes = (await connection.get('weightChunks', key))!;
        new Uint8Array(bytes)[random.below(bytes.byteLength)] ^= 1 << random.below(8);
        await connection.put('weightChunks', bytes, key);
      };
      if (damage === 'weights') await flip([run, kind, generation, 0]);
      if (damage === 'slots') await flip([run, kind, generation, 1]);
      if (damage === 'best') await flip([run, 'best', manifest.best!.generation, 0]);
      if (damage === 'missing') await connection.delete('weightChunks', [run, kind, generation, 1]);
      if (damage === 'state') await connection.put('weights', { ...manifest, state: { step: 3, loss: Infinity } });
      if (damage === 'checksum') await connection.put('weights', { ...manifest, chunks: manifest.chunks.map((chunk) => ({ ...chunk, sha256: chunk.sha256.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) })) });
      const found = await load();
      expect([found.state.step, found.damaged], damage).to.deep.equal([1, 1]);
      expect(floats(found.weights), damage).to.deep.equal(floats(older.weights));
      expect(found.best, damage).not.to.equal(null);
    }
  });

  it('where the best weights of both are damaged the run goes on without, and where all is damaged it says so', async () => {
    const connection = await database();
    await saveBest(run, [weight('w', 3, 5)]);
    await save(1);
    await save(2);
    for (const wanted of [['best'], ['checkpoint 0', 'checkpoint 1']]) {
      for (const key of await keys()) if (wanted.includes(key[1])) await connection.put('weightChunks', new ArrayBuffer(60), key);
      if (wanted[0] === 'best') {
        const found = await load();
        expect([found.state.step, found.best]).to.deep.equal([2, null]);
      } else await expectError('weights-broken', loadCheckpoint(run));
    }
    await expectError('weights-broken', loadBest(run));
  });

  for (const [store, put] of [['weightChunks', 1], ['weightChunks', 2], ['weightChunks', 3], ['weights', 1]] as const) {
    it(`stay as they were when the disk fills at put ${put} into ${store}`, async () => {
      await saveBest(run, [weight('w', 3, 5)]);
      await save(1);
      const last = await save(2);
      const before = await keys();
      const error = await expectError('disk-full', withFullDisk(store, put, () => save(3, [weight('w', 3, 5), weight('large', 2100, 2000)])));
      expect(error.details.what).to.equal('the checkpoint of a run');
      expect(error).to.be.instanceOf(WinnowError);
      expect(await keys()).to.deep.equal(before);
      const found = await load();
      expect([found.state.step, found.damaged]).to.deep.equal([2, 0]);
      expect(floats(found.weights)).to.deep.equal(floats(last.weights));
    });
  }
});
