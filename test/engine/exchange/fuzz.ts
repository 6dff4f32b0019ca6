import { readCarriedModel } from '../../../src/engine/exchange/formats.js';
import { readKerasWeights } from '../../../src/engine/exchange/keras/weights.js';
import { writeKeras } from '../../../src/engine/exchange/keras/file.js';
import { writeHdf5 } from '../../../src/engine/exchange/hdf5/write.js';
import { writeModelZip } from '../../../src/engine/exchange/model-zip.js';
import { writeOnnx } from '../../../src/engine/exchange/onnx/write.js';
import { writeSafetensors } from '../../../src/engine/exchange/safetensors.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { WinnowError } from '../../../src/engine/support/errors.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';
import { bytesOf, exampleModel, pack, unpack } from './example.js';

type Bytes = Uint8Array<ArrayBuffer>;
type Mutate = (random: Random) => Promise<Bytes>;

export interface FuzzResult {
  /** Mutations by how their reading ended. */
  readonly refused: number;
  readonly read: number;
  readonly slowestMs: number;
  /** What broke a promise: neither read nor refused with a type, a weight that is no number, or longer than `mostMs`. */
  readonly broken: readonly string[];
}

/** Files of a small model in every form, each changed at random; the same (seed, index) is the same file. */
export async function fuzzModels(seed: number, from: number, count: number, mostMs = Infinity, told: (done: number) => void = () => {}): Promise<FuzzResult> {
  const forms = await makeForms();
  const broken: string[] = [];
  let refused = 0;
  let read = 0;
  let slowestMs = 0;
  for (let index = from; index < from + count; index++) {
    const random = new Random(seed, Purpose.sample, index);
    const form = forms[random.below(forms.length)];
    const bytes = await form.mutate(random);
    const file = new File([bytes], 'evil');
    const begun = performance.now();
    try {
      const weights = await form.read(file);
      read++;
      if (weights.some((data) => !data.every(Number.isFinite))) broken.push(`${form.name} ${index}: a weight is not finite`);
    } catch (error) {
      if (error instanceof WinnowError && error.code === 'model-broken' && error.message !== '') refused++;
      else broken.push(`${form.name} ${index}: ${error instanceof Error ? error.stack : String(error)}`);
    }
    let ms = performance.now() - begun;
    if (ms > mostMs) {
      // Once more: a busy machine may have been elsewhere.
      const again = performance.now();
      await form.read(file).catch(() => null);
      ms = Math.min(ms, performance.now() - again);
    }
    slowestMs = Math.max(slowestMs, ms);
    if (ms > mostMs) broken.push(`${form.name} ${index}: took ${ms.toFixed(0)} ms`);
    told(index - from + 1);
  }
  return { refused, read, slowestMs, broken };
}

async function makeForms(): Promise<{ name: string; mutate: Mutate; read(file: File): Promise<readonly Float32Array[]> }[]> {
  const graph = new GraphBuilder([9, 9, 3], 5).conv(4, 3, { stride: 2 }).batchNorm().activation('relu6').depthwise(3, {}).maxPool(2).flatten().dropout(0.5).dense(3).predictions({ name: 'answers' });
  const model = exampleModel(graph);
  const dataset = (data: Float32Array<ArrayBuffer>) => ({ shape: [data.length], data });
  const files = {
    zip: await writeModelZip(model),
    keras: await bytesOf(await writeKeras(model)),
    safetensors: await bytesOf(writeSafetensors(model)),
    onnx: await bytesOf(writeOnnx(model)),
    hdf5: await bytesOf(new Blob(writeHdf5({ layers: { conv2d: { vars: { 0: dataset(Float32Array.of(1, 2, 3)), 1: dataset(Float32Array.of(4)) } } } }))),
  };
  const carried = async (file: File) => (await readCarriedModel(file)).weights.map(({ data }) => data);
  const kerasWeights = async (file: File) => [...(await readKerasWeights(file, ['conv2d', 'dense'])).values()].flat().map(({ data }) => data);
  const inside = async (archive: Bytes): Promise<Mutate> => {
    const members = await unpack(archive);
    return (random) => changeMember(members, random);
  };
  return [
    { name: 'model.zip', mutate: async (random) => changeBytes(files.zip, random), read: carried },
    { name: 'model.zip, inside', mutate: await inside(files.zip), read: carried },
    { name: '.keras', mutate: async (random) => changeBytes(files.keras, random), read: carried },
    { name: '.keras, inside', mutate: await inside(files.keras), read: carried },
    { name: 'safetensors', mutate: async (random) => changeBytes(files.safetensors, random), read: carried },
    { name: 'safetensors, header', mutate: async (random) => changeHeader(files.safetensors, random), read: carried },
    { name: 'onnx', mutate: async (random) => changeBytes(files.onnx, random), read: carried },
    { name: 'hdf5', mutate: async (random) => changeBytes(files.hdf5, random), read: kerasWeights },
  ];
}

const any = <T>(random: Random, values: readonly T[]): T => values[random.below(values.length)];

/** One to four of: a bit flipped, a byte, a number of extremes, a piece taken out, doubled, moved, zeroed, or the end cut off. */
function changeBytes(original: Bytes, random: Random): Bytes {
  let bytes = original.slice();
  for (let changes = 1 + random.below(4); changes > 0 && bytes.length > 16; changes--) {
    // Mostly in the first and last part, where the structures are.
    const at = random.below(3) === 0 ? random.below(bytes.length) : any(random, [random.below(Math.min(600, bytes.length)), bytes.length - 1 - random.below(Math.min(600, bytes.length))]);
    const length = 1 + random.below(Math.min(64, bytes.length - at));
    switch (random.below(8)) {
      case 0:
        bytes[at] ^= 1 << random.below(8);
        break;
      case 1:
        bytes[at] = random.below(256);
        break;
      case 2: {
        const view = new DataView(bytes.buffer);
        if (at + 8 > bytes.length) break;
        const value = any(random, [0, 1, 0x7f, 0xff, 0x7fff, 0xffff, 0x7fffffff, 0xffffffff, bytes.length, bytes.length - at, random.uint32()]);
        any(random, [() => view.setUint16(at, value & 0xffff, true), () => view.setUint32(at, value, true), () => view.setBigUint64(at, (BigInt(value) << 32n) | BigInt(random.uint32()), true)])();
        break;
      }
      case 3:
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(at + length)]);
        break;
      case 4:
        bytes = Uint8Array.from([...bytes.subarray(0, at + length), ...bytes.subarray(at)]);
        break;
      case 5:
        bytes.copyWithin(random.below(bytes.length), at, at + length);
        break;
      case 6:
        bytes.fill(any(random, [0, 0xff, 0x20]), at, at + length);
        break;
      default:
        if (random.below(4) === 0) bytes = bytes.slice(0, at);
    }
  }
  return bytes;
}

async function changeMember(members: Readonly<Record<string, Bytes>>, random: Random): Promise<Bytes> {
  const name = any(random, Object.keys(members));
  const changed = name.endsWith('.json') && random.below(4) > 0 ? changeJson(members[name], random) : changeBytes(members[name], random);
  return pack({ ...members, [name]: changed }, { level: 0 });
}

/** The length in front is right for what the header has become. */
function changeHeader(file: Bytes, random: Random): Bytes {
  const end = 8 + Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = changeJson(file.slice(8, end), random);
  const result = new Uint8Array(8 + header.length + file.length - end);
  new DataView(result.buffer).setBigUint64(0, BigInt(header.length), true);
  result.set(header, 8);
  result.set(file.subarray(end), 8 + header.length);
  return result;
}

const ODD = ['null', 'true', '0', '-1', '1.5', '1e999', '-1e999', '4294967296', '9007199254740993', '1e-320', '""', '"NaN"', '"__proto__"', '"Lambda"', '"../../x"', '[]', '{}', '[[[[[[[[]]]]]]]]', '{"__proto__":{"x":1}}', '{"constructor":1,"length":-1}', JSON.stringify('x'.repeat(3000)), '[0,0,0,0,0,0,0,0,0,0,0,0]'];

/** A value somewhere in the tree becomes an odd one, goes, or takes another's place; text that is itself JSON is entered. */
function changeJson(bytes: Bytes, random: Random): Bytes {
  const tree: { root: unknown } = { root: JSON.parse(new TextDecoder().decode(bytes)) };
  const marks: string[] = [];
  for (let changes = 1 + random.below(3); changes > 0; changes--) {
    let parent: Record<string, unknown> = tree;
    let key = 'root';
    for (let depth = random.below(12); depth > 0; depth--) {
      const value = parent[key];
      if (typeof value !== 'object' || value === null || Object.keys(value).length === 0) break;
      parent = value as Record<string, unknown>;
      key = any(random, Object.keys(value));
    }
    const value = parent[key];
    if (typeof value === 'string' && value.startsWith('{') && random.below(2) === 0) parent[key] = new TextDecoder().decode(changeJson(new TextEncoder().encode(value), random));
    else if (random.below(6) === 0) delete parent[key];
    else if (Array.isArray(value) && random.below(3) === 0) value.push(any<unknown>(random, value), any<unknown>(random, value));
    else {
      // A mark now, so that what JSON.stringify would tidy (1e999, __proto__) is written as it stands.
      marks.push(any(random, ODD));
      parent[key] = `\u0001${marks.length - 1}\u0001`;
    }
  }
  const text = JSON.stringify(tree.root) ?? 'null';
  return new TextEncoder().encode(text.replace(/"\\u0001(\d+)\\u0001"/g, (_, mark: string) => marks[Number(mark)]));
}
