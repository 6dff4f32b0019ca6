import type { Shape } from '../../graph/types.js';
import { refuse } from '../schema.js';
import { DatatypeClass, ENTRY_BYTES, FLOAT32, Message, SIGNATURE, UNDEFINED } from './format.js';

/** Structures (header blocks, tree nodes, entries) that are read of one file before it counts as made to exhaust. */
const MAX_STRUCTURES = 100_000;
/** h5py's trees are of one or two levels. */
const MAX_TREE_LEVEL = 8;
/** Texts of one attribute. Keras splits a list beyond 64 KiB, which no network here comes near. */
const MAX_TEXTS = 10_000;
const MAX_TEXT_BYTES = 1000;

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

  /** Names of a group's members; none where it is absent. */
  names(...path: readonly string[]): readonly string[] {
    const group = this.find(path);
    return group === undefined ? [] : [...this.members(group).keys()];
  }

  /** Members of a group; none where it is absent. */
  count(...path: readonly string[]): number {
    return this.names(...path).length;
  }

  /** An attribute of a group, a text or a list of them: each of one length, or in the global heap. @returns null where there is none. */
  texts(attribute: string, ...path: readonly string[]): readonly string[] | null {
    const header = this.find(path);
    if (header === undefined) return null;
    for (const { type, at, size } of this.messages(header)) {
      if (type !== Message.attribute) continue;
      const version = this.u8(at);
      if (version < 1 || version > 3) refuse(`an HDF5 attribute is of version ${version}`);
      const step = (bytes: number) => (version === 1 ? (bytes + 7) & ~7 : bytes);
      const name = at + (version === 3 ? 9 : 8);
      const datatype = name + step(this.u16(at + 2));
      const dataspace = datatype + step(this.u16(at + 4));
      const spaceSize = this.u16(at + 6);
      const data = dataspace + step(spaceSize);
      if (data > at + size) refuse('an HDF5 attribute ends outside of its message');
      if (this.text(name, datatype) !== attribute) continue;
      const count = this.shape(dataspace, spaceSize, attribute).reduce((product, side) => product * side, 1);
      if (count > MAX_TEXTS) refuse(`${attribute} has ${count} texts`);
      return Array.from({ length: count }, (_, index) => this.element(datatype, data, index, at + size, attribute));
    }
    return null;
  }

  private element(datatype: number, data: number, index: number, end: number, attribute: string): string {
    this.counted();
    const bytes = this.u32(datatype + 4);
    const at = data + index * bytes;
    if (at + bytes > end) refuse(`${attribute} ends outside of its message`);
    const kind = this.u8(datatype) & 0x0f;
    if (kind === DatatypeClass.text) return this.decoded(at, bytes, attribute);
    if (kind !== DatatypeClass.variableLength || (this.u8(datatype + 1) & 0x0f) !== 1 || bytes !== 16) return refuse(`${attribute} is no text`);
    return this.decoded(this.heapObject(this.address(at + 4), this.u32(at + 12), this.u32(at)), this.u32(at), attribute);
  }

  /** Where object `index` of a collection of the global heap lies, which has `bytes` at least. */
  private heapObject(collection: number, index: number, bytes: number): number {
    this.signature(collection, 'GCOL');
    const end = collection + this.address(collection + 8);
    for (let at = collection + 16; at + 16 <= end; ) {
      this.counted();
      const [id, size] = [this.u16(at), this.address(at + 8)];
      if (id === index && id !== 0) return bytes <= size ? at + 16 : refuse('an HDF5 text is longer than its place');
      at += 16 + Math.ceil(size / 8) * 8;
    }
    return refuse('an HDF5 text is not in its heap');
  }

  /** Up to its first NUL, with which short ones are filled. */
  private decoded(at: number, bytes: number, attribute: string): string {
    if (bytes > MAX_TEXT_BYTES) refuse(`${attribute} has a text of ${bytes} bytes`);
    this.within(at, bytes);
    const stop = this.file.subarray(at, at + bytes).indexOf(0);
    return new TextDecoder().decode(this.file.subarray(at, at + (stop < 0 ? bytes : stop)));
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
    const bytes = this.file.subarray(at, Math.max(at, Math.min(end, at + MAX_TEXT_BYTES))).indexOf(0);
    if (bytes < 0) refuse('an HDF5 name has no end');
    return new TextDecoder().decode(this.file.subarray(at, at + bytes));
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
