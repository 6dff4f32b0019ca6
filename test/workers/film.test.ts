import { expect } from 'chai';
import type { Weight } from '../../src/engine/graph/types.js';
import { Film } from '../../src/workers/film.js';

/** An engine whose only weight is `value`, of `length` floats. */
const engine = (value: number, length = 4) => ({ readWeights: async (): Promise<Weight[]> => [{ name: 'dense/kernel', shape: [length], data: new Float32Array(length).fill(value) }] });
const BYTES = 16;

describe('the weights of every epoch', () => {
  it('come back as they were at their epoch', async () => {
    const film = new Film();
    for (const epoch of [1, 2, 3]) await film.take('run', epoch, engine(epoch), BYTES);
    expect(film.epochs('run')).to.deep.equal([1, 2, 3]);
    expect(film.weights('run', 2)[0].data[0]).to.equal(2);
    expect(() => film.weights('run', 4)).to.throw().with.property('code', 'call-invalid');
    film.forget('run');
    expect(film.epochs('run')).to.deep.equal([]);
  });

  it('keep within the budget: first older runs go, then epochs between others, and the first and the last stay', async () => {
    const film = new Film(6 * BYTES);
    await film.take('old', 1, engine(1), BYTES);
    for (let epoch = 1; epoch <= 20; epoch++) {
      await film.take('new', epoch, engine(epoch), BYTES);
      expect(film.epochs('new').length).to.be.at.most(6);
    }
    expect(film.epochs('old')).to.deep.equal([]);
    const kept = film.epochs('new');
    expect([kept.length, kept[0], kept.at(-1)]).to.deep.equal([6, 1, 20]);
    // Spread, not bunched at one end.
    expect(Math.max(...kept.slice(1).map((epoch, i) => epoch - kept[i]))).to.be.at.most(8);
  });

  it('are none of a network too large for four of them, and none of a run that was deleted meanwhile', async () => {
    const film = new Film(3 * BYTES);
    await film.take('run', 1, engine(1), BYTES);
    expect(film.epochs('run')).to.deep.equal([]);
    const other = new Film();
    const taking = other.take('run', 1, engine(1), BYTES);
    other.forget('run');
    await taking;
    expect(other.epochs('run')).to.deep.equal([]);
  });
});
