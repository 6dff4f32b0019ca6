import { expect } from 'chai';
import { WinnowError } from '../../src/engine/support/errors.js';
import { openWorker, remote, serve } from '../../src/workers/line.js';
import { expectError } from '../engine/data/photos.js';
import type { FaultyWorker } from './faulty.worker.js';

describe('a line to a worker', () => {
  const ended: (() => void)[] = [];
  const open = (failed?: (error: WinnowError) => void) => {
    const worker = openWorker<FaultyWorker>('faulty', new Worker(new URL('./faulty.worker.ts', import.meta.url), { type: 'module' }), failed);
    ended.push(worker.terminate);
    return worker;
  };
  afterEach(() => {
    for (const terminate of ended.splice(0)) terminate();
  });

  it('carries calls, keeps the object behind them, and can be awaited itself', async () => {
    const { api } = open();
    expect(await api.add(2, 3)).to.equal(5);
    expect([await api.calls(), await api.calls()]).to.deep.equal([1, 2]);
    expect([...(await api.pixels())]).to.deep.equal([1, 2, 3]);
    expect(await Promise.resolve(api)).to.equal(api);
  });

  it('carries errors with code, details, text and remedy', async () => {
    const { api } = open();
    const error = await expectError('class-too-small', api.refuse());
    expect(error.details).to.deep.equal({ class: 'c', count: 1, least: 2 });
    expect(error.message).to.equal('Class c has 1 image(s), too few to split.');
    expect(error.remedy).to.include('at least 2');
    await expectError('disk-full', api.fullDisk());
    expect((await expectError('worker-failed', api.stumble())).details.why).to.equal('a bug');
    expect(await api.add(1, 1), 'it goes on').to.equal(2);
  });

  it('says so where there is no such method, or where an argument cannot be sent', async () => {
    const { api } = open();
    await expectError('call-invalid', (api as unknown as { missing(): Promise<void> }).missing());
    await expectError('worker-failed', api.add((() => 1) as unknown as number, 1));
  });

  it('settles calls when the worker is ended, and those that come after', async () => {
    const failures: WinnowError[] = [];
    const { api, terminate } = open((error) => failures.push(error));
    const pending = [api.hang(), api.hang()];
    pending.forEach((call) => call.catch(() => {}));
    await api.add(1, 1);
    terminate();
    for (const call of pending) await expectError('worker-failed', call);
    await expectError('worker-failed', api.add(1, 1));
    expect(failures.map(({ code }) => code)).to.deep.equal(['worker-failed']);
  });

  it('settles calls when the worker ends without a word', async () => {
    const { api } = open();
    const pending = api.hang();
    pending.catch(() => {});
    await expectError('worker-failed', api.vanish());
    await expectError('worker-failed', pending);
  });

  it('settles calls when something in the worker is thrown that nobody catches', async () => {
    const { api } = open();
    const error = await expectError('worker-failed', api.explode());
    expect(error.details.why).to.include('nobody caught this');
  });

  it('settles calls when the script does not load', async () => {
    const worker = openWorker<FaultyWorker>('none', new Worker('/no-such-worker.js', { type: 'module' }));
    expect((await expectError('worker-failed', worker.api.add(1, 1))).details.why).to.equal('none: its script did not load');
  });

  it('settles calls over a port to a worker that ended', async () => {
    const { api, terminate } = open();
    const { port1, port2 } = new MessageChannel();
    await api.serveOn(port1);
    const over = remote<FaultyWorker>(port2);
    expect(await over.add(4, 5)).to.equal(9);
    await expectError('class-too-small', over.refuse());
    const pending = over.hang();
    pending.catch(() => {});
    terminate();
    await expectError('worker-failed', pending);
    await expectError('worker-failed', over.add(1, 1));
    port2.close();
  });

  it('is served in dedicated workers only', () => {
    expect(() => serve({}, {})).to.throw('dedicated worker');
  });
});
