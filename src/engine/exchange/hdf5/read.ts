import type { Shape } from '../../graph/types.js';
import { refuse } from '../schema.js';
import { ENTRY_BYTES, FLOAT32, Message, SIGNATURE, UNDEFINED } from './format.js';

/** Structures (header blocks, tree nodes, entries) that are read of one file before it counts as made to exhaust. */
const MAX_STRUCTURES = 100_000;
/** h5py's trees are of one or two levels. */
const MAX_TREE_LEVEL = 8;

/** What an HDF5 file says of a dataset of float32; its bytes are a view of the file's. */
export interface StoredDataset {
  readonly shape: Shape;
  readonly bytes: Uint8Array;
}

/**
 * Reads HDF5 as h5py writes it by default (see format.ts), as hostile input: every address is held against the file's
 * end, every walk is counted, nothing is allocated by what the file declares.
 */
export class Hdf5 {
  private readonly view: DataView;
  private readonly root: number;
  private readonly groups = new Map<number, ReadonlyMap<string, number>>();
  private structures = 0;

  /** @throws SchemaError, as all of its methods. */
  constructor(private readonly file: Uint8Array<ArrayBuffer>) {
    this.view = new DataView(file.buffer, file.byteOffset, file.length);
    if (SIGNATURE.some((byte, at) => file[at] !== byte)) refuse('its weights are no HDF5 file');
    if (this.u8(8) !== 0) refuse(`its HDF5 superblock is of version ${this.u8(8)}, h5py writes 0`);
    if (this.u8(13) !== 8 || this.u8(14) !== 8) refuse('its HDF5 addresses have not 8 bytes');
    if (this.view.getBigUint64(this.within(24, 8), true) !== 0n) refuse('its HDF5 file begins at another address');
    this.root = this.address(64);
  }

  /** @param path names of groups, then of the dataset. @returns null where there is none. */
  dataset(...path: readonly string[]): StoredDataset | null {
    const header = this.find(path);
    return header === undefined ? null : this.stored(header, path.join('/'));
  }

  /** Members of a group; none where it is absent. */
  count(...path: readonly string[]): number {
    const group = this.find(path);
    return group === undefined ? 0 : this.members(group).size;
  }

  private find(path: readonly string[]): number | undefined {
    return path.reduce<number | undefined>((group, name) => (group === undefined ? undefined : this.members(group).get(name)), this.root);
  }

  /** Object headers by name. */
  private members(group: number): ReadonlyMap<string, number> {
    let members = this.groups.get(group);
    if (!members) this.groups.set(group, (members = new Map(this.entries(group))));
    return members;
  }

  private *entries(group: number): Generator<[name: string, header: number]> {
    for (const { type, at } of this.messages(group)) {
      if (type !== Message.symbolTable) continue;
      const heap = this.address(at + 8);
      this.signature(heap, 'HEAP');
      const data = this.address(heap + 24);
      const end = data + this.address(heap + 8);
      yield* this.node(this.address(at), MAX_TREE_LEVEL, (offset) => this.text(data + offset, end));
      return;
    }
    refuse('its HDF5 groups are of a newer kind than h5py writes');
  }

  private *node(at: number, below: number, nameAt: (offset: number) => string): Generator<[name: string, header: number]> {
    this.signature(at, 'TREE');
    const level = this.u8(at + 5);
    if (this.u8(at + 4) !== 0 || level >= below) refuse('its HDF5 tree is broken');
    const children = this.u16(at + 6);
    for (let i = 0; i < children; i++) {
      const child = this.address(at + 32 + i * 16);
      if (level > 0) {
        yield* this.node(child, level, nameAt);
        continue;
      }
      this.signature(child, 'SNOD');
      const count = this.u16(child + 6);
      for (let j = 0; j < count; j++) {
        const entry = child + 8 + j * ENTRY_BYTES;
        this.counted();
        yield [nameAt(this.address(entry)), this.address(entry + 8)];
      }
    }
  }

  /** Of an object header, its continuations followed. */
  private *messages(header: number): Generator<{ type: number; at: number; size: number }> {
    if (this.u8(header) !== 1) refuse('its HDF5 object headers are not of version 1');
    const blocks = [{ at: header + 16, size: this.u32(header + 8) }];
    for (const { at, size } of blocks) {
      this.within(at, size);
      for (let next = at; next + 8 <= at + size; ) {
        this.counted();
        const message = { type: this.u16(next), at: next + 8, size: this.u16(next + 2) };
        if (message.at + message.size > at + size) refuse('an HDF5 message ends outside of its header');
        if (message.type === Message.continuation) blocks.push({ at: this.address(message.at), size: this.address(message.at + 8) });
        else if (message.type !== Message.nil) yield message;
        next = message.at + message.size;
      }
    }
  }

  private stored(header: number, path: string): StoredDataset {
    let shape: number[] | null = null;
    let float32 = false;
    let bytes: Uint8Array | null = null;
    for (const { type, at, size } of this.messages(header)) {
      if (type === Message.dataspace) shape = this.shape(at, size, path);
      if (type === Message.datatype) float32 = FLOAT32.every((byte, offset) => this.u8(at + offset) === byte);
      if (type === Message.layout) bytes = this.content(at, path);
    }
    if (!float32) refuse(`${path} is not float32`);
    if (shape === null || bytes === null) return refuse(`${path} has no shape or no data`);
    if (shape.reduce((product, side) => product * side, 4) !== bytes.length) refuse(`${path} has ${bytes.length} bytes, [${shape.join(', ')}] needs another number`);
    return { shape, bytes };
  }

  private shape(at: number, size: number, path: string): number[] {
    const rank = this.u8(at + 1);
    if (this.u8(at) !== 1 || 8 + rank * 8 > size) refuse(`${path} has a shape of an unknown kind`);
    return Array.from({ length: rank }, (_, axis) => Number(this.view.getBigUint64(this.within(at + 8 + axis * 8, 8), true)));
  }

  private content(at: number, path: string): Uint8Array {
    if (this.u8(at) !== 3) refuse(`${path} has a layout of version ${this.u8(at)}`);
    if (this.u8(at + 1) !== 1) refuse(`${path} is not stored in one piece`);
    const start = this.view.getBigUint64(this.within(at + 2, 8), true);
    const length = this.address(at + 10);
    // Space that was never allocated: an array without elements.
    if (start === UNDEFINED) return new Uint8Array(0);
    const first = this.address(at + 2);
    this.within(first, length);
    return this.file.subarray(first, first + length);
  }

  private text(at: number, end: number): string {
    this.within(at, 0);
    const stop = this.file.indexOf(0, at);
    if (stop < 0 || stop >= end || stop - at > 1000) refuse('an HDF5 name has no end');
    return new TextDecoder().decode(this.file.subarray(at, stop));
  }

  private signature(at: number, wanted: string): void {
    this.counted();
    for (let i = 0; i < 4; i++) if (this.u8(at + i) !== wanted.charCodeAt(i)) refuse(`its HDF5 ${wanted} is missing at ${at}`);
  }

  private counted(): void {
    if (++this.structures > MAX_STRUCTURES) refuse('its HDF5 file goes in circles');
  }

  private within(at: number, bytes: number): number {
    return at >= 0 && at + bytes <= this.file.length ? at : refuse('its HDF5 file points outside of itself');
  }
  private u8(at: number): number {
    return this.view.getUint8(this.within(at, 1));
  }
  private u16(at: number): number {
    return this.view.getUint16(this.within(at, 2), true);
  }
  private u32(at: number): number {
    return this.view.getUint32(this.within(at, 4), true);
  }
  /** An address or a length; neither can be beyond the file's end. */
  private address(at: number): number {
    const value = this.view.getBigUint64(this.within(at, 8), true);
    return value <= BigInt(this.file.length) ? Number(value) : refuse('its HDF5 file points outside of itself');
  }
}
