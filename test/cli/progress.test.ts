import { expect } from 'chai';
import { Progress } from '../../src/cli/progress.js';
import type { PageEvent } from '../../src/cli/page-api.js';

const step: PageEvent = { type: 'progress', run: 'r', epoch: 2, step: 3, steps: 10, loss: 0.5, accuracy: 0.75, imagesPerSecond: 120.4, secondsLeft: 71, gpuBytes: 0 };
const epoch: PageEvent = {
  type: 'epoch', run: 'r', best: true,
  record: { epoch: 2, loss: 0.4, accuracy: 0.8, valLoss: 0.45, valAccuracy: 0.79, seconds: 12.34, imagesPerSecond: 118 },
};

/** Back to the start of the line, and erase it. */
const clear = '\r\x1b[2K';

function progress({ isTTY, quiet = false }: { isTTY: boolean; quiet?: boolean }) {
  let written = '';
  const clock = { now: 0 };
  const bar = new Progress({ isTTY, columns: 60, write: (text) => (written += text) }, quiet, () => clock.now);
  return { bar, clock, text: () => written };
}

describe('progress on a terminal', () => {
  it('writes over one line, cut to the width, and clears it for a line that stays', () => {
    const { bar, text } = progress({ isTTY: true });
    bar.show(step, 'cnn');
    const live = text();
    expect(live.startsWith(`${clear}cnn: epoch 2, step 3 of 10, loss 0.5000`)).to.equal(true);
    expect(live.length - clear.length).to.be.at.most(59);
    bar.show(epoch, 'cnn');
    const kept = text().slice(live.length);
    expect(kept.startsWith(clear)).to.equal(true);
    expect(kept.slice(clear.length)).to.match(/^cnn: epoch 2: .*validation loss 0\.4500, accuracy 0\.7900, .*best so far\n$/);
  });

  it('writes plain lines elsewhere: every epoch, steps at most every ten seconds', () => {
    const { bar, clock, text } = progress({ isTTY: false });
    for (clock.now = 0; clock.now < 25_000; clock.now += 1000) bar.show(step, 'cnn');
    bar.show(epoch, 'cnn');
    const lines = text().trimEnd().split('\n');
    expect(lines.filter((line) => line.includes('step 3 of 10'))).to.have.length(3);
    expect(lines.at(-1)).to.contain('epoch 2:');
    expect(text()).not.to.contain('\r');
    expect(text()).not.to.contain('\x1b');
    expect(lines[0]).to.equal('cnn: epoch 2, step 3 of 10, loss 0.5000, accuracy 0.7500, 120 images/s, 1 min 11 s left');
  });

  it('says nothing when quiet', () => {
    const { bar, text } = progress({ isTTY: true, quiet: true });
    bar.show(step, 'cnn');
    bar.show(epoch, 'cnn');
    bar.clear();
    expect(text()).to.equal('');
  });
});
