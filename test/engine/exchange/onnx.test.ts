import { expect } from 'chai';
import * as ort from 'onnxruntime-web/wasm';
import { architectures, buildGraph } from '../../../src/engine/architectures/index.js';
import type { Model } from '../../../src/engine/exchange/model.js';
import { Message } from '../../../src/engine/exchange/onnx/protobuf.js';
import { writeOnnx } from '../../../src/engine/exchange/onnx/write.js';
import { openDevice, type Device } from '../../../src/engine/gpu/device.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { scaleWidths } from '../../../src/engine/graph/scale.js';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import { testRandom } from '../../support/close.js';
import { randomBatch, reference } from '../gpu/reference/setup.js';
import { bytesOf, everyLayer, exampleModel } from './example.js';

const bytesOfMessage = (fields: ConstructorParameters<typeof Message>[0]) => bytesOf(new Blob(new Message(fields).parts));

describe('protocol buffers', () => {
  /** The examples of the encoding's own documentation (protobuf.dev). */
  it('are encoded as their documentation shows', async () => {
    expect([...(await bytesOfMessage({ 1: 150 }))]).to.deep.equal([0x08, 0x96, 0x01]);
    expect([...(await bytesOfMessage({ 2: 'testing' }))]).to.deep.equal([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67]);
    expect([...(await bytesOfMessage({ 3: new Message({ 1: 150 }) }))]).to.deep.equal([0x1a, 0x03, 0x08, 0x96, 0x01]);
    expect([...(await bytesOfMessage({ 6: [1, 2, 3] }))]).to.deep.equal([0x30, 1, 0x30, 2, 0x30, 3]);
  });

  it('take numbers beyond 32 bits, fields beyond 15, floats, and leave out what is absent', async () => {
    expect([...(await bytesOfMessage({ 1: 2 ** 40 }))]).to.deep.equal([0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20]);
    expect([...(await bytesOfMessage({ 20: 0 }))]).to.deep.equal([0xa0, 0x01, 0x00]);
    expect([...(await bytesOfMessage({ 2: { float: 1 } }))]).to.deep.equal([0x15, 0, 0, 0x80, 0x3f]);
    expect([...(await bytesOfMessage({ 1: undefined, 2: [] }))]).to.deep.equal([]);
  });
});

describe('ONNX', () => {
  let device: Device;
  before(async () => {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = '/node_modules/onnxruntime-web/dist/';
    device = await openDevice('cpu');
  });
  after(() => device.close());

  /** Largest difference of the class probabilities between onnxruntime and our reference engine. */
  async function difference(model: Model, batch: number): Promise<number> {
    const { graph } = model;
    const { pixels } = randomBatch(testRandom('ONNX'), graph, batch);
    const engine = reference(device, graph, { weights: model.weights });
    const expected = await engine.predict(pixels, batch);
    engine.dispose();
    const session = await ort.InferenceSession.create(await bytesOf(writeOnnx(model)));
    try {
      const { probabilities } = await session.run({ pixels: new ort.Tensor('uint8', pixels, [batch, ...graph.input]) });
      expect(probabilities.dims).to.deep.equal([batch, graph.classes]);
      const actual = (await probabilities.getData()) as Float32Array;
      // Answers that say something: not all the same.
      expect(new Set(expected.map((value) => Math.round(value * 1e4))).size).to.be.above(3);
      return Math.max(...actual.map((value, at) => Math.abs(value - expected[at])));
    } finally {
      await session.release();
    }
  }

  it('gives onnxruntime the answers of our reference engine, with every layer, at any batch', async () => {
    expect(await difference(exampleModel(everyLayer()), 3)).to.be.at.most(1e-5);
    expect(await difference(exampleModel(everyLayer()), 1)).to.be.at.most(1e-5);
  });

  for (const { id, sides } of architectures) {
    it(`does so with ${id}, narrower`, async () => {
      const graph = scaleWidths(buildGraph(id, { size: Math.max(33, sides.least), classes: 5 }), /^vgg|^cnn$/.test(id) ? 0.125 : 0.25);
      const model = exampleModel(graph);
      const initial = initialWeights(graph, 5);
      // Kernels that are much larger than the initial ones leave a deep network with one answer for everything.
      const weights = model.weights.map((weight, index) => (weight.name.endsWith('kernel') ? initial[index] : weight));
      expect(await difference({ ...model, weights }, 1)).to.be.at.most(1e-5);
    });
  }

  it('does so with layers that are called as its input and output are', async () => {
    const graph = new GraphBuilder([9, 9, 3], 4).conv(5, 3, { name: 'pixels' }).globalAvgPool().batchNorm().dense(6, { name: 'probabilities' }).predictions();
    expect(await difference(exampleModel(graph), 2)).to.be.at.most(1e-5);
  });
});
