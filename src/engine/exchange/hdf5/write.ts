import type { Shape } from '../../graph/types.js';
import { ENTRY_BYTES, FLOAT32, Message, SIGNATURE, SUPERBLOCK_BYTES, UNDEFINED } from './format.js';

export interface Dataset {
  readonly shape: Shape;
  readonly data: Float32Array<ArrayBuffer>;
}
/** A group's members by name: groups or datasets. */
export interface Group {
  readonly [name: string]: Group | Dataset;
}

/** Half the most entries of a symbol table node, as h5py has it. */
const LEAF_K = 4;

/** An HDF5 file, as parts of a Blob: the data is not copied. See format.ts for the structures. */
export function writeHdf5(root: Group): BlobPart[] {
  return new Writer(root).parts;
}

class Writer {
  readonly parts: BlobPart[] = [];
  private end = SUPERBLOCK_BYTES;
  /** Half the most children of a B-tree node: the widest group fits in one. */
  private readonly treeK: number;

  constructor(root: Group) {
    this.treeK = Math.max(16, Math.ceil(widest(root) / (2 * LEAF_K) / 2));
    const { header, tree, heap } = this.group(root);
    const block = new Fields(SUPERBLOCK_BYTES);
    block.bytes(SIGNATURE).u8(0, 0, 0, 0, 0, 8, 8, 0).u16(LEAF_K, this.treeK).u32(0);
    block.address(0, UNDEFINED, this.end, UNDEFINED);
    block.address(0, header).u32(1, 0).address(tree, heap);
    this.parts.unshift(block.buffer);
  }

  /** @returns its address. */
  private put(part: Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>): number {
    const address = this.end;
    const padding = -part.byteLength & 7;
    this.parts.push(part, ...(padding > 0 ? [new Uint8Array(padding)] : []));
    this.end += part.byteLength + padding;
    return address;
  }

  private group(group: Group): { header: number; tree: number; heap: number } {
    // In the order of their bytes; names here are ASCII.
    const names = Object.keys(group).sort();
    const addresses = names.map((name) => {
      const member = group[name];
      return isDataset(member) ? this.dataset(member) : this.group(member).header;
    });

    // Offset 0 is the empty name, which no member has.
    const text = new Fields(8 + names.reduce((sum, name) => sum + padded(name.length + 1), 0));
    text.at = 8;
    const offsets = names.map((name) => {
      const offset = text.at;
      text.bytes(new TextEncoder().encode(name)).skip(padded(name.length + 1) - name.length);
      return offset;
    });
    const data = this.put(text.buffer);
    const heap = this.put(new Fields(32).ascii('HEAP').u32(0).address(text.buffer.length, 1, data).buffer);

    const tree = new Fields(24 + (2 * this.treeK + 1) * 8 + 2 * this.treeK * 8);
    tree.ascii('TREE').u8(0, 0).u16(Math.ceil(names.length / (2 * LEAF_K))).address(UNDEFINED, UNDEFINED, 0);
    for (let first = 0; first < names.length; first += 2 * LEAF_K) {
      const count = Math.min(2 * LEAF_K, names.length - first);
      const node = new Fields(8 + 2 * LEAF_K * ENTRY_BYTES).ascii('SNOD').u8(1, 0).u16(count);
      for (let i = first; i < first + count; i++) node.address(offsets[i], addresses[i]).u32(0, 0).skip(16);
      // A key is the last name of the node before it.
      tree.address(this.put(node.buffer), offsets[first + count - 1]);
    }
    const root = this.put(tree.buffer);
    return { header: this.header([[Message.symbolTable, new Fields(16).address(root, heap)]]), tree: root, heap };
  }

  private dataset({ shape, data }: Dataset): number {
    const address = this.put(data);
    return this.header([
      [Message.dataspace, new Fields(8 + 8 * shape.length).u8(1, shape.length).skip(6).address(...shape)],
      [Message.datatype, new Fields(24).bytes(FLOAT32)],
      // Space allocated late, written if set, none defined.
      [Message.fillValue, new Fields(8).u8(2, 2, 2, 0)],
      [Message.layout, new Fields(24).u8(3, 1).address(address, data.byteLength)],
    ]);
  }

  private header(messages: readonly (readonly [type: number, content: Fields])[]): number {
    const size = messages.reduce((sum, [, content]) => sum + 8 + content.buffer.length, 0);
    const header = new Fields(16 + size).u8(1, 0).u16(messages.length).u32(1, size, 0);
    for (const [type, { buffer }] of messages) header.u16(type, buffer.length).u32(0).bytes(buffer);
    return this.put(header.buffer);
  }
}

function isDataset(member: Group | Dataset): member is Dataset {
  return member.data instanceof Float32Array;
}

function widest(group: Group): number {
  const members = Object.values(group);
  return Math.max(members.length, ...members.map((member) => (isDataset(member) ? 0 : widest(member))));
}

const padded = (bytes: number) => (bytes + 7) & ~7;

/** Fills a buffer from the front, little-endian. */
class Fields {
  readonly buffer: Uint8Array<ArrayBuffer>;
  private readonly view: DataView;
  at = 0;

  constructor(size: number) {
    this.buffer = new Uint8Array(size);
    this.view = new DataView(this.buffer.buffer);
  }
  u8(...values: number[]): this {
    for (const value of values) this.view.setUint8(this.at++, value);
    return this;
  }
  u16(...values: number[]): this {
    for (const value of values) this.view.setUint16((this.at += 2) - 2, value, true);
    return this;
  }
  u32(...values: number[]): this {
    for (const value of values) this.view.setUint32((this.at += 4) - 4, value, true);
    return this;
  }
  /** Addresses and lengths. */
  address(...values: (number | bigint)[]): this {
    for (const value of values) this.view.setBigUint64((this.at += 8) - 8, BigInt(value), true);
    return this;
  }
  bytes(values: Uint8Array): this {
    this.buffer.set(values, this.at);
    return this.skip(values.length);
  }
  ascii(text: string): this {
    return this.bytes(new TextEncoder().encode(text));
  }
  skip(bytes: number): this {
    this.at += bytes;
    return this;
  }
}
