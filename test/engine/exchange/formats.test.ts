import { expect } from 'chai';
import { modelFormats, readCarriedModel, readModel } from '../../../src/engine/exchange/formats.js';
import { writeModelZip } from '../../../src/engine/exchange/model-zip.js';
import { bytesOf, everyLayer, exampleModel, pack, refusal, unpack } from './example.js';

describe('the formats', () => {
  const graph = everyLayer();
  const frozen = { ...graph, layers: graph.layers.map((layer) => (layer.name === 'conv2d' ? { ...layer, trainable: false } : layer)) };
  const model = exampleModel(frozen);

  for (const name of ['tfjs', 'keras', 'safetensors', 'onnx', 'html'] as const) {
    it(`bring a model back from ${name}: graph with groups and frozen layers, weights bit for bit, card`, async () => {
      const read = await readModel(await modelFormats[name].write(model));
      expect(read.graph).to.deep.equal(frozen);
      expect(read.weights).to.deep.equal(model.weights);
      expect(read.card).to.deep.equal(model.card);
    });
  }

  for (const name of ['tfjs', 'keras', 'safetensors', 'onnx', 'html'] as const) {
    it(`are the same bytes for the same model: ${name}`, async () => {
      expect(await bytesOf(await modelFormats[name].write(model))).to.deep.equal(await bytesOf(await modelFormats[name].write(model)));
    });

    it(`do not write a weight in the wrong place: ${name}`, async () => {
      const [first, second, ...others] = model.weights;
      const wrong = { ...model, weights: [second, first, ...others] };
      const error: unknown = await modelFormats[name].write(wrong).then(() => null, (thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(Error);
    });
  }

  it('take a .keras file without a card, as Keras saves it again, for its weights only', async () => {
    const { 'card.json': _, ...files } = await unpack(await bytesOf(await modelFormats.keras.write(model)));
    const file = new Blob([await pack(files, { level: 0 })]);
    expect((await readCarriedModel(file)).card).to.equal(null);
    expect((await readCarriedModel(file)).weights).to.deep.equal(model.weights);
    expect((await refusal(readModel, await bytesOf(file))).details.why).to.match(/no model card/);
  });

  it('refuse what is none of them', async () => {
    for (const bytes of [new Uint8Array(0), new TextEncoder().encode('<html></html>'), (await writeModelZip(model)).slice(0, 40)]) {
      expect((await refusal(readModel, bytes)).code).to.equal('model-broken');
    }
  });
});
