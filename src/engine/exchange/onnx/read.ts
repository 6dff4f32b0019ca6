import type { LayerGraph, Weight } from '../../graph/types.js';
import { weightSpecs } from '../../graph/weights.js';
import { orderWeights, parseCardOf, reading, fileName, specBytes, weightOf, type Model } from '../model.js';
import { parseText, refuse } from '../schema.js';
import { MAX_WEIGHT_BYTES, parseGroups, readTopology } from '../topology.js';
import { inverse, KERNEL_ORDER, permute } from './layout.js';
import { Field } from './proto.js';
import type { Part } from './protobuf.js';
import { bytesField, messageFields, type Read } from './protobuf-read.js';
import { graphProto, METADATA } from './write.js';

const MAX_STRUCTURE_BYTES = 2 ** 26;

/** ONNX files begin with their IR version; they have no signature. */
export function looksLikeOnnx(head: Uint8Array): boolean {
  return head[0] === 0x08 && head[2] === 0x12;
}

/**
 * Reads an ONNX file that {@link writeOnnx} wrote, as hostile input: its metadata has the graph and the card. Its own nodes are held
 * against those that this graph is written as, so that what is read is what another runtime runs.
 * @throws WinnowError 'model-broken'.
 */
export function readOnnx(file: Blob, source = fileName(file)): Promise<Model> {
  return reading(source, async () => {
    if (file.size > MAX_WEIGHT_BYTES + MAX_STRUCTURE_BYTES) refuse('it is larger than any network here');
    const fields = [...messageFields(new Uint8Array(await file.arrayBuffer()))];
    const metadata = new Map(fields.filter(({ number }) => number === Field.model.metadata).map(({ value }) => textPair(value)));
    const json = (key: string) => parseText(metadata.get(key) ?? refuse(`its metadata has no ${key}: it is not of Winnow`), `its ${key}`);

    const graph = readTopology(json(METADATA.topology), 'its topology', parseGroups(json(METADATA.groups), 'its groups'));
    const card = parseCardOf(graph, json(METADATA.card));
    const proto = bytesField(fields, Field.model.graph) ?? refuse('it has no graph');
    const model = { graph, card, weights: orderWeights(graph, readWeights(graph, tensors(proto))) };
    if (!same(proto, graphProto(model).parts)) refuse('its nodes are not those of its topology: another tool has changed it');
    return model;
  });
}

function textPair(entry: Read): [key: string, value: string] {
  const fields = [...messageFields(entry)];
  const decode = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
  return [decode(bytesField(fields, 1)), decode(bytesField(fields, 2))];
}

/** Raw data of the initializers, by name. */
function tensors(graph: Uint8Array<ArrayBuffer>): ReadonlyMap<string, Uint8Array> {
  const data = new Map<string, Uint8Array>();
  for (const { number, value } of messageFields(graph)) {
    if (number !== Field.graph.initializer) continue;
    const fields = [...messageFields(value)];
    const name = new TextDecoder().decode(bytesField(fields, Field.tensor.name));
    if (data.has(name)) refuse(`the weight ${name} comes twice`);
    data.set(name, bytesField(fields, Field.tensor.rawData) ?? new Uint8Array(0));
  }
  return data;
}

function readWeights(graph: LayerGraph, data: ReadonlyMap<string, Uint8Array>): Map<string, Weight> {
  const types = new Map(graph.layers.map(({ name, type }) => [name, type]));
  const weights = new Map<string, Weight>();
  for (const spec of weightSpecs(graph)) {
    const bytes = data.get(spec.name) ?? refuse(`the weight ${spec.name} is missing`);
    if (bytes.length !== specBytes(spec)) refuse(`the weight ${spec.name} has ${bytes.length} bytes, its layer needs ${specBytes(spec)}`);
    const weight = weightOf(spec, bytes);
    const order = spec.name.endsWith('/kernel') ? KERNEL_ORDER[types.get(spec.layer)!] : undefined;
    weights.set(spec.name, order ? { ...weight, data: permute(weight.data, order.map((axis) => spec.shape[axis]), inverse(order)) } : weight);
  }
  return weights;
}

function same(bytes: Uint8Array, parts: readonly Part[]): boolean {
  let at = 0;
  for (const part of parts) {
    const wanted = new Uint8Array(part.buffer, part.byteOffset, part.byteLength);
    for (const byte of wanted) if (byte !== bytes[at++]) return false;
  }
  return at === bytes.length;
}
