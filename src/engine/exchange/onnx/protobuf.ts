/**
 * Protocol buffers, as far as writing ONNX goes: fields into parts of a Blob, with lengths kept beside. A library's writer
 * would copy the weights once a level of nesting; here they are never copied.
 */
export type Part = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const FIXED32 = 5;

/** A message, or what may stand in one; an array is a repeated field, undefined an absent one. */
export type Value = number | string | Part | Message | readonly Value[] | { readonly float: number } | undefined;

export class Message {
  readonly parts: Part[] = [];
  bytes = 0;

  /** @param fields values by field number; a number is a whole one from 0. */
  constructor(fields: Readonly<Record<number, Value>>) {
    for (const [number, value] of Object.entries(fields)) this.field(Number(number), value);
  }

  private field(number: number, value: Value): void {
    if (value === undefined) return;
    if (Array.isArray(value)) for (const item of value as readonly Value[]) this.field(number, item);
    else if (typeof value === 'number') this.push([varint(tag(number, VARINT)), varint(value)]);
    else if (typeof value === 'string') this.field(number, new TextEncoder().encode(value));
    else if (value instanceof Message) {
      this.push([varint(tag(number, LENGTH_DELIMITED)), varint(value.bytes)]);
      this.push(value.parts);
    } else if (value instanceof Uint8Array || value instanceof Float32Array) this.push([varint(tag(number, LENGTH_DELIMITED)), varint(value.byteLength), value]);
    else if ('float' in value) this.push([varint(tag(number, FIXED32)), new Uint8Array(Float32Array.of(value.float).buffer)]);
  }

  private push(parts: readonly Part[]): void {
    for (const part of parts) {
      this.parts.push(part);
      this.bytes += part.byteLength;
    }
  }
}

function tag(number: number, wire: number): number {
  return number * 8 + wire;
}

function varint(value: number): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Uint8Array.from([...bytes, value]);
}
