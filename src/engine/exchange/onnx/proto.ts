import { Message, type Part, type Value } from './protobuf.js';

/** The messages of onnx.proto3 (ONNX 1.12, IR version 8) that are written; keys are their field numbers. */
const IR_VERSION = 8;
/** Of the default domain; the newest operator here, Softmax over one axis, came with 13. */
const OPSET = 17;

/** Numbers of the fields that are read again. */
export const Field = { model: { graph: 7, metadata: 14 }, graph: { initializer: 5 }, tensor: { name: 8, rawData: 9 } } as const;

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
  return new Message({ 1: shape, 2: DataType.float, [Field.tensor.name]: name, [Field.tensor.rawData]: data });
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

export function graph({ name, nodes, initializers, input, output }: GraphParts): Message {
  return new Message({ 1: nodes, 2: name, [Field.graph.initializer]: initializers, 11: input, 12: output });
}

export function model(graph: Message, version: string, metadata: Readonly<Record<string, string>>): Message {
  const properties: Value = Object.entries(metadata).map(([key, value]) => new Message({ 1: key, 2: value }));
  return new Message({
    1: IR_VERSION,
    2: 'Winnow',
    3: version,
    [Field.model.graph]: graph,
    8: new Message({ 2: OPSET }),
    [Field.model.metadata]: properties,
  });
}
