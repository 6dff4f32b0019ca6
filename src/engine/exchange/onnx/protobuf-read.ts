import { refuse } from '../schema.js';

/** More than any model here has; a file of nothing but small fields would fill the memory. */
const MAX_FIELDS = 500_000;

/** A field's value: a whole number, or the bytes of anything longer. */
export type Read = number | Uint8Array<ArrayBuffer>;
export interface ReadField {
  readonly number: number;
  readonly value: Read;
}

/** Fields of a message that stands in another, or of a file, in its order. @throws SchemaError where the bytes are none. */
export function* messageFields(message: Read): Generator<ReadField> {
  if (typeof message === 'number') return refuse('a message is a number');
  for (let at = 0, count = 0; at < message.length; ) {
    if (++count > MAX_FIELDS) refuse('it has too many fields');
    const [tag, from] = varint(message, at);
    const number = Math.floor(tag / 8);
    switch (tag % 8) {
      case 0: {
        const [value, end] = varint(message, from);
        yield { number, value };
        at = end;
        break;
      }
      case 2: {
        const [length, start] = varint(message, from);
        at = end(message, start, length);
        yield { number, value: message.subarray(start, at) };
        break;
      }
      case 1:
      case 5: {
        at = end(message, from, tag % 8 === 1 ? 8 : 4);
        yield { number, value: message.subarray(from, at) };
        break;
      }
      default:
        refuse('it is no protocol buffer');
    }
  }
}

/** The bytes of the one field of a number; undefined where it is absent. */
export function bytesField(fields: readonly ReadField[], number: number): Uint8Array<ArrayBuffer> | undefined {
  const [field, ...others] = fields.filter((each) => each.number === number);
  if (others.length > 0 || typeof field?.value === 'number') refuse(`its field ${number} is doubled, or a number`);
  return field?.value;
}

function end(message: Uint8Array, start: number, length: number): number {
  return start + length <= message.length ? start + length : refuse('a field ends outside of its message');
}

/** Exact up to 2^53, of which nothing here comes near. */
function varint(message: Uint8Array, from: number): [value: number, end: number] {
  let value = 0;
  for (let at = from; at < from + 10 && at < message.length; at++) {
    value += (message[at] % 128) * 128 ** (at - from);
    if (message[at] < 128) return [value, at + 1];
  }
  return refuse('a number has no end');
}
