import { expect } from 'chai';
import { html } from 'lit';
import '../../../src/ui/use/use.js';
import type { WinnowUse, UsableModel } from '../../../src/ui/use/use.js';
import { resultsCsv } from '../../../src/ui/use/results.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { WinnowError } from '../../../src/engine/support/errors.js';
import type { ClassifierWorker, LoadedModel } from '../../../src/workers/contract.js';
import { exampleCard } from '../../engine/exchange/example.js';
import { allInside, cleanUp, expectAccessible, fixture, inside, nextEvent, settled, until } from '../support/fixture.js';

const card = exampleCard(new GraphBuilder([32, 32, 3], 5).flatten().predictions());
const loaded: LoadedModel = { arch: card.arch, classes: card.classes, size: 32, card, kind: 'webgpu', adapter: 'acme test-1', weightBytes: 300_000 };
const models: UsableModel[] = [{ id: 'run-1', name: 'CNN', about: 'Rice' }, { id: 'run-2', name: 'CNN light', about: 'Rice' }];

describe('<winnow-use>', () => {
  const calls: string[] = [];
  /** Workers that have not ended. */
  const alive = new Set<symbol>();
  /** Parts of a batch wait here. */
  let gate: Promise<void> | null = null;
  const worker: ClassifierWorker = {
    load: async (model) => {
      const text = await model.text();
      calls.push(`load ${text}`);
      if (text === 'broken') throw new WinnowError('model-broken', { source: 'broken.zip', why: 'it is broken' });
      return loaded;
    },
    classify: () => Promise.reject(new Error('not asked')),
    classifyAll: async (photos) => {
      calls.push(`classify ${photos.length}`);
      await gate;
      return photos.map((photo, i) => (photo.size === 0 ? { error: { code: 'image-broken', what: '', remedy: '', details: {} } } : { top: card.classes.map((name, j) => ({ class: card.classes[(i + j) % 5], probability: j === 0 ? 0.6 : 0.1, name })), ms: 1 }));
    },
    explain: async () => null,
    measure: async () => ({ adapter: 'acme test-1', backend: 'webgpu', latencyMs: 4.25, imagesPerSecond: 812 }),
    exportAs: async (form) => {
      calls.push(`export ${form}`);
      return new Blob([form]);
    },
  };
  const open = async () => {
    const line = Symbol();
    alive.add(line);
    return { api: worker, terminate: () => void alive.delete(line) };
  };

  beforeEach(() => {
    calls.length = 0;
    gate = null;
  });
  afterEach(cleanUp);

  const mount = (list = models) => fixture<WinnowUse>(html`<winnow-use .models=${list} .open=${open} .fetchModel=${async (id: string) => new Blob([id])}></winnow-use>`);
  const ready = async (list = models) => {
    const element = await mount(list);
    await until(() => allInside(element, '.forms').length > 0, 'the model is read');
    return element;
  };
  const text = (element: HTMLElement) => element.shadowRoot!.textContent.replace(/\s+/g, ' ');
  const button = (element: HTMLElement, name: string) => allInside<HTMLButtonElement>(element, 'button').find((each) => each.textContent.trim() === name)!;
  const give = (element: HTMLElement, selector: string, ...files: File[]) => {
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    const input = inside<HTMLInputElement>(element, selector);
    input.files = transfer.files;
    input.dispatchEvent(new Event('change'));
  };
  const photos = (count: number) => Array.from({ length: count }, (_, i) => new File(i === 3 ? [] : ['x'], `grain ${i}.png`));

  it('is accessible with no model, with one, while photos are classified, and after', async () => {
    const empty = await mount([]);
    expect(text(empty)).to.contain('No model is trained yet.');
    await expectAccessible(empty);
    const element = await ready();
    await expectAccessible(element);
    let go = () => {};
    gate = new Promise((resolve) => (go = resolve));
    give(element, '#photos', ...photos(40));
    await until(() => text(element).includes('0 of 40 photos'), 'it has begun');
    await expectAccessible(element);
    go();
    await until(() => text(element).includes('Save the results'), 'it has ended');
    await expectAccessible(element);
  });

  it('begins with the newest model, takes another, or one from a file', async () => {
    const element = await ready();
    expect(calls).to.include('load run-2').and.not.to.include('load run-1');
    const select = inside<HTMLSelectElement>(element, 'select');
    select.value = 'run-1';
    select.dispatchEvent(new Event('change'));
    await until(() => calls.includes('load run-1'), 'the other is read');
    give(element, '#model-file', new File(['from a file'], 'rice.onnx'));
    await until(() => calls.includes('load from a file'), 'the file is read');
    await until(() => allInside(element, '.forms').length > 0, 'it is shown');
    expect(text(element)).to.contain('rice.onnx');
    give(element, '#model-file', new File(['broken'], 'broken.zip'));
    await until(() => text(element).includes('it is broken'), 'it says so');
    element.remove();
    await until(() => alive.size === 0, 'every worker has ended');
  });

  it('classifies many photos, counts them, and gives a table', async () => {
    const element = await ready();
    give(element, '#photos', ...photos(70), new File(['x'], 'read me.txt'));
    await until(() => text(element).includes('70 of 70 photos'), 'all are classified');
    await until(() => text(element).includes('Save the results'), 'it has ended');
    expect(calls.filter((call) => call.startsWith('classify'))).to.have.members(['classify 32', 'classify 32', 'classify 6']);
    expect(text(element)).to.contain('Not readable: 1.');
    const saved = nextEvent<{ file: Blob; name: string }>(element, 'winnow-download');
    button(element, 'Save the results (CSV)').click();
    const { file, name } = await saved;
    expect(name).to.equal('cnn-light-results.csv');
    const lines = (await file.text()).trimEnd().split('\r\n');
    expect(lines[0]).to.equal(['photo', 'class', 'probability', ...card.classes, 'error'].join());
    expect(lines).to.have.length(71);
    expect(lines[1]).to.equal(`grain 0.png,${card.classes[0]},0.6,0.6,0.1,0.1,0.1,0.1,`);
    expect(lines[4]).to.equal('grain 3.png,,,,,,,,image-broken');
  });

  it('stops when it is told to, and keeps what it has', async () => {
    const element = await ready();
    const gates: (() => void)[] = [];
    const wait = worker.classifyAll;
    worker.classifyAll = async (given) => {
      await new Promise<void>((resolve) => gates.push(resolve));
      return wait(given);
    };
    try {
      give(element, '#photos', ...photos(320));
      await until(() => gates.length === 2, 'two parts are under way');
      gates[0]();
      await until(() => text(element).includes('32 of 320 photos'), 'one is done');
      button(element, 'Cancel').click();
      for (const go of gates) go();
      await until(() => text(element).includes('Save the results'), 'it has ended');
      await settled(element);
      expect(calls.filter((call) => call.startsWith('classify')).length).to.be.at.most(3);
      // What was under way is kept.
      expect(text(element)).to.match(/(64|96) of 320 photos in/);
    } finally {
      for (const go of gates) go();
      worker.classifyAll = wait;
    }
  });

  it('says how fast the model is here', async () => {
    const element = await ready();
    button(element, 'Measure').click();
    await until(() => text(element).includes('4.25 ms a photo, 812 photos a second, acme test-1'), 'it says so');
  });

  it('saves every form, and says what each is for and about how large', async () => {
    const element = await ready();
    const extensions = { html: 'html', onnx: 'onnx', keras: 'keras', 'keras-project': 'zip', tfjs: 'zip', safetensors: 'safetensors' };
    const rows = allInside(element, '.forms > li');
    expect(rows).to.have.length(Object.keys(extensions).length);
    for (const [index, [form, extension]] of Object.entries(extensions).entries()) {
      const saved = nextEvent<{ file: Blob; name: string }>(element, 'winnow-download');
      rows[index].querySelector('button')!.click();
      const { file, name } = await saved;
      expect(await file.text()).to.equal(form);
      expect(name).to.match(new RegExp(`^cnn-light.*\\.${extension}$`));
      await until(() => !rows[index].querySelector('button')!.disabled, 'it is written');
    }
    expect(text(element)).to.contain('about 308 kB').and.to.contain('about 494 kB');
  });
});

describe('the results of many photos', () => {
  it('give a spreadsheet no formula', () => {
    const row = { name: '=cmd|calc!A1.png', result: { top: [{ class: '+1', probability: 1 }], ms: 1 } };
    expect(resultsCsv([row], ['+1']).split('\r\n')[1]).to.equal("'=cmd|calc!A1.png,'+1,1,1,");
  });
});
