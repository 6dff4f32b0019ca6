import { expect } from 'chai';
import { importOver } from '../../src/workers/folder.js';
import { openWorker, remote, type WorkerConnection } from '../../src/workers/line.js';
import type { BatchSource, ClassifierWorker, DataWorker, TrainerWorker } from '../../src/workers/contract.js';
import { batchChecks, classifierChecks, dataChecks, trainerChecks } from '../../src/workers/checks.js';
import { Purpose, Random } from '../../src/engine/support/random.js';
import { classFolders, countRecords, folder } from '../engine/data/photos.js';

const CANARY = 'the forged message ran';
const code = `postMessage(${JSON.stringify(CANARY)})`;

/** A message that is no call of the contract: of a form that Comlink would act on, a call with wrong arguments, or no message at all. */
function forged(random: Random, methods: readonly string[], id: string): { message: unknown; transfer: Transferable[] } {
  const any = <T>(values: readonly T[]): T => values[random.below(values.length)];
  const method = any(methods);
  const { port1 } = new MessageChannel();
  const raw = (value: unknown) => ({ type: 'RAW', value });
  const odd = () => any<unknown>([NaN, -1, 2 ** 40, 'x'.repeat(20_000), new Date(0), /x/, new Map([[1, 2]]), new Set([1]), new Error(code), [[[[[[[[[[[[1]]]]]]]]]]]], { ['__proto__']: 1 }, JSON.parse('{"__proto__": {"x": 1}}'), { kind: 'zip' }, { kind: 'constructor' }, { kind: '__proto__', file: 1 }, 1n, true]);
  const path = any<unknown>([
    [], ['constructor'], ['constructor', 'constructor'], [method, 'constructor'], [method, 'call'], [method, 'apply'], [method, 'bind'], ['__proto__'], ['__proto__', method], [method, '__proto__', 'polluted'],
    ['toString'], ['hasOwnProperty'], ['valueOf'], ['send'], ['loader'], ['jobs'], ['work'], ['device'], ['closeViewer'], [method, 'prototype'], [''], [7], [null], method, null, { 0: method, length: 1 }, Array.from({ length: 50 }, () => 'constructor'),
  ]);
  switch (random.below(8)) {
    case 0:
      return { message: any<unknown>([null, 0, '', code, [], [code], {}, { id }, { type: 'APPLY' }, { id: 7, type: 'APPLY', path: [method], argumentList: [] }, new Uint8Array(100), { aliveLock: 'x' }]), transfer: [] };
    case 1:
      return { message: { id, type: 'GET', path }, transfer: [] };
    case 2:
      return { message: { id, type: 'SET', path: any([[method], path, ['__proto__', 'polluted']]), value: any([raw(code), { type: 'HANDLER', name: 'proxy', value: port1 }]) }, transfer: [port1] };
    case 3:
      return { message: { id, type: any(['APPLY', 'CONSTRUCT']), path, argumentList: [raw(code)] }, transfer: [] };
    case 4:
      return { message: { id, type: 'CONSTRUCT', path: [method], argumentList: [raw(code)] }, transfer: [] };
    case 5:
      return { message: { id, type: any(['ENDPOINT', 'RELEASE', 'OTHER', '__proto__', 1]), path: [] }, transfer: [] };
    case 6:
      return { message: { id, type: 'APPLY', path: [method], argumentList: any<unknown>([[{ type: 'HANDLER', name: 'proxy', value: port1 }], [{ type: 'HANDLER', name: 'throw', value: {} }], [{ type: 'HANDLER', name: 'constructor' }], [null], 'x', null, Array.from({ length: 100 }, () => raw(1))]) }, transfer: [port1] };
    default:
      // Right in form, wrong in its arguments: each method takes fewer, and none takes these.
      return { message: { id, type: 'APPLY', path: [method], argumentList: Array.from({ length: 8 }, () => raw(odd())) }, transfer: [] };
  }
}

/** Sends so many, and waits until what asked for an answer has one. @returns the answers, and whatever else came. */
async function storm(target: Worker | MessagePort, methods: readonly string[], count: number, seed: number): Promise<{ answers: Map<string, unknown>; asked: number; ran: boolean }> {
  const random = new Random(seed, Purpose.sample);
  const answers = new Map<string, unknown>();
  let ran = false;
  const hear = (event: Event) => {
    const { data } = event as MessageEvent<{ id?: unknown }>;
    if ((data as unknown) === CANARY) ran = true;
    if (typeof data?.id === 'string' && data.id.startsWith('forged ')) answers.set(data.id, data);
  };
  target.addEventListener('message', hear);
  let asked = 0;
  for (let i = 0; i < count; i++) {
    const { message, transfer } = forged(random, methods, `forged ${seed} ${i}`);
    if (typeof message === 'object' && message !== null && typeof (message as { id?: unknown }).id === 'string') asked++;
    target.postMessage(message, transfer.filter((each) => carries(message, each)));
  }
  const deadline = performance.now() + 60_000;
  while (answers.size < asked && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  target.removeEventListener('message', hear);
  return { answers, asked, ran };
}

function carries(value: unknown, wanted: unknown): boolean {
  return value === wanted || (typeof value === 'object' && value !== null && !(value instanceof MessagePort) && Object.values(value).some((each) => carries(each, wanted)));
}

function expectRefused({ answers, asked, ran }: Awaited<ReturnType<typeof storm>>): void {
  expect(ran, 'code of a message ran').to.equal(false);
  expect(answers.size, 'answers').to.equal(asked);
  for (const answer of answers.values()) {
    const { name, value } = answer as { name?: string; value?: { isError: boolean; value: { code?: string } } };
    expect([name, value?.isError, value?.value?.code], JSON.stringify(answer)).to.deep.equal(['throw', false, 'call-invalid']);
  }
}

describe('forged messages', () => {
  const ended: (() => void)[] = [];
  const start = <T extends object>(name: string, worker: Worker): WorkerConnection<T> & { worker: Worker; failed: () => boolean } => {
    let failed = false;
    const connection = openWorker<T>(name, worker, () => (failed = true));
    ended.push(connection.terminate);
    return { ...connection, worker, failed: () => failed };
  };
  afterEach(() => ended.splice(0).forEach((end) => end()));

  it('change nothing in the data worker and run nothing there, over its own line and over the trainer’s', async () => {
    const { api, worker, failed } = start<DataWorker>('data', new Worker(new URL('../../src/workers/data.ts', import.meta.url), { type: 'module' }));
    const dataset = await importOver(api, 'job', folder(await classFolders(['a', 'b'], 5)));
    const before = await countRecords();
    expectRefused(await storm(worker, Object.keys(dataChecks), 8000, 1));
    const { port1, port2 } = new MessageChannel();
    await api.serveBatches(port1);
    const source = remote<BatchSource>(port2);
    expect(await source.names(dataset.id, [0]), 'the port is open').to.have.length(1);
    expectRefused(await storm(port2, Object.keys(batchChecks), 2000, 2));
    expect(await countRecords()).to.deep.equal(before);
    expect(failed()).to.equal(false);
    expect(await source.pixels(dataset.id, 0, 4), 'it goes on').to.have.length(48);
    expect((await api.listDatasets()).map(({ id }) => id)).to.include(dataset.id);
    await api.deleteDataset(dataset.id);
    port2.close();
  });

  it('change nothing in the trainer and the classifier', async () => {
    const before = await countRecords();
    const trainer = start<TrainerWorker>('trainer', new Worker(new URL('../../src/workers/trainer.ts', import.meta.url), { type: 'module' }));
    const classifier = start<ClassifierWorker>('classifier', new Worker(new URL('../../src/workers/classifier.ts', import.meta.url), { type: 'module' }));
    await trainer.api.listRuns();
    expectRefused(await storm(trainer.worker, Object.keys(trainerChecks), 1000, 3));
    expectRefused(await storm(classifier.worker, Object.keys(classifierChecks), 1000, 4));
    expect(await trainer.api.listRuns()).to.be.an('array');
    expect([trainer.failed(), classifier.failed()]).to.deep.equal([false, false]);
    expect(await countRecords()).to.deep.equal(before);
  });
});
