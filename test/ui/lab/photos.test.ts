import { expect } from 'chai';
import { WinnowError } from '../../../src/engine/support/errors.js';
import { LabStore } from '../../../src/ui/lab/store.js';
import { dataset, FakeLab } from '../support/fake-lab.js';
import { frame, until } from '../support/fixture.js';

describe('the photos of the Data place', () => {
  let lab: FakeLab;
  let store: LabStore;

  beforeEach(() => {
    localStorage.clear();
    lab = new FakeLab();
    lab.datasets = [dataset(), dataset({ id: 'big', images: 5000, created: '2020-01-01T00:00:00.000Z' })];
    store = new LabStore(async () => lab);
  });

  const known = () => until(() => store.state.photos.parts !== null && store.state.photos.augmented !== null, 'the photos are known');

  it('knows class and part of every photo, and follows the form', async () => {
    await store.start();
    await known();
    expect(store.state.photos.labels?.length).to.equal(400);
    expect(lab.calls.filter((call) => call.startsWith('split'))).to.deep.equal(['split 0.2']);
    store.editForm({ ...store.state.form.now, validationShare: 0.4 }, null);
    await until(() => store.state.photos.parts!.filter((part) => part === 1).length === 160, 'the split is another');
  });

  it('says why there is no split, and asks no more', async () => {
    lab.data.parts = async () => {
      lab.calls.push('split');
      throw new WinnowError('class-too-small', { class: 'a', count: 1, least: 2 });
    };
    await store.start();
    await until(() => store.state.photos.splitError !== null, 'the error is there');
    for (let time = 0; time < 5; time++) {
      store.update({});
      await frame();
    }
    expect(store.state.photos.splitError?.code).to.equal('class-too-small');
    expect(lab.calls.filter((call) => call === 'split').length).to.equal(1);
  });

  it('looks for duplicates unasked where that takes seconds, and on demand elsewhere', async () => {
    await store.start();
    await until(() => store.state.photos.duplicates?.groups?.length === 2, 'duplicates are found');
    store.select('big');
    await until(() => store.state.photos.dataset === 'big' && store.state.photos.augmented !== null, 'the big one is shown');
    expect(store.state.photos.duplicates).to.equal(null);
    await store.desk.findDuplicates();
    expect(store.state.photos.duplicates?.groups?.length).to.equal(2);
  });

  it('forgets a search that was cancelled, without an error', async () => {
    let cancel = () => {};
    lab.data.findDuplicates = () => new Promise((_, reject) => (cancel = () => reject(new WinnowError('cancelled'))));
    lab.data.cancelImport = async () => cancel();
    await store.start();
    await until(() => store.state.photos.duplicates !== null, 'it searches');
    const { job } = store.state.photos.duplicates!;
    lab.sayData({ type: 'duplicates-progress', job, done: 3, total: 400, secondsLeft: 1 });
    expect(store.state.photos.duplicates?.progress?.done).to.equal(3);
    await store.desk.cancelDuplicates();
    await until(() => store.state.photos.duplicates === null, 'it is over');
    expect(store.state.errors).to.deep.equal({});
  });

  it('closes every bitmap that is no longer shown', async () => {
    await store.start();
    await known();
    await store.desk.browse([1, 2, 3]);
    await store.desk.browse([4, 5]);
    expect(store.state.photos.browsed.map(({ index }) => index)).to.deep.equal([4, 5]);
    store.augment({ ...store.state.form.now.augment, rotation: 0.1 });
    await until(() => store.state.photos.augmented?.bitmaps.length === 8, 'seven epochs are shown');
    store.select('big');
    await until(() => store.state.photos.dataset === 'big' && store.state.photos.augmented !== null && store.state.samples.length > 0, 'the other is shown');
    await frame();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const { samples, photos } = store.state;
    const shown = new Set([...samples, ...photos.browsed].map(({ bitmap }) => bitmap).concat(photos.augmented!.bitmaps));
    expect(lab.bitmaps.filter((bitmap) => bitmap.width > 0 && !shown.has(bitmap)).length).to.equal(0);
  });
});
