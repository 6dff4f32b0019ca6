import { expect } from 'chai';
import { architectures, buildGraph } from '../../../src/engine/architectures/index.js';
import { openDevice, type Device } from '../../../src/engine/gpu/device.js';
import { scaleWidths } from '../../../src/engine/graph/scale.js';
import type { LayerGraph, Weight } from '../../../src/engine/graph/types.js';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import { createRuntime, type InferenceModel, type Runtime } from '../../../src/engine/inference/runtime.js';
import { WinnowError, type ErrorData } from '../../../src/engine/support/errors.js';
import { testRandom, uniforms } from '../../support/close.js';
import { everyLayer } from '../exchange/example.js';
import { randomBatch, reference } from '../gpu/reference/setup.js';

/** Of a probability, from the trainer's: what the export promises. */
const PROMISED = 1e-4;
const PHOTOS = 3;
const BATCH = 2;
/** A batch has a program of its own, which takes as long to compile; these have every kernel between them. */
const BATCHED = ['cnn-light', 'mobilenet', 'every kind of layer'];

const graphs: [name: string, graph: LayerGraph][] = [
  ...architectures.map(({ id, sides }): [string, LayerGraph] => [id, scaleWidths(buildGraph(id, { size: Math.max(33, sides.least), classes: 5 }), /^vgg|^cnn$/.test(id) ? 0.125 : 0.25)]),
  ['every kind of layer', everyLayer()],
];

describe('the small inference runtime', () => {
  const random = testRandom('inference runtime');
  let trainer: Device;
  before(async () => {
    trainer = await openDevice('cpu');
  });
  after(() => trainer.close());

  /** No weight at its initial zero or one, where a wrong use of it would not show. */
  function randomModel(graph: LayerGraph): InferenceModel {
    const weights = initialWeights(graph, random.uint32()).map((weight): Weight => {
      if (weight.name.endsWith('kernel')) return weight;
      return { ...weight, data: /variance|gamma/.test(weight.name) ? uniforms(random, weight.data.length, 0.5, 1.5) : uniforms(random, weight.data.length, -0.3, 0.3) };
    });
    return { graph, weights };
  }

  const worst = (answers: ArrayLike<number>, wanted: Float32Array): number => wanted.reduce((most, value, i) => Math.max(most, Math.abs(answers[i] - value)), 0);

  for (const [name, graph] of graphs) {
    it(`answers as the trainer does, on WebGPU and in JavaScript: ${name}`, async () => {
      const model = randomModel(graph);
      const { pixels } = randomBatch(random, graph, PHOTOS);
      const engine = reference(trainer, graph, { weights: model.weights });
      const wanted = await engine.predict(pixels, PHOTOS);
      engine.dispose();
      for (const on of ['webgpu', 'javascript'] as const) {
        const runtime = await createRuntime(model, { on, batch: BATCHED.includes(name) ? BATCH : 1 });
        const answers = await runtime.predict(pixels, PHOTOS);
        const one = await runtime.predict(pixels.subarray(0, pixels.length / PHOTOS), 1);
        runtime.dispose();
        expect(answers.length).to.equal(PHOTOS * graph.classes);
        expect(worst(answers, wanted), on).to.be.below(PROMISED);
        expect(worst(one, wanted.subarray(0, graph.classes)), `${on}, one photo`).to.be.below(PROMISED);
      }
    });
  }

  describe('in use', () => {
    const graph = buildGraph('cnn-light', { size: 32, classes: 3 });

    it('answers calls that overlap, each with its own photos', async () => {
      const model = randomModel(graph);
      const { pixels } = randomBatch(random, graph, 6);
      const runtime = await createRuntime(model, { on: 'webgpu', batch: 4 });
      const each = pixels.length / 6;
      const together = await runtime.predict(pixels, 6);
      const apart = await Promise.all([0, 1, 2, 3, 4, 5].map((i) => runtime.predict(pixels.slice(i * each, (i + 1) * each), 1)));
      runtime.dispose();
      apart.forEach((answer, i) => expect(worst(answer, together.subarray(i * 3, i * 3 + 3))).to.be.below(1e-6));
      expect(new Set(apart.map((answer) => answer.join())).size).to.equal(6);
    });

    it('frees every GPU buffer', async () => {
      const { createBuffer } = GPUDevice.prototype;
      const { destroy } = GPUBuffer.prototype;
      const alive = new Set<GPUBuffer>();
      GPUDevice.prototype.createBuffer = function (descriptor) {
        const buffer = createBuffer.call(this, descriptor);
        alive.add(buffer);
        return buffer;
      };
      GPUBuffer.prototype.destroy = function () {
        alive.delete(this);
        return destroy.call(this);
      };
      try {
        const runtime = await createRuntime(randomModel(graph), { on: 'webgpu', batch: BATCH });
        await runtime.predict(randomBatch(random, graph, PHOTOS).pixels, PHOTOS);
        expect(alive.size).to.be.above(0);
        runtime.dispose();
        expect(alive.size).to.equal(0);
      } finally {
        GPUDevice.prototype.createBuffer = createBuffer;
        GPUBuffer.prototype.destroy = destroy;
      }
    });

    it('goes over to JavaScript where the GPU is lost, answers all the same, and says so once', async () => {
      const model = randomModel(graph);
      const { pixels } = randomBatch(random, graph, 1);
      const { requestDevice } = GPUAdapter.prototype;
      let device: GPUDevice | null = null;
      GPUAdapter.prototype.requestDevice = async function (descriptor) {
        return (device = await requestDevice.call(this, descriptor));
      };
      const told: ErrorData[] = [];
      let runtime: Runtime;
      try {
        runtime = await createRuntime(model, { onFallback: (error) => told.push(error) });
      } finally {
        GPUAdapter.prototype.requestDevice = requestDevice;
      }
      expect(runtime.kind).to.equal('webgpu');
      const before = await runtime.predict(pixels, 1);
      device!.destroy();
      await device!.lost;
      const answers = await Promise.all([runtime.predict(pixels, 1), runtime.predict(pixels, 1)]);
      expect(runtime.kind).to.equal('javascript');
      for (const answer of answers) expect(worst(answer, before)).to.be.below(PROMISED);
      expect(told.map(({ code }) => code)).to.deep.equal(['gpu-lost']);
      runtime.dispose();
    });

    it('refuses weights that do not fit', async () => {
      const { weights } = randomModel(graph);
      for (const on of ['webgpu', 'javascript'] as const) {
        const error: unknown = await createRuntime({ graph, weights: weights.slice(1) }, { on }).catch((thrown: unknown) => thrown);
        expect(error).to.be.instanceOf(WinnowError).with.property('code', 'model-broken');
      }
    });
  });
});
