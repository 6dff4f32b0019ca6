/** The browser's half of the terminal: the lab's workers, without the lab. */
import { BlobWriter, Uint8ArrayReader, ZipWriter } from '@zip.js/zip.js';
import { syntheticRice } from '../engine/data/rice/synthetic.js';
import { readModel } from '../engine/exchange/formats.js';
import { toErrorData, WinnowError } from '../engine/support/errors.js';
import { connectLab, startClassifier, type LabConnection } from '../workers/connect.js';
import type { ClassifierWorker, DataEvent, ImportSource, TrainerEvent } from '../workers/contract.js';
import type { InputId, Outcome, PageApi, PageBridge, PageEvent, PageSource } from './page-api.js';

const importJob = 'terminal';
let connecting: Promise<LabConnection> | null = null;
let classifier: ClassifierWorker | null = null;
/** The model that {@link PageApi.readCard} read: its input is needed for the data next. */
let model: File | null = null;
let importing = false;

function lab(): Promise<LabConnection> {
  connecting ??= connectLab().then((connection) => {
    connection.onData(report);
    connection.onTrainer(report);
    return connection;
  });
  return connecting;
}

function report(event: DataEvent | TrainerEvent): void {
  if (isForTerminal(event)) void globalThis.winnowReport?.(event);
}

function isForTerminal(event: DataEvent | TrainerEvent): event is PageEvent {
  return ['import-progress', 'stage', 'progress', 'epoch', 'advice', 'notice', 'role', 'attempt', 'making'].includes(event.type);
}

function files(id: InputId): File[] {
  return [...((document.getElementById(id) as HTMLInputElement).files ?? [])];
}

function sourceOf(source: PageSource): ImportSource {
  switch (source.kind) {
    case 'synthetic':
      return source;
    case 'zip':
      return { kind: 'zip', file: files('files')[0] };
    case 'folder':
      return { kind: 'folder', name: source.name, files: files('folder').map((file) => ({ path: file.webkitRelativePath, file })) };
    case 'idx': {
      const [images, labels] = files('files');
      return { kind: 'idx', images, labels };
    }
  }
}

const api: PageApi = {
  async importDataset(source) {
    const { data } = await lab();
    importing = true;
    try {
      return await data.importDataset(importJob, sourceOf(source));
    } finally {
      importing = false;
    }
  },
  async train(dataset, settings, transfer) {
    const { trainer } = await lab();
    return transfer ? trainer.train(dataset, settings, { kind: 'transfer', model: files('files')[0] }) : trainer.train(dataset, settings);
  },
  async stored() {
    const { data, trainer } = await lab();
    const [datasets, runs] = await Promise.all([data.listDatasets(), trainer.listRuns()]);
    return { datasets, runs };
  },
  async resumeRun(id) {
    return (await lab()).trainer.resumeRun(id);
  },
  async evaluate(dataset, on) {
    if (!model) throw new WinnowError('worker-failed', { why: 'no model was read' });
    return (await lab()).trainer.evaluate(model, dataset, on);
  },
  async adopt(dataset, on) {
    if (!model) throw new WinnowError('worker-failed', { why: 'no model was read' });
    return (await lab()).trainer.adopt(model, dataset, on);
  },
  async lighten(run, request) {
    return (await lab()).trainer.lighten(run, request);
  },
  async readCard() {
    model = files('files')[0];
    return (await readModel(model)).card;
  },
  async stop() {
    const { data, trainer } = await lab();
    await (importing ? data.cancelImport(importJob) : trainer.stop());
  },
  async postModel(run, address) {
    await post(await (await lab()).trainer.exportModel(run), address);
  },
  async postSample(images, seed, address) {
    const stored = { level: 0, useWebWorkers: false, lastModDate: new Date(0) };
    const zip = new ZipWriter(new BlobWriter('application/zip'), stored);
    for await (const { path, bytes } of syntheticRice({ images, seed }).items) await zip.add(path, new Uint8ArrayReader(bytes), stored);
    await post(await zip.close(), address);
  },
  async loadModel(backend) {
    classifier = startClassifier().api;
    return classifier.load(files('files')[0], backend);
  },
  async classify(index) {
    if (!classifier) throw new WinnowError('worker-failed', { why: 'no model was loaded' });
    return classifier.classify(files('files')[index]);
  },
};

async function post(content: Uint8Array<ArrayBuffer> | Blob, address: string): Promise<void> {
  const answer = await fetch(address, { method: 'POST', body: new Blob([content]) });
  if (!answer.ok) throw new WinnowError('worker-failed', { why: `the terminal did not take it (${answer.status})` });
}

async function outcome<T>(work: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (thrown) {
    return { ok: false, error: toErrorData(thrown) };
  }
}

globalThis.winnow = {
  importDataset: (source) => outcome(() => api.importDataset(source)),
  train: (dataset, settings, transfer) => outcome(() => api.train(dataset, settings, transfer)),
  stored: () => outcome(() => api.stored()),
  resumeRun: (id) => outcome(() => api.resumeRun(id)),
  evaluate: (dataset, on) => outcome(() => api.evaluate(dataset, on)),
  adopt: (dataset, on) => outcome(() => api.adopt(dataset, on)),
  lighten: (run, request) => outcome(() => api.lighten(run, request)),
  readCard: () => outcome(() => api.readCard()),
  stop: () => outcome(() => api.stop()),
  postModel: (run, address) => outcome(() => api.postModel(run, address)),
  postSample: (images, seed, address) => outcome(() => api.postSample(images, seed, address)),
  loadModel: (backend) => outcome(() => api.loadModel(backend)),
  classify: (index) => outcome(() => api.classify(index)),
} satisfies PageBridge;
