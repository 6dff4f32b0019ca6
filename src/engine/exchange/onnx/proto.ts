import { Message, type Part, type Value } from './protobuf.js';

/** The messages of onnx.proto3 (ONNX 1.12, IR version 8) that are written; keys are their field numbers. */
export const IR_VERSION = 8;
/** Of the default domain; the newest operator here, Softmax over one axis, came with 13. */
export const OPSET = 17;

export const DataType = { float: 1, uint8: 2 } as const;

/** @param inputs names of tensors, as is the output. */
export function node(type: string, name: string, inputs: readonly string[], output: string, attributes: readonly Message[]): Message {
  return new Message({ 1: inputs, 2: output, 3: name, 4: type, 5: attributes });
}

/* AttributeProto: f = 2, i = 3, ints = 8, type = 20. */
export function float(name: string, value: number): Message {
  return new Message({ 1: name, 2: { float: value }, 20: 1 });
}
export function int(name: string, value: number): Message {
  return new Message({ 1: name, 3: value, 20: 2 });
}
export function ints(name: string, values: readonly number[]): Message {
  return new Message({ 1: name, 8: values, 20: 7 });
}

/** TensorProto of float32, its data raw: little-endian. */
export function tensor(name: string, shape: readonly number[], data: Part): Message {
  return new Message({ 1: shape, 2: DataType.float, 8: name, 9: data });
}

/** ValueInfoProto of a graph's input or output; a text is a dimension's name. */
export function valueInfo(name: string, type: number, shape: readonly (number | string)[]): Message {
  const dimensions = shape.map((side) => new Message(typeof side === 'string' ? { 2: side } : { 1: side }));
  return new Message({ 1: name, 2: new Message({ 1: new Message({ 1: type, 2: new Message({ 1: dimensions }) }) }) });
}

interface GraphParts {
  readonly name: string;
  readonly nodes: readonly Message[];
  readonly initializers: readonly Message[];
  readonly input: Message;
  readonly output: Message;
}

export function model(graph: GraphParts, version: string, metadata: Readonly<Record<string, string>>): Message {
  const properties: Value = Object.entries(metadata).map(([key, value]) => new Message({ 1: key, 2: value }));
  return new Message({
    1: IR_VERSION,
    2: 'Winnow',
    3: version,
    7: new Message({ 1: graph.nodes, 2: graph.name, 5: graph.initializers, 11: graph.input, 12: graph.output }),
    8: new Message({ 2: OPSET }),
    14: properties,
  });
}
