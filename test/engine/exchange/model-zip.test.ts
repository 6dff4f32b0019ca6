import * as tf from '@tensorflow/tfjs';
import { expect } from 'chai';
import { buildGraph } from '../../../src/engine/architectures/index.js';
import { readModelZip, writeModelZip } from '../../../src/engine/exchange/model-zip.js';
import type { Model } from '../../../src/engine/exchange/model.js';
import { scaleWidths } from '../../../src/engine/graph/scale.js';
import { everyLayer, exampleModel, pack, unpack } from './example.js';

/** The same network as {@link everyLayer}, written with tfjs's own calls. */
function everyLayerByTfjs(): tf.LayersModel {
  const input = tf.input({ shape: [17, 17, 3] });
  const then = (layer: tf.layers.Layer, from: tf.SymbolicTensor | tf.SymbolicTensor[]) => layer.apply(from) as tf.SymbolicTensor;
  let x = then(tf.layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, padding: 'valid', activation: 'relu' }), input);
  x = then(tf.layers.batchNormalization({ epsilon: 1e-3 }), x);
  x = then(tf.layers.reLU({ maxValue: 6 }), x);
  x = then(tf.layers.depthwiseConv2d({ kernelSize: 3, strides: 2, padding: 'same' }), x);
  x = then(tf.layers.reLU(), x);
  x = then(tf.layers.concatenate(), [
    then(tf.layers.conv2d({ filters: 4, kernelSize: 1, activation: 'relu', useBias: false }), x),
    then(tf.layers.conv2d({ filters: 3, kernelSize: 5, padding: 'same', activation: 'relu6' }), x),
    then(tf.layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }), x),
  ]);
  x = then(tf.layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }), x);
  x = then(tf.layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }), x);
  x = then(tf.layers.flatten(), x);
  x = then(tf.layers.dropout({ rate: 0.25 }), x);
  x = then(tf.layers.dense({ units: 7, activation: 'relu' }), x);
  return tf.model({ inputs: input, outputs: then(tf.layers.dense({ units: 5, activation: 'softmax' }), x) });
}

async function loadByTfjs(zip: Uint8Array<ArrayBuffer>): Promise<tf.LayersModel> {
  const files = await unpack(zip);
  return tf.loadLayersModel(tf.io.browserFiles([new File([files['model.json']], 'model.json'), new File([files['weights.bin']], 'weights.bin')]));
}

/** Sets weights by layer order; tfjs lists what trains first, so its own names tell which is which. */
function setWeights(model: tf.LayersModel, weights: Model['weights']): void {
  const layers = model.layers.filter((layer) => layer.weights.length > 0);
  const byLayer = new Map<string, tf.Tensor[]>();
  for (const { name, shape, data } of weights) {
    const layer = name.split('/')[0];
    byLayer.set(layer, [...(byLayer.get(layer) ?? []), tf.tensor(data, [...shape])]);
  }
  for (const [index, tensors] of [...byLayer.values()].entries()) {
    layers[index].setWeights(tensors);
    tf.dispose(tensors);
  }
}

describe('model.zip', () => {
  let before: number;
  beforeEach(async () => {
    await tf.setBackend('cpu');
    before = tf.memory().numTensors;
  });
  afterEach(() => expect(tf.memory().numTensors).to.equal(before));

  it('is what stock tfjs loads, with the answers of the same network built by tfjs’s own calls', async () => {
    const model = exampleModel(everyLayer());
    const ours = await loadByTfjs(await writeModelZip(model));
    const theirs = everyLayerByTfjs();
    setWeights(theirs, model.weights);
    const images = tf.randomUniform([3, 17, 17, 3], 0, 1, 'float32', 9);
    const [a, b] = [ours, theirs].map((network) => tf.tidy(() => (network.predict(images) as tf.Tensor).dataSync()));
    for (const [index, value] of b.entries()) expect(a[index]).to.be.closeTo(value, 1e-6);
    // The three answers differ: the network is not dead.
    expect(Math.abs(b[0] - b[5])).to.be.above(1e-4);
    ours.dispose();
    theirs.dispose();
    images.dispose();
  });

  for (const arch of ['cnn-light', 'googlenet-light', 'mobilenet', 'vgg-custom']) {
    it(`carries ${arch} to tfjs with its shapes, params and names`, async () => {
      const graph = scaleWidths(buildGraph(arch, { size: 32, classes: 5 }), 1 / 8);
      const model = exampleModel(graph);
      const loaded = await loadByTfjs(await writeModelZip(model));
      expect(loaded.layers.map((layer) => layer.name)).to.have.members(graph.layers.map((layer) => layer.name));
      expect(loaded.countParams()).to.equal(model.weights.reduce((sum, { data }) => sum + data.length, 0));
      expect(loaded.outputs[0].shape).to.deep.equal([null, 5]);
      loaded.dispose();
    });
  }

  it('reads back what was written: graph with groups and frozen layers, weights bit for bit, card', async () => {
    const graph = everyLayer();
    const frozen = { ...graph, layers: graph.layers.map((layer) => (layer.name === 'conv2d' ? { ...layer, trainable: false } : layer)) };
    const model = exampleModel(frozen);
    const read = await readModelZip(new Blob([await writeModelZip(model)]));
    expect(read.graph).to.deep.equal(frozen);
    expect(read.card).to.deep.equal(model.card);
    expect(read.weights).to.deep.equal(model.weights);
  });

  it('is the same bytes for the same model', async () => {
    const model = exampleModel(everyLayer());
    expect(await writeModelZip(model)).to.deep.equal(await writeModelZip(model));
  });

  it('reads weights in whatever order the file has them', async () => {
    const model = exampleModel(everyLayer());
    const files = await unpack(await writeModelZip(model));
    const json = JSON.parse(new TextDecoder().decode(files['model.json'])) as { weightsManifest: [{ weights: unknown[] }] };
    json.weightsManifest[0].weights.reverse();
    const bin = new Blob(model.weights.toReversed().map((weight) => weight.data));
    const read = await readModelZip(
      new Blob([await pack({ ...files, 'model.json': JSON.stringify(json), 'weights.bin': new Uint8Array(await bin.arrayBuffer()) })]),
    );
    expect(read.weights).to.deep.equal(model.weights);
  });
});
