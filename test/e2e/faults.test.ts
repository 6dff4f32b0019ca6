import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { buildFaultPage } from '../../scripts/faults.mjs';
import { allFaults } from '../faults/main.js';
import { root } from './browser.js';

describe('faults, the quick ones (npm run faults does the whole table)', () => {
  it('none of them costs a run', { timeout: 300_000 }, async () => {
    const folder = join(root, '.cache/faults-page');
    await buildFaultPage(root, folder);
    const rows = await allFaults(folder, 'short', 1);
    assert.deepEqual(rows.filter(({ lost }) => lost > 0), []);
    assert.equal(rows.length, 7);
  });
});
