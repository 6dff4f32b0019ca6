import { expect } from 'chai';
import { encodePng } from '../../src/engine/data/png.js';
import { modelFormats, readModel } from '../../src/engine/exchange/formats.js';
import { buildGraph } from '../../src/engine/architectures/index.js';
import { openDevice } from '../../src/engine/gpu/device.js';
import { createViewer } from '../../src/engine/gpu/index.js';
import { WinnowError } from '../../src/engine/support/errors.js';
import { startClassifier } from '../../src/workers/connect.js';
import type { Classification, ClassifierWorker, ExportForm } from '../../src/workers/contract.js';
import { exampleModel } from '../engine/exchange/example.js';
import { testRandom } from '../support/close.js';

const SIZE = 33;

describe('the classifier worker', () => {
  const random = testRandom('classifier worker');
  const model = exampleModel(buildGraph('cnn-light', { size: SIZE, classes: 5 }), random.uint32());
  let worker: { readonly api: ClassifierWorker; terminate(): void };
  let zip: Blob;
  /** Of as many photos as are asked for: PNGs that are not resized, and the reference's answers. */
  let photos: Blob[];
  let wanted: Float32Array[];

  before(async () => {
    zip = await modelFormats.tfjs.write(model);
    const pixels = Array.from({ length: 5 }, () => Uint8Array.from({ length: SIZE * SIZE * 3 }, () => random.below(256)));
    photos = await Promise.all(pixels.map(async (each) => new Blob([await encodePng(each, SIZE, SIZE, 3)])));
    const device = await openDevice('cpu');
    const viewer = createViewer(device, model.graph, model.weights);
    wanted = [];
    for (const each of pixels) wanted.push(await viewer.predict(each, 1));
    viewer.dispose();
    device.close();
    worker = startClassifier();
  });
  after(() => worker.terminate());

  function expectAnswer({ top, ms }: Classification, index: number): void {
    expect(ms).to.be.at.least(0);
    expect(top.map(({ probability }) => probability)).to.deep.equal(top.map(({ probability }) => probability).sort((a, b) => b - a));
    for (const { class: name, probability } of top) expect(probability).to.be.closeTo(wanted[index][model.card.classes.indexOf(name)], 1e-4);
  }

  for (const [backend, kind] of [['webgpu', 'webgpu'], ['cpu', 'javascript'], ['webgl', 'webgl']] as const) {
    it(`answers as the reference does, one photo or many: ${backend}`, async () => {
      const loaded = await worker.api.load(zip, backend);
      expect(loaded).to.deep.include({ arch: model.card.arch, classes: model.card.classes, size: SIZE, card: model.card, kind });
      expectAnswer(await worker.api.classify(photos[0]), 0);
      const answers = await worker.api.classifyAll([photos[1], new Blob(['no photo']), ...photos.slice(2)]);
      expect(answers.map((answer) => ('error' in answer ? answer.error.code : 'ok'))).to.deep.equal(['ok', 'image-broken', 'ok', 'ok', 'ok']);
      [1, null, 2, 3, 4].forEach((index, i) => index !== null && expectAnswer(answers[i] as Classification, index));
    });
  }

  it('says how fast it is, and where the network looked', async () => {
    await worker.api.load(zip, 'auto');
    const { latencyMs, imagesPerSecond, backend, adapter } = await worker.api.measure();
    expect(latencyMs).to.be.above(0);
    expect(imagesPerSecond).to.be.above(0);
    expect(backend).to.equal('webgpu');
    expect(adapter).not.to.be.empty;
    const heat = await worker.api.explain(photos[0], 2);
    expect(heat!.width).to.be.above(0);
    heat!.close();
  });

  it('writes the model in every form, from any form', async () => {
    const forms = [...Object.keys(modelFormats), 'keras-project'] as ExportForm[];
    await worker.api.load(await modelFormats.html.write(model), 'cpu');
    for (const form of forms) {
      const file = await worker.api.exportAs(form);
      if (form === 'keras-project') expect(new Uint8Array(await file.slice(0, 2).arrayBuffer()), form).to.deep.equal(Uint8Array.of(0x50, 0x4b));
      else expect((await readModel(file)).weights, form).to.deep.equal(model.weights);
    }
  });

  it('refuses what is no model, and what comes before one', async () => {
    const fresh = startClassifier();
    const error = async (work: Promise<unknown>) => ((await work.catch((thrown: unknown) => thrown)) as WinnowError).code;
    expect(await error(fresh.api.classify(photos[0]))).to.equal('call-invalid');
    expect(await error(fresh.api.load(new Blob(['no model']), 'auto'))).to.equal('model-broken');
    fresh.terminate();
  });
});
