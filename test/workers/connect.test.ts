import { expect } from 'chai';
import type { WinnowError } from '../../src/engine/support/errors.js';
import { connectLab, startDataWorker } from '../../src/workers/connect.js';
import type { DataEvent } from '../../src/workers/contract.js';
import { classFolders, expectError, folder } from '../engine/data/photos.js';

describe('lab connection', () => {
  it('starts both workers, brings their events, and ends with both', async () => {
    const lab = await connectLab();
    const failures: WinnowError[] = [];
    lab.onFailure((error) => failures.push(error));
    const events: DataEvent[] = [];
    const stop = lab.onData((event) => events.push(event));
    const dataset = await lab.data.importDataset('job', folder(await classFolders(['a', 'b'], 4)));
    // Events come over a port of their own, in no fixed order with a call's answer.
    while (!['import-progress', 'datasets-changed'].every((type) => events.some((event) => event.type === type))) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await lab.trainer.listRuns()).to.be.an('array');
    stop();
    const heard = events.length;
    await lab.data.deleteDataset(dataset.id);
    expect(events).to.have.length(heard);
    lab.dispose();
    await expectError('worker-failed', lab.data.listDatasets());
    await expectError('worker-failed', lab.trainer.listRuns());
    expect(failures, 'disposing is no failure').to.deep.equal([]);
  });

  it('tells once when a worker fails', async () => {
    const failures: WinnowError[] = [];
    const { api, terminate } = startDataWorker((error) => failures.push(error));
    await api.listDatasets();
    terminate();
    terminate();
    expect(failures.map(({ details }) => details.why)).to.deep.equal(['data: it was ended']);
  });
});
