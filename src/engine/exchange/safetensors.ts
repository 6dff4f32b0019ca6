import { checkWeights, fileName, matchWeights, orderWeights, parseCardOf, reading, weightOf, type Model } from './model.js';
import { entries, list, object, oneOf, optional, parseJson, parseText, refuse, text, whole } from './schema.js';
import { groupsOf, parseGroups, readTopology, writeTopology } from './topology.js';

const LENGTH_BYTES = 8;
const MAX_HEADER_BYTES = 8 * 2 ** 20;
const METADATA = '__metadata__';

/**
 * A safetensors file: float32 tensors under the graph's names (conv2d/kernel), in Keras's layouts. The format allows text as metadata, and
 * there the configuration goes, each field JSON: `topology` (Keras 2's functional model, as tfjs has it), `groups`, `card`.
 * The same model gives the same bytes.
 */
export function writeSafetensors(model: Model): Blob {
  const specs = checkWeights(model);
  const { graph, weights, card } = model;
  const header: Record<string, unknown> = {
    [METADATA]: { format: 'winnow', topology: JSON.stringify(writeTopology(graph)), groups: JSON.stringify(groupsOf(graph)), card: JSON.stringify(card) },
  };
  let end = 0;
  for (const [index, { name, shape }] of specs.entries()) {
    const begin = end;
    end += weights[index].data.byteLength;
    header[name] = { dtype: 'F32', shape, data_offsets: [begin, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // Spaces up to a multiple of eight, so that the data is aligned.
  const padded = new Uint8Array((json.length + 7) & ~7).fill(0x20);
  padded.set(json);
  const length = new DataView(new ArrayBuffer(LENGTH_BYTES));
  length.setBigUint64(0, BigInt(padded.length), true);
  return new Blob([length, padded, ...weights.map(({ data }) => data)], { type: 'application/octet-stream' });
}

const offset = whole(0, Number.MAX_SAFE_INTEGER);
const parseTensor = object({ dtype: oneOf('F32'), shape: list(whole(1, 2 ** 31), 0, 4), data_offsets: list(offset, 2, 2) });
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
    const specs = matchWeights(graph, new Map(), declared);

    let end = 0;
    for (const { name, shape, data_offsets } of declared) {
      const bytes = shape.reduce((product, side) => product * side, Float32Array.BYTES_PER_ELEMENT);
      if (data_offsets[0] !== end || data_offsets[1] !== end + bytes) refuse(`the tensor ${name} does not lie where the one before ends, or has another length than its shape`);
      end += bytes;
    }
    if (start + end !== file.size) refuse(`its tensors have ${end} bytes, the file has ${file.size - start}`);

    const weights = await Promise.all(specs.map(async (spec, index) => weightOf(spec, new Uint8Array(await slice(file, start, declared[index].data_offsets)))));
    return { graph, weights: orderWeights(graph, new Map(weights.map((weight) => [weight.name, weight]))), card };
  });
}

function slice(file: Blob, start: number, [begin, end]: readonly number[]): Promise<ArrayBuffer> {
  return file.slice(start + begin, start + end).arrayBuffer();
}
