import { expect } from 'chai';
import { testRandom } from '../../support/close.js';
import { fuzzModels } from './fuzz.js';

describe('files of models changed at random', () => {
  it('are read or refused with a type, whatever the change; a hundred times as many by scripts/fuzz-models.mjs', async () => {
    const { refused, read, broken } = await fuzzModels(testRandom('fuzz').uint32(), 0, 1000);
    expect(broken).to.deep.equal([]);
    expect(refused + read).to.equal(1000);
    expect(refused, 'most are refused').to.be.above(500);
  });
});
