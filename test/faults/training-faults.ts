import assert from 'node:assert/strict';
import type { RunRecord } from '../../src/engine/storage/records.js';
import type { Fault } from './table.js';
import { pause, type Tab } from './tab.js';
import { kinds, type Ground } from './training.js';

const isResumed = (event: { type: string; error?: { code: string } }): boolean => event.type === 'notice' && event.error?.code === 'resumed';

/** Seconds until it trains again, where it has not just ended. @param kept the step that a checkpoint was of: it goes on from there, not from its start. */
async function trainsAgain(tab: Tab, since: number, kept: number, ended: Promise<RunRecord>): Promise<number | null> {
  const at = await Promise.race([tab.hears((event) => event.type === 'progress', 60, since), ended.then(() => null)]);
  if (at === null) return null;
  const position = tab.position(since);
  assert.ok(position > kept, `a checkpoint was of step ${kept}, and it went on with ${position}`);
  return (at - since) / 1000;
}

/** What happens to a run, and how it must end. @param crash a browser whose GPU process may crash as often as it likes. */
export function trainingFaults(ground: () => Promise<Ground>, crash: () => Promise<Ground>): Fault[] {
  return [
    {
      name: 'nothing happens: what checkpoints cost',
      times: { full: 1, quick: 1, short: 0 },
      unit: '% of the time trained',
      async once(_, size) {
        const { checkpoints } = await (await ground()).undisturbed(kinds(size).long);
        assert.ok(checkpoints && checkpoints.count > 1 && checkpoints.share <= 0.03, JSON.stringify(checkpoints));
        return checkpoints.share * 100;
      },
    },
    {
      name: 'trainer worker killed at a random step',
      times: { full: 50, quick: 6, short: 1 },
      unit: 's until it trains again',
      async once(random, size) {
        const place = await ground();
        // One in six on the reference path.
        const { compiled, cpu } = kinds(size);
        const of = size !== 'short' && random.below(6) === 0 ? cpu : compiled;
        const { tab, ended } = await place.training(random, of, 0.8);
        await pause(random.below(100));
        const kept = await tab.checkpointAt();
        const killed = performance.now();
        await tab.killWorker('trainer');
        const again = of === cpu ? null : await trainsAgain(tab, killed + 1, kept, ended);
        await place.endsAlike(await ended, of);
        await tab.close();
        return again;
      },
    },
    {
      name: 'data worker killed at a random step',
      times: { full: 10, quick: 2, short: 0 },
      unit: 's until it trains again',
      async once(random, size) {
        const place = await ground();
        const of = kinds(size).compiled;
        const { tab, ended } = await place.training(random, of, 0.8);
        const kept = await tab.checkpointAt();
        const killed = performance.now();
        await tab.killWorker('data');
        const again = await trainsAgain(tab, killed + 200, kept, ended);
        await place.endsAlike(await ended, of);
        await tab.close();
        return again;
      },
    },
    {
      name: 'worker hangs',
      times: { full: 5, quick: 2, short: 0 },
      unit: 's until it was noticed',
      async once(random, size) {
        const place = await ground();
        const of = kinds(size).compiled;
        const { tab, ended } = await place.training(random, of, 0.5);
        const hung = performance.now();
        const pending = tab.page.evaluate(() => globalThis.winnow!.postModel('nobody', '/nowhere'));
        tab.hang('trainer');
        const noticed = ((await tab.hears(isResumed, 30, hung)) - hung) / 1000;
        await pending;
        await place.endsAlike(await ended, of);
        // Its slowest step was of some milliseconds.
        assert.ok(noticed <= 5.5, `noticed after ${noticed} s`);
        await tab.close();
        return noticed;
      },
    },
    {
      name: 'page closed and reopened in mid-epoch',
      times: { full: 20, quick: 3, short: 1 },
      unit: 's from one click to training again',
      async once(random, size) {
        const place = await ground();
        const of = kinds(size).compiled;
        const { id, kept } = await place.interrupted(random, of);
        const tab = await place.tab();
        assert.equal((await tab.run(id)).state.kind, 'interrupted');
        const clicked = performance.now();
        const ended = tab.call('resumeRun', id);
        const again = await trainsAgain(tab, clicked, kept, ended);
        await place.endsAlike(await ended, of);
        await tab.close();
        return again;
      },
    },
    {
      name: 'GPU device lost at a random moment',
      times: { full: 50, quick: 6, short: 1 },
      unit: 's until it was noticed',
      async once(random, size) {
        const place = await ground();
        const of = kinds(size).compiled;
        const { tab, ended } = await place.training(random, of, 0.8);
        await pause(random.below(100));
        const lost = performance.now();
        await tab.destroyDevice();
        const noticed = ((await tab.hears(isResumed, 30, lost)) - lost) / 1000;
        await place.endsAlike(await ended, of);
        assert.ok(noticed <= 2, `noticed after ${noticed} s`);
        await place.storesNoNaN(tab);
        await tab.close();
        return noticed;
      },
    },
    {
      name: 'GPU lost three times in five minutes',
      times: { full: 5, quick: 1, short: 0 },
      unit: 's until it stopped',
      async once(_, size) {
        const place = await ground();
        const of = kinds(size).compiled;
        await place.undisturbed(of);
        const tab = await place.tab();
        const ended = tab.call('train', place.dataset, of.settings);
        let from = 0;
        for (let loss = 0; loss < 3; loss++) {
          await tab.hears((event) => event.type === 'progress', 60, from);
          await pause(50);
          from = performance.now();
          await tab.destroyDevice();
          if (loss < 2) await tab.hears(isResumed, 10, from);
        }
        const run = await ended;
        const stopped = (performance.now() - from) / 1000;
        assert.equal(run.state.kind === 'failed' ? run.state.error.code : run.state.kind, 'gpu-unstable');
        await tab.close();
        const later = await place.tab();
        await place.endsAlike(await later.call('resumeRun', run.id), of);
        await later.close();
        return stopped;
      },
    },
    {
      name: 'GPU process crashed',
      times: { full: 10, quick: 2, short: 0 },
      unit: 's until it was noticed',
      async once(random, size) {
        const place = await crash();
        const of = kinds(size).long;
        const { tab, ended } = await place.training(random, of, 0.5);
        const crashed = performance.now();
        // What chrome://gpucrash does, without a page for it.
        const devtools = await place.browser.browser.target().createCDPSession();
        await devtools.send('Browser.crashGpuProcess').catch(() => {});
        const noticed = ((await tab.hears(isResumed, 30, crashed)) - crashed) / 1000;
        await place.endsAlike(await ended, of);
        await place.storesNoNaN(tab);
        await tab.close();
        await devtools.detach();
        return noticed;
      },
    },
    {
      name: 'loss becomes NaN or infinite',
      times: { full: 8, quick: 4, short: 1 },
      unit: 'as the first bad step',
      async once(random, size) {
        const place = await ground();
        const { compiled, cpu } = kinds(size);
        const base = size !== 'short' && random.below(3) === 0 ? cpu : compiled;
        const learningRate = 10 ** (4 + random.below(25));
        const tab = await place.tab();
        const run: RunRecord = await tab.call('train', place.dataset, { ...base.settings, schedule: { kind: 'constant' }, optimizer: { kind: 'sgd', learningRate, momentum: random.below(2) * 0.9 }, patience: 3 });
        assert.ok(run.state.kind === 'failed', `learning rate ${learningRate}: ${run.state.kind}`);
        const { code, details } = run.state.error;
        assert.equal(code, 'not-finite');
        assert.match(String(details.layer), /^(conv2d|dense|predictions|max_pooling2d|flatten|dropout|global)\S* |^loss$/);
        await place.storesNoNaN(tab);
        await tab.close();
        return Number(details.step);
      },
    },
  ];
}
