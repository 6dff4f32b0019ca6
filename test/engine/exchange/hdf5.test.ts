import { expect } from 'chai';
import { Hdf5 } from '../../../src/engine/exchange/hdf5/read.js';
import { writeHdf5, type Group } from '../../../src/engine/exchange/hdf5/write.js';
import { SchemaError } from '../../../src/engine/exchange/schema.js';
import { bytesOf } from './example.js';

const array = (...values: number[]) => ({ shape: [values.length], data: Float32Array.from(values) });
const written = (root: Group) => bytesOf(new Blob(writeHdf5(root)));
const floats = (bytes: Uint8Array) => [...new Float32Array(bytes.slice().buffer)];
const list = (bytes: Uint8Array) => Array.from(bytes);
/** Where `text` stands first in the file. */
function find(file: Uint8Array, text: string): number {
  const letters = new TextEncoder().encode(text);
  const at = file.findIndex((_, index) => letters.every((letter, offset) => file[index + offset] === letter));
  expect(at, text).to.be.at.least(0);
  return at;
}

describe('HDF5', () => {
  it('is written as the format says, byte for byte', async () => {
    const file = await written({ a: array(1, 2, 3) });
    const view = new DataView(file.buffer);
    const at = (address: number) => Number(view.getBigUint64(address, true));
    expect(list(file.slice(0, 8))).to.deep.equal([137, 72, 68, 70, 13, 10, 26, 10]);
    expect(list(file.slice(8, 24)), 'versions, sizes of offsets and lengths, B-tree ranks').to.deep.equal([0, 0, 0, 0, 0, 8, 8, 0, 4, 0, 16, 0, 0, 0, 0, 0]);
    expect(at(40), 'end of file').to.equal(file.length);
    // The superblock ends at 96; the data of three floats, padded to 8, comes first.
    expect(floats(file.slice(96, 108))).to.deep.equal([1, 2, 3]);
    const header = 112;
    expect(list(file.slice(header, header + 16)), 'object header: version, four messages, one reference, its size').to.deep.equal([1, 0, 4, 0, 1, 0, 0, 0, 104, 0, 0, 0, 0, 0, 0, 0]);
    expect(list(file.slice(header + 16, header + 40)), 'dataspace of one axis').to.deep.equal([1, 0, 16, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
    expect(list(file.slice(header + 40, header + 48)), 'datatype message').to.deep.equal([3, 0, 24, 0, 0, 0, 0, 0]);
    expect(list(file.slice(header + 48, header + 68)), 'IEEE binary32, little-endian').to.deep.equal([0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0]);
    expect(String.fromCharCode(...file.slice(at(80), at(80) + 4)), 'tree of the root').to.equal('TREE');
    expect(String.fromCharCode(...file.slice(at(88), at(88) + 4)), 'heap of the root').to.equal('HEAP');
    expect(at(at(88) + 24), 'the heap holds the name').to.equal(find(file, 'a\0') - 8);
  });

  it('is read back: groups in groups, several axes, an odd number of elements', async () => {
    const file = new Hdf5(await written({ layers: { conv2d: { vars: { 0: { shape: [1, 2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }, 1: array(7) } } } }));
    expect(file.count('layers', 'conv2d', 'vars')).to.equal(2);
    expect(file.dataset('layers', 'conv2d', 'vars', '0')!.shape).to.deep.equal([1, 2, 3]);
    expect(floats(file.dataset('layers', 'conv2d', 'vars', '0')!.bytes)).to.deep.equal([1, 2, 3, 4, 5, 6]);
    expect(floats(file.dataset('layers', 'conv2d', 'vars', '1')!.bytes)).to.deep.equal([7]);
    expect(file.dataset('layers', 'dense', 'vars', '0')).to.equal(null);
    expect(file.count('layers', 'dense', 'vars')).to.equal(0);
  });

  it('holds a group of a thousand', async () => {
    const file = new Hdf5(await written({ wide: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`d${i}`, array(i)])) }));
    expect(file.count('wide')).to.equal(1000);
    for (const i of [0, 7, 8, 500, 999]) expect(floats(file.dataset('wide', `d${i}`)!.bytes)).to.deep.equal([i]);
  });

  describe('from a stranger', () => {
    /** All that a reader of weights asks. */
    const readAll = (bytes: Uint8Array<ArrayBuffer>) => {
      const file = new Hdf5(bytes);
      file.count('layers', 'dense', 'vars');
      return [file.dataset('layers', 'dense', 'vars', '0'), file.dataset('layers', 'dense', 'vars', '1')];
    };
    let good: Uint8Array<ArrayBuffer>;
    before(async () => {
      good = await written({ layers: { dense: { vars: { 0: { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }, 1: array(5, 6) } } } });
    });

    const attacks: Record<string, [why: RegExp, change: (file: DataView<ArrayBuffer>, bytes: Uint8Array<ArrayBuffer>) => void]> = {
      'a root beyond the file': [/outside/, (view) => view.setBigUint64(64, 1n << 40n, true)],
      'an address beyond 2^53': [/outside/, (view) => view.setBigUint64(64, 0xffff_ffff_ffff_fff0n, true)],
      'another superblock': [/superblock/, (view) => view.setUint8(8, 3)],
      'addresses of four bytes': [/8 bytes/, (view) => view.setUint8(13, 4)],
      'a tree that is its own child': [/SNOD|circles|broken/, (view, bytes) => {
        const tree = find(bytes, 'TREE');
        view.setUint8(tree + 5, 1);
        view.setBigUint64(tree + 32, BigInt(tree), true);
      }],
      'a tree node of 65535 children': [/SNOD|outside|circles/, (view, bytes) => view.setUint16(find(bytes, 'TREE') + 6, 65535, true)],
      'a symbol table of 65535 names': [/outside|end|circles/, (view, bytes) => view.setUint16(find(bytes, 'SNOD') + 6, 65535, true)],
      'a name beyond its heap': [/outside|no end/, (view, bytes) => view.setBigUint64(find(bytes, 'SNOD') + 8, BigInt(bytes.length), true)],
      'a group that is a dataset': [/newer kind/, (view) => view.setBigUint64(64, 112n, true)],
      'a header that continues itself for ever': [/circles|outside/, (view) => {
        // The first dataset's first message becomes a continuation to its own header's block.
        view.setUint16(112 + 16, 0x10, true);
        view.setBigUint64(112 + 24, 128n, true);
        view.setBigUint64(112 + 32, 24n, true);
      }],
      'a message larger than its header': [/outside of its header/, (view) => view.setUint16(112 + 18, 60000, true)],
      'a shape larger than the data': [/needs another number/, (view) => view.setBigUint64(112 + 32, 1n << 40n, true)],
      'a shape of 255 axes': [/shape/, (view) => view.setUint8(112 + 25, 255)],
      'data beyond the file': [/outside/, (view, bytes) => view.setBigUint64(dataOf(view), BigInt(bytes.length - 4), true)],
      'data of a terabyte': [/outside/, (view) => view.setBigUint64(dataOf(view) + 8, 1n << 40n, true)],
      'data that was never stored': [/needs another number/, (view) => view.setBigUint64(dataOf(view), 0xffff_ffff_ffff_ffffn, true)],
      'data in chunks': [/one piece/, (view) => view.setUint8(dataOf(view) - 1, 2)],
      'doubles': [/float32/, (view, bytes) => bytes.forEach((byte, at) => (byte === 0x11 && bytes[at + 1] === 0x20 && bytes[at + 2] === 31 ? view.setUint8(at + 4, 8) : undefined))],
    };
    /** Address in the layout message of the first dataset, whose data of 16 bytes is the first thing after the superblock. */
    function dataOf(view: DataView): number {
      for (let at = 112; at < view.byteLength; at++) if (view.getUint8(at) === 3 && view.getUint8(at + 1) === 1 && view.getBigUint64(at + 2, true) === 96n) return at + 2;
      throw new Error('no layout message');
    }

    for (const [what, [why, change]] of Object.entries(attacks)) {
      it(`is refused: ${what}`, () => {
        const bytes = good.slice();
        change(new DataView(bytes.buffer), bytes);
        expect(() => readAll(bytes)).to.throw(SchemaError, why);
      });
    }

    it('is refused or read, and never hangs or breaks, with any byte changed and any length', () => {
      expect(readAll(good)).to.have.length(2);
      const outcomes = { read: 0, refused: 0 };
      const attempt = (bytes: Uint8Array<ArrayBuffer>) => {
        try {
          readAll(bytes);
          outcomes.read++;
        } catch (error) {
          if (!(error instanceof SchemaError)) throw error;
          outcomes.refused++;
        }
      };
      for (let at = 0; at < good.length; at++) {
        for (const value of [0, 255, good[at] ^ 1]) {
          const bytes = good.slice();
          bytes[at] = value;
          attempt(bytes);
        }
      }
      for (let length = 0; length < good.length; length += 7) attempt(good.slice(0, length));
      expect(outcomes.refused).to.be.above(500);
    });
  });
});
