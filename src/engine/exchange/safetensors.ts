import type { Weight } from '../graph/types.js';
import { checkWeights, fileName, matchWeights, orderWeights, parseCardOf, reading, weightOf, type Model } from './model.js';
import { dequantise, filtersOf, quantise } from './quantise.js';
import { entries, list, object, oneOf, optional, parseJson, parseText, refuse, text, whole } from './schema.js';
import { groupsOf, parseGroups, readTopology, writeTopology } from './topology.js';

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 8 * 2 ** 20;
const METADATA = '__metadata__';

/** Of an int8 weight: its scales, one a filter, stand beside it under this name. */
const SCALES = '/scales';
const DTYPES = { float32: 'F32', float16: 'F16', int8: 'I8' } as const;
const BYTES = { F32: 4, F16: 2, I8: 1 } as const;

/**
 * A safetensors file: tensors under the graph's names (conv2d/kernel), in Keras's layouts, float32, or where the model's card says so
 * its kernels as float16, or as int8 with a float32 tensor of scales beside each. The format allows text as metadata, and there the
 * configuration goes, each field JSON: `topology` (Keras 2's functional model, as tfjs has it), `groups`, `card`.
 * The same model gives the same bytes.
 */
export function writeSafetensors(model: Model): Blob {
  checkWeights(model);
  const { graph, weights, card } = model;
  const header: Record<string, unknown> = {
    [METADATA]: { format: 'winnow', topology: JSON.stringify(writeTopology(graph)), groups: JSON.stringify(groupsOf(graph)), card: JSON.stringify(card) },
  };
  const stored = quantise(weights, card.precision).flatMap((weight) => {
    const { name, shape, dtype, data } = weight;
    const tensor = { name, shape, dtype: DTYPES[dtype], data };
    return weight.dtype === 'int8' ? [tensor, { name: `${name}${SCALES}`, shape: [weight.scales.length], dtype: DTYPES.float32, data: weight.scales }] : [tensor];
  });
  // The widest first, so that each is aligned.
  const tensors = stored.sort((a, b) => BYTES[b.dtype] - BYTES[a.dtype]);
  let end = 0;
  for (const { name, shape, dtype, data } of tensors) {
    const begin = end;
    end += data.byteLength;
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Spaces up to a multiple of eight, so that the data is aligned.
  const padded = new Uint8Array((json.length + 7) & ~7).fill(0x20);
  padded.set(json);
  const length = new DataView(new ArrayBuffer(LENGTH_BYTES));
  length.setBigUint64(0, BigInt(padded.length), true);
  return new Blob([length, padded, ...tensors.map(({ data }) => data)], { type: 'application/octet-stream' });
}

const offset = whole(0, Number.MAX_SAFE_INTEGER);
const parseTensor = object({ dtype: oneOf('F32', 'F16', 'I8'), shape: list(whole(1, 2 ** 31), 0, 4), data_offsets: list(offset, 2, 2) });
type Tensor = { readonly name: string } & ReturnType<typeof parseTensor>;
const parseMetadata = object({ topology: text(MAX_HEADER_BYTES), groups: optional(text(MAX_HEADER_BYTES), '{}'), card: text(MAX_HEADER_BYTES) });

/** Whether a file may be one: a length of the header that can be, and its brace. */
export function looksLikeSafetensors(head: Uint8Array): boolean {
  return head.length > LENGTH_BYTES && head[LENGTH_BYTES] === 0x7b && headerBytes(head) <= MAX_HEADER_BYTES;
}

function headerBytes(head: Uint8Array): number {
  return Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true));
}

/**
 * Reads a safetensors file of ours as hostile input: the header is capped, its tensors lie one after the other without a
 * gap or an overlap to the file's end, and are what the layers need, before any is read.
 * @throws WinnowError 'model-broken'.
 */
export function readSafetensors(file: Blob, source = fileName(file)): Promise<Model> {
  return reading(source, async () => {
    if (file.size < LENGTH_BYTES) refuse('it is no safetensors file');
    const length = headerBytes(new Uint8Array(await file.slice(0, LENGTH_BYTES).arrayBuffer()));
    const start = LENGTH_BYTES + length;
    if (length > MAX_HEADER_BYTES || start > file.size) refuse(`its header of ${length} bytes is too large`);
    const header = entries(parseJson(new Uint8Array(await file.slice(LENGTH_BYTES, start).arrayBuffer()), 'its header'), 'its header');
    const metadata = parseMetadata(header.get(METADATA), 'its metadata');
    header.delete(METADATA);

    const groups = parseGroups(parseText(metadata.groups, 'its groups'), 'its groups');
    const graph = readTopology(parseText(metadata.topology, 'its topology'), 'its topology', groups);
    const card = parseCardOf(graph, parseText(metadata.card, 'its card'));
    const declared = [...header].map(([name, value]) => ({ name, ...parseTensor(value, `the tensor ${name}`) }));
    declared.sort((a, b) => a.data_offsets[0] - b.data_offsets[0]);
    const tensors = declared.filter(({ name }) => !name.endsWith(SCALES));
    const specs = matchWeights(graph, new Map(), tensors);
    const scales = scalesOf(declared, tensors);

    let end = 0;
    for (const { name, shape, dtype, data_offsets } of declared) {
      const bytes = shape.reduce((product, side) => product * side, BYTES[dtype]);
      if (data_offsets[0] !== end || data_offsets[1] !== end + bytes) refuse(`the tensor ${name} does not lie where the one before ends, or has another length than its shape`);
      end += bytes;
    }
    if (start + end !== file.size) refuse(`its tensors have ${end} bytes, the file has ${file.size - start}`);

    const bytesOf = async ({ data_offsets }: Tensor) => slice(file, start, data_offsets);
    const weights = await Promise.all(specs.map(async ({ name, shape }, index): Promise<Weight> => {
      const tensor = tensors[index];
      const bytes = await bytesOf(tensor);
      switch (tensor.dtype) {
        case 'F32':
          return weightOf({ name, shape }, new Uint8Array(bytes));
        case 'F16':
          return dequantise([{ name, shape, dtype: 'float16', data: new Uint16Array(bytes) }])[0];
        case 'I8':
          return dequantise([{ name, shape, dtype: 'int8', data: new Int8Array(bytes), scales: new Float32Array(await bytesOf(scales.get(name)!)) }])[0];
      }
    }));
    return { graph, weights: orderWeights(graph, new Map(weights.map((weight) => [weight.name, weight]))), card };
  });
}

/** By weight. @throws SchemaError where an int8 weight has none of its own, or another has some. */
function scalesOf(declared: readonly Tensor[], tensors: readonly Tensor[]): ReadonlyMap<string, Tensor> {
  const scales = new Map(declared.filter(({ name }) => name.endsWith(SCALES)).map((tensor) => [tensor.name.slice(0, -SCALES.length), tensor]));
  for (const { name, dtype, shape } of tensors) {
    const own = scales.get(name);
    if ((dtype === 'I8') !== (own !== undefined)) refuse(`the tensor ${name} is ${dtype} and has ${own ? 'scales' : 'no scales'}`);
    if (own && (own.dtype !== 'F32' || own.shape.join() !== String(filtersOf(shape)))) refuse(`the scales of ${name} are not one F32 a filter`);
  }
  const strange = [...scales.keys()].find((name) => !tensors.some((tensor) => tensor.name === name));
  if (strange !== undefined) refuse(`there is no tensor ${strange} for its scales`);
  return scales;
}

function slice(file: Blob, start: number, [begin, end]: readonly number[]): Promise<ArrayBuffer> {
  return file.slice(start + begin, start + end).arrayBuffer();
}
