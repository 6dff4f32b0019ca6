import { expect } from 'chai';
import { readModelZip, writeModelZip } from '../../../src/engine/exchange/model-zip.js';
import { WinnowError } from '../../../src/engine/support/errors.js';
import { everyLayer, exampleModel, pack, unpack } from './example.js';

/** What the attacks change. */
interface LayerJson {
  name: string;
  class_name: string;
  config: Record<string, unknown>;
  inbound_nodes: [string, ...unknown[]][][];
}
interface WeightJson {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: object;
}
interface ModelJson {
  modelTopology: { config: { layers: LayerJson[] } };
  weightsManifest: [{ paths: string[]; weights: WeightJson[] }];
}
interface CardJson {
  schema: number;
  classes: unknown[];
  settings: Record<string, unknown>;
  preprocessing: Record<string, unknown>;
  metrics: { validation: { accuracy: number } };
}

describe('a hostile model.zip', () => {
  let files: Record<string, Uint8Array<ArrayBuffer>>;
  let zip: Uint8Array<ArrayBuffer>;
  before(async () => {
    zip = await writeModelZip(exampleModel(everyLayer()));
    files = await unpack(zip);
  });

  const edited = <T>(name: string, edit: (json: T) => unknown) => {
    const json = JSON.parse(new TextDecoder().decode(files[name])) as T;
    edit(json);
    return pack({ ...files, [name]: JSON.stringify(json) });
  };
  const withModel = (edit: (model: ModelJson) => unknown) => edited('model.json', edit);
  const withCard = (edit: (card: CardJson) => unknown) => edited('card.json', edit);
  const layerOf = (model: ModelJson, name: string) => model.modelTopology.config.layers.find((layer) => layer.name === name)!;
  const withLayer = (name: string, edit: (layer: LayerJson) => unknown) => withModel((model) => edit(layerOf(model, name)));
  const withWeights = (edit: (weights: Float32Array) => void) => {
    const weights = new Float32Array(files['weights.bin'].slice().buffer);
    edit(weights);
    return pack({ ...files, 'weights.bin': new Uint8Array(weights.buffer) });
  };
  const manifest = (model: ModelJson) => model.weightsManifest[0];
  /** Overwrites every place where `from` stands in the archive with `to`, of the same length. */
  const patched = (archive: Uint8Array<ArrayBuffer>, from: string | number[], to: string | number[]) => {
    const bytes = (value: string | number[]) => (typeof value === 'string' ? [...new TextEncoder().encode(value)] : value);
    const result = archive.slice();
    let hits = 0;
    for (let at = 0; at < result.length; at++) {
      if (bytes(from).some((byte, offset) => archive[at + offset] !== byte)) continue;
      result.set(bytes(to), at);
      hits++;
    }
    expect(hits, 'places patched').to.be.above(0);
    return result;
  };
  const little = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];

  const attacks: Record<string, [why: RegExp, make: () => Promise<Uint8Array<ArrayBuffer>>]> = {
    'bytes that are no zip': [/./, async () => new TextEncoder().encode('<html>'.repeat(100))],
    'a truncated zip': [/./, async () => zip.slice(0, zip.length * 0.7)],
    'no model.json': [/no model\.json/, () => pack({ 'card.json': files['card.json'], 'weights.bin': files['weights.bin'] })],
    'a model.json that is no JSON': [/no JSON/, () => pack({ ...files, 'model.json': '{"format":' })],
    'JSON that is no object': [/no object/, () => pack({ ...files, 'model.json': '[]' })],
    'a layer that runs code': [/Lambda/, () => withLayer('flatten', (layer) => (layer.class_name = 'Lambda'))],
    'a layer class named like a property of objects': [/constructor/, () => withLayer('flatten', (layer) => (layer.class_name = 'constructor'))],
    'a layer class of the prototype': [/__proto__/, () => withLayer('flatten', (layer) => (layer.class_name = '__proto__'))],
    'shapes far beyond the bytes': [/larger|needs/, () => withModel((model) => {
      layerOf(model, 'dense').config.units = 2 ** 23;
      manifest(model).weights.find((weight) => weight.name === 'dense/kernel')!.shape[1] = 2 ** 23;
    })],
    'a layer that allocates without weights to match': [/needs/, () => withLayer('conv2d_3', (layer) => (layer.config.filters = 5))],
    'filters that overflow to Infinity': [/number/, async () => pack({ ...files, 'model.json': new TextDecoder().decode(files['model.json']).replace('"filters":6', '"filters":1e999') })],
    'negative filters': [/number/, () => withLayer('conv2d', (layer) => (layer.config.filters = -6))],
    'an input that fills the memory': [/larger/, () => withLayer('input_layer', (layer) => (layer.config.batch_input_shape = [null, 2 ** 20, 2 ** 20, 3]))],
    'an input of another rank': [/list/, () => withLayer('input_layer', (layer) => (layer.config.batch_input_shape = [null, 17, 3]))],
    'a cycle': [/before it/, () => withLayer('conv2d', (layer) => (layer.inbound_nodes[0][0][0] = 'flatten'))],
    'a dilation': [/dilation/, () => withLayer('conv2d', (layer) => (layer.config.dilation_rate = [2, 2]))],
    'channels first': [/channels_last/, () => withLayer('conv2d', (layer) => (layer.config.data_format = 'channels_first'))],
    'weights too short': [/bytes/, () => pack({ ...files, 'weights.bin': files['weights.bin'].slice(0, -4) })],
    'weights too long': [/bytes/, () => pack({ ...files, 'weights.bin': new Uint8Array(files['weights.bin'].length + 4) })],
    'a NaN': [/conv2d\/kernel.*finite/, () => withWeights((weights) => (weights[3] = Number.NaN))],
    'an Infinity': [/answers\/bias.*finite/, () => withWeights((weights) => (weights[weights.length - 1] = -Infinity))],
    'weights from another path': [/none of weights\.bin/, () => withModel((model) => (manifest(model).paths = ['../../etc/passwd']))],
    'weights from the network': [/none of weights\.bin/, () => withModel((model) => (manifest(model).paths = ['https://example.org/w.bin']))],
    'quantised weights': [/quantization/, () => withModel((model) => (manifest(model).weights[0].quantization = { dtype: 'uint8', scale: 1, min: 0 }))],
    'weights of another type': [/dtype/, () => withModel((model) => (manifest(model).weights[0].dtype = 'int32'))],
    'a weight that no layer has': [/no layer has/, () => withModel((model) => manifest(model).weights.push({ name: '__proto__/kernel', shape: [1], dtype: 'float32' }))],
    'a weight twice': [/no layer has/, () => withModel((model) => manifest(model).weights.push(manifest(model).weights[0]))],
    'a weight missing': [/missing/, () => withModel((model) => manifest(model).weights.pop())],
    'a file twice': [/twice/, async () => patched(await pack({ ...files, 'model.jsoN': '{}' }), 'model.jsoN', 'model.json')],
    'an encrypted file': [/encrypted/, () => pack(files, { password: 'x' })],
    'a bit flipped in the weights': [/./, async () => {
      const broken = zip.slice();
      const weight = files['weights.bin'].slice(400, 416);
      const at = broken.findIndex((_, index) => weight.every((byte, offset) => broken[index + offset] === byte));
      broken[at] ^= 1;
      return broken;
    }],
    'a file that inflates to more than it declares': [/./, async () => patched(zip, little(files['model.json'].length), little(200))],
    'weights that are a zip bomb': [/tightly/, () => pack({ ...files, 'weights.bin': new Uint8Array(files['weights.bin'].length) }, { level: 9 })],
    'a card that is a zip bomb': [/larger/, () => pack({ ...files, 'card.json': ' '.repeat(9 * 2 ** 20) })],
    'a card for other classes': [/classes/, () => withCard((card) => card.classes.pop())],
    'a card that names a class twice': [/twice/, () => withCard((card) => (card.classes[0] = card.classes[1]))],
    'a card with another size': [/pixels/, () => withCard((card) => (card.settings.size = 224))],
    'a card with other preprocessing': [/divideBy/, () => withCard((card) => (card.preprocessing.divideBy = 127.5))],
    'a card of a later schema': [/schema/, () => withCard((card) => (card.schema = 2))],
    'a card with an accuracy of 2': [/accuracy/, () => withCard((card) => (card.metrics.validation.accuracy = 2))],
    'a class name that is no text': [/text/, () => withCard((card) => (card.classes[0] = { toString: 1 }))],
  };

  for (const [what, [why, make]] of Object.entries(attacks)) {
    it(`is refused: ${what}`, async () => {
      const error = await readModelZip(new File([await make()], 'evil.zip')).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(WinnowError);
      expect(error).to.have.property('code', 'model-broken');
      expect(error).to.have.nested.property('details.source', 'evil.zip');
      expect(error).to.have.nested.property('details.why').that.matches(why);
    });
  }

  it('allocates no weight for what it declares', async () => {
    const evil = new Blob([await attacks['shapes far beyond the bytes'][1]()]);
    const Original = Float32Array;
    let most = 0;
    globalThis.Float32Array = new Proxy(Original, {
      construct(target, args: [number], newTarget: typeof Original) {
        most = Math.max(most, typeof args[0] === 'number' ? args[0] : 0);
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
    try {
      await readModelZip(evil).catch(() => {});
    } finally {
      globalThis.Float32Array = Original;
    }
    expect(most).to.equal(0);
  });

  it('pollutes no prototype, and keeps nothing that it was not asked for', async () => {
    const model = new TextDecoder().decode(files['model.json']).replace('"groups":{', '"groups":{"__proto__":"polluted",');
    const card = new TextDecoder().decode(files['card.json']).replace('"options": {', '"__proto__": {"polluted": 1}, "extra": 1, "options": {"__proto__": 3');
    const read = await readModelZip(new Blob([await pack({ ...files, 'model.json': model, 'card.json': card })]));
    expect({}).to.not.have.property('polluted');
    expect(read.card).to.not.have.any.keys('extra', 'polluted');
    expect(read.graph).to.deep.equal(everyLayer());
  });
});
