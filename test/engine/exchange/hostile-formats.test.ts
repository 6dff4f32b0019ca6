import { expect } from 'chai';
import { readModel } from '../../../src/engine/exchange/formats.js';
import { writeKeras } from '../../../src/engine/exchange/keras/file.js';
import { Message, type Value } from '../../../src/engine/exchange/onnx/protobuf.js';
import { bytesField, messageFields, type Read } from '../../../src/engine/exchange/onnx/protobuf-read.js';
import { writeOnnx } from '../../../src/engine/exchange/onnx/write.js';
import { writeSafetensors } from '../../../src/engine/exchange/safetensors.js';
import { bytesOf, everyLayer, exampleModel, pack, refusal, unpack } from './example.js';

const model = exampleModel(everyLayer());
const encode = (text: string) => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function expectRefusals(attacks: Record<string, [why: RegExp, make: () => Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>]>): void {
  for (const [what, [why, make]] of Object.entries(attacks)) {
    it(`is refused: ${what}`, async () => {
      const error = await refusal(readModel, await make());
      expect(error.code).to.equal('model-broken');
      expect(error.details.source).to.equal('evil.file');
      expect(error.details.why).to.match(why);
    });
  }
}

/** Calls `act` and tells the largest Float32Array that was made by length meanwhile. */
async function largestAllocation(act: () => Promise<unknown>): Promise<number> {
  const Original = Float32Array;
  let most = 0;
  globalThis.Float32Array = new Proxy(Original, {
    construct(target, args: [number], newTarget: typeof Original) {
      most = Math.max(most, typeof args[0] === 'number' ? args[0] : 0);
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
  try {
    await act();
  } finally {
    globalThis.Float32Array = Original;
  }
  return most;
}

describe('a hostile safetensors file', () => {
  interface Tensor {
    dtype: string;
    shape: number[];
    data_offsets: number[];
  }
  type Header = Record<string, Tensor> & { __metadata__: Record<string, string> };
  let file: Uint8Array<ArrayBuffer>;
  let start = 0;
  before(async () => {
    file = await bytesOf(writeSafetensors(model));
    start = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  });

  const withText = (text: string, data = file.slice(start), length = encode(text).length) => {
    const result = new Uint8Array(8 + encode(text).length + data.length);
    new DataView(result.buffer).setBigUint64(0, BigInt(length), true);
    result.set(encode(text), 8);
    result.set(data, 8 + encode(text).length);
    return result;
  };
  const headerText = () => decode(file.slice(8, start));
  const withHeader = (edit: (header: Header) => unknown) => {
    const header = JSON.parse(headerText()) as Header;
    edit(header);
    return withText(JSON.stringify(header));
  };
  const withField = (field: string, edit: (json: { config: { layers: { class_name: string; config: Record<string, unknown> }[] } }) => unknown) =>
    withHeader(({ __metadata__ }) => {
      const json = JSON.parse(__metadata__[field]);
      edit(json);
      __metadata__[field] = JSON.stringify(json);
    });
  const withWeights = (edit: (weights: Float32Array) => void) => {
    const weights = new Float32Array(file.slice(start).buffer);
    edit(weights);
    return withText(headerText(), new Uint8Array(weights.buffer));
  };

  it('is what safetensors says: the length of the header, JSON from a brace on, data at a multiple of eight', () => {
    expect(file[8]).to.equal(0x7b);
    expect(start % 8).to.equal(0);
    const header = JSON.parse(headerText()) as Header;
    expect(header['conv2d/kernel']).to.deep.equal({ dtype: 'F32', shape: [3, 3, 3, 6], data_offsets: [0, 648] });
    expect(header['conv2d/bias']).to.deep.equal({ dtype: 'F32', shape: [6], data_offsets: [648, 672] });
    expect(new Float32Array(file.slice(start, start + 648).buffer)).to.deep.equal(model.weights[0].data);
    expect(Object.values(header.__metadata__).every((value) => typeof value === 'string')).to.equal(true);
  });

  expectRefusals({
    'a header longer than the file': [/./, () => withText('{}', new Uint8Array(0), 10_000)],
    'a header of 2^63 bytes': [/./, () => withText('{}', new Uint8Array(0), 2 ** 63)],
    'a header over the cap, which the file has': [/./, () => withText(`{${' '.repeat(9 * 2 ** 20)}}`)],
    'a header that is no JSON': [/no JSON/, () => withText('{"a":')],
    'a header that is no UTF-8': [/no JSON/, () => { const bytes = file.slice(); bytes[20] = 0xff; return bytes; }],
    'no metadata': [/metadata/, () => withHeader((header) => Reflect.deleteProperty(header, '__metadata__'))],
    'metadata that is no text': [/text/, () => withHeader((header) => Reflect.set(header.__metadata__, 'card', { schema: 1 }))],
    'a topology that is no JSON': [/no JSON/, () => withHeader((header) => (header.__metadata__.topology = '{'))],
    'a layer that runs code': [/Lambda/, () => withField('topology', ({ config }) => (config.layers[2].class_name = 'Lambda'))],
    'a card that does not fit': [/pixels/, () => withField('card', (card) => Reflect.set(Reflect.get(card, 'settings') as object, 'size', 64))],
    'full precision that is called half': [/lie/, () => withHeader((header) => (header['conv2d/kernel'].dtype = 'F16'))],
    'a dtype that is none': [/dtype/, () => withHeader((header) => (header['conv2d/kernel'].dtype = '__proto__'))],
    'offsets beyond the file': [/lie/, () => withHeader((header) => (header['answers/bias'].data_offsets[1] += 4))],
    'offsets that go backwards': [/lie/, () => withHeader((header) => header['conv2d/kernel'].data_offsets.reverse())],
    'offsets that overlap': [/lie/, () => withHeader((header) => (header['conv2d/bias'].data_offsets = [644, 668]))],
    'a gap': [/lie/, () => withHeader((header) => (header['conv2d/bias'].data_offsets = [652, 676]))],
    'negative offsets': [/offsets/, () => withHeader((header) => (header['conv2d/kernel'].data_offsets = [-4, 644]))],
    'offsets that are no whole numbers': [/whole/, () => withHeader((header) => (header['conv2d/kernel'].data_offsets = [0.5, 648.5]))],
    'offsets of Infinity': [/number/, () => withText(headerText().replace('[0,648]', '[0,1e999]'))],
    'a shape that overflows': [/needs/, () => withHeader((header) => (header['conv2d/kernel'].shape = [2 ** 30, 2 ** 30, 2 ** 30, 6]))],
    'a negative shape': [/number/, () => withHeader((header) => (header['conv2d/kernel'].shape[0] = -3))],
    'another shape of the same size': [/needs/, () => withHeader((header) => (header['conv2d/kernel'].shape = [3, 3, 6, 3]))],
    'a tensor missing': [/missing/, () => withHeader((header) => Reflect.deleteProperty(header, 'answers/bias'))],
    'a tensor too many': [/no layer/, () => withHeader((header) => (header.extra = { dtype: 'F32', shape: [1], data_offsets: [0, 4] }))],
    'bytes at its end': [/bytes/, () => withText(headerText(), new Uint8Array([...file.slice(start), 0, 0, 0, 0]))],
    'a file cut short': [/bytes/, () => file.slice(0, -4)],
    'a weight that is not a number': [/not finite/, () => withWeights((weights) => (weights[7] = NaN))],
    'a weight of Infinity': [/not finite/, () => withWeights((weights) => (weights[7] = -Infinity))],
  });

  it('allocates no weight for what it declares', async () => {
    const evil = withField('topology', ({ config }) => config.layers.forEach((layer) => (layer.class_name === 'Dense' ? (layer.config.units = 2 ** 20) : 0)));
    expect(await largestAllocation(() => refusal(readModel, evil))).to.equal(0);
  });
});

describe('a hostile .keras file', () => {
  interface LayerJson {
    module: string;
    class_name: string;
    registered_name: string | null;
    name: string;
    config: Record<string, unknown>;
    inbound_nodes: { args: unknown[]; kwargs: object }[];
  }
  interface Config {
    class_name: string;
    config: { layers: LayerJson[]; output_layers: unknown };
  }
  let files: Record<string, Uint8Array<ArrayBuffer>>;
  before(async () => {
    files = await unpack(await bytesOf(await writeKeras(model)));
  });

  const edited = <T>(name: string, edit: (json: T) => unknown) => {
    const json = JSON.parse(decode(files[name])) as T;
    edit(json);
    return pack({ ...files, [name]: JSON.stringify(json) });
  };
  const withLayer = (name: string, edit: (layer: LayerJson) => unknown) => edited<Config>('config.json', ({ config }) => edit(config.layers.find((layer) => layer.name === name)!));
  const without = (name: string) => pack(Object.fromEntries(Object.entries(files).filter(([own]) => own !== name)));
  const withHdf5 = (edit: (file: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> | void) => {
    const file = files['model.weights.h5'].slice();
    return pack({ ...files, 'model.weights.h5': edit(file) ?? file });
  };

  it('holds what Keras looks for', () => {
    expect(Object.keys(files)).to.have.members(['metadata.json', 'config.json', 'model.weights.h5', 'card.json']);
    const config = JSON.parse(decode(files['config.json'])) as Config;
    expect(config.config.layers.map(({ module, registered_name }) => [module, registered_name])).to.deep.equal(everyLayer().layers.map(() => ['keras.layers', null]));
  });

  expectRefusals({
    'no weights': [/no model\.weights\.h5/, () => without('model.weights.h5')],
    'no metadata': [/no metadata\.json/, () => without('metadata.json')],
    'a layer that runs code': [/Lambda/, () => withLayer('flatten', (layer) => (layer.class_name = 'Lambda'))],
    'a class of someone else’s with a name of Keras’s': [/module/, () => withLayer('flatten', (layer) => (layer.module = 'evil'))],
    'a registered class': [/registered_name/, () => withLayer('flatten', (layer) => (layer.registered_name = 'evil>Flatten'))],
    'a model that is no functional one': [/class_name/, () => edited<Config>('config.json', (config) => (config.class_name = 'Sequential'))],
    'a layer that is called twice': [/list/, () => withLayer('flatten', (layer) => layer.inbound_nodes.push(layer.inbound_nodes[0]))],
    'an argument that is no tensor': [/tensor|__keras_tensor__/, () => withLayer('flatten', (layer) => (layer.inbound_nodes[0].args = [{ class_name: '__tensor__', config: {} }]))],
    'a batch norm renormalised': [/renorm/, () => withLayer('batch_normalization', (layer) => (layer.config.renorm = true))],
    'dropout by another shape': [/noise_shape/, () => withLayer('dropout', (layer) => (layer.config.noise_shape = [1]))],
    'an activation that is none here': [/activation/, () => withLayer('dense', (layer) => (layer.config.activation = 'gelu'))],
    'a dilation': [/dilation/, () => withLayer('conv2d', (layer) => (layer.config.dilation_rate = [2, 2]))],
    'an output in the middle': [/output/, () => edited<Config>('config.json', ({ config }) => (config.output_layers = ['dense', 0, 0]))],
    'shapes far beyond the bytes': [/need/, () => withLayer('dense', (layer) => (layer.config.units = 2 ** 20))],
    'weights of another shape': [/needs/, () => withLayer('conv2d_3', (layer) => (layer.config.use_bias = false))],
    'weights that are no HDF5': [/no HDF5/, () => withHdf5((file) => file.fill(1, 0, 1))],
    'weights that are a zip bomb': [/tightly/, () => pack({ ...files, 'model.weights.h5': new Uint8Array(2 ** 22) }, { level: 9 })],
    'far more bytes than weights': [/need/, () => withHdf5(() => new Uint8Array(2 ** 25))],
    'weights cut short': [/outside|needs/, () => withHdf5((file) => file.slice(0, file.length * 0.8))],
    'a weight that is not a number': [/not finite/, () => withHdf5((file) => new DataView(file.buffer).setFloat32(96, NaN, true))],
    'a card for other classes': [/classes/, () => edited<{ classes: string[] }>('card.json', (card) => card.classes.pop())],
  });

  it('allocates no weight for what it declares', async () => {
    const evil = await withLayer('dense', (layer) => (layer.config.units = 2 ** 20));
    expect(await largestAllocation(() => refusal(readModel, evil))).to.equal(0);
  });
});

describe('a hostile ONNX file', () => {
  let file: Uint8Array<ArrayBuffer>;
  before(async () => {
    file = await bytesOf(writeOnnx(model));
  });

  const message = (fields: ConstructorParameters<typeof Message>[0]) => bytesOf(new Blob(new Message(fields).parts));
  const fields = () => [...messageFields(file)];
  const graphOf = () => bytesField(fields(), 7)!;
  const metadata = () => fields().filter(({ number }) => number === 14).map(({ value }) => value as Uint8Array<ArrayBuffer>);
  /** The file with another graph, or other metadata. */
  const rebuilt = (graph: Value = graphOf(), properties: Value = metadata()) => message({ 1: 8, 2: 'Winnow', 7: graph, 14: properties });
  const withMetadata = (key: string, edit: (value: string) => string) =>
    rebuilt(
      graphOf(),
      metadata().map((entry) => {
        const [own, value] = [1, 2].map((number) => decode(bytesField([...messageFields(entry)], number)!));
        return new Message({ 1: own, 2: own === key ? edit(value) : value });
      }),
    );
  /** The graph's fields, each changed by `edit` or left out. */
  const withGraph = (edit: (number: number, value: Read) => Value) => {
    const parts = [...messageFields(graphOf())].map(({ number, value }) => new Message({ [number]: edit(number, value) }));
    return bytesOf(new Blob(parts.flatMap((part) => part.parts))).then((graph) => rebuilt(graph));
  };
  const named = (value: Read, field: number, name: string) => decode(bytesField([...messageFields(value)], field) ?? new Uint8Array(0)) === name;
  const patchedTensor = (name: string, edit: (data: Float32Array) => void) => withGraph((number, value) => {
    if (number !== 5 || !named(value, 8, name)) return value;
    const copy = (value as Uint8Array<ArrayBuffer>).slice();
    const raw = bytesField([...messageFields(copy)], 9)!;
    const data = new Float32Array(raw.slice().buffer);
    edit(data);
    raw.set(new Uint8Array(data.buffer));
    return copy;
  });

  it('is read when it is taken apart and put together again', async () => {
    expect((await readModel(new Blob([await rebuilt()]))).weights).to.deep.equal(model.weights);
    expect((await readModel(new Blob([await patchedTensor('dense/bias', (data) => data.fill(0.5))]))).weights.find(({ name }) => name === 'dense/bias')!.data[0]).to.equal(0.5);
  });

  expectRefusals({
    'a file of another program': [/not of Winnow/, () => rebuilt(graphOf(), [])],
    'no graph': [/no graph/, () => message({ 1: 8, 2: 'Winnow', 14: metadata() })],
    'two graphs': [/doubled/, () => rebuilt([graphOf(), graphOf()])],
    'a graph that is a number': [/number/, () => rebuilt(7)],
    'a file cut short': [/outside/, () => file.slice(0, -10)],
    'a length beyond the file': [/outside/, () => Uint8Array.of(8, 8, 18, 0xff, 0xff, 0xff, 0xff, 0x7f)],
    'a number without an end': [/no end/, () => Uint8Array.of(8, 8, 18, ...Array<number>(20).fill(0xff))],
    'a wire type that is none': [/protocol buffer/, () => Uint8Array.of(8, 8, 18, 0, 7)],
    'a million fields': [/too many/, () => new Uint8Array(2 ** 20).map((_, at) => [8, 8, 18, 0][at] ?? (at % 2 ? 0 : 8))],
    'a topology that is no JSON': [/no JSON/, () => withMetadata('winnow.topology', () => '{')],
    'a layer that runs code': [/Lambda/, () => withMetadata('winnow.topology', (json) => json.replace('"Flatten"', '"Lambda"'))],
    'a topology with another stride': [/needs|not those/, () => withMetadata('winnow.topology', (json) => json.replace('"strides":[2,2]', '"strides":[1,1]'))],
    'a topology with another activation': [/not those/, () => withMetadata('winnow.topology', (json) => json.replace('"activation":"relu6"', '"activation":"relu"'))],
    'shapes far beyond the bytes': [/needs/, () => withMetadata('winnow.topology', (json) => json.replace('"units":7', '"units":1048576'))],
    'a card for other classes': [/classes/, () => withMetadata('winnow.card', (json) => json.replace(/"classes":\[[^,]*,/, '"classes":['))],
    'a node that is left out': [/not those/, () => withGraph((number, value) => (number === 1 && named(value, 3, 'dense') ? undefined : value))],
    'a node that does something else': [/not those/, () => withGraph((number, value) => (number === 1 && named(value, 3, 'concatenate') ? new Message({ 1: 'a', 2: 'b', 3: 'concatenate', 4: 'Evil' }) : value))],
    'a white of 1': [/not those/, () => patchedTensor('input_layer/white', (data) => data.fill(1))],
    'a weight missing': [/missing/, () => withGraph((number, value) => (number === 5 && named(value, 8, 'dense/bias') ? undefined : value))],
    'a weight twice': [/twice/, () => withGraph((number, value) => (number === 5 && named(value, 8, 'dense/bias') ? [value, value] : value))],
    'a weight of half its bytes': [/needs/, () => withGraph((number, value) => (number === 5 && named(value, 8, 'dense/bias') ? new Message({ 1: 7, 2: 1, 8: 'dense/bias', 9: new Uint8Array(14) }) : value))],
    'a weight of another shape': [/not those/, () => withGraph((number, value) => (number === 5 && named(value, 8, 'dense/bias') ? new Message({ 1: [7, 1], 2: 1, 8: 'dense/bias', 9: new Uint8Array(28) }) : value))],
    'a weight that is not a number': [/not finite/, () => patchedTensor('dense/bias', (data) => data.fill(NaN))],
  });

  it('allocates no weight for what it declares', async () => {
    const evil = await withMetadata('winnow.topology', (json) => json.replace('"units":7', '"units":1048576'));
    expect(await largestAllocation(() => refusal(readModel, evil))).to.be.below(2000);
  });
});
