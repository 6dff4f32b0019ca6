import { writeFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';

/** Just below the most that a photo may have: nothing but its sum gives it away. */
const MEMBER_BYTES = 18 * 2 ** 20;

/**
 * An archive that inflates to `names` times 18 MB of nothing.
 * @param {string} path
 * @param {{ names: number, shared: boolean }} what with `shared`, all names are of one member
 */
export function writeBomb(path, { names, shared }) {
  const bytes = Buffer.alloc(MEMBER_BYTES);
  const packed = deflateRawSync(bytes);
  const [files, directory] = [/** @type {Buffer[]} */ ([]), /** @type {Buffer[]} */ ([])];
  let at = 0;
  let offset = 0;
  for (let i = 0; i < names; i++) {
    const name = Buffer.from(`${'ab'[i % 2]}/${i}.png`);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(20, 6);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(crc32(bytes), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(bytes.length, 24);
    entry.writeUInt16LE(name.length, 28);
    if (i === 0 || !shared) {
      const file = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), entry.subarray(6, 32), name, packed]);
      files.push(file);
      offset = at;
      at += file.length;
    }
    entry.writeUInt32LE(offset, 42);
    directory.push(entry, name);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(names, 8);
  end.writeUInt16LE(names, 10);
  end.writeUInt32LE(directory.reduce((sum, { length }) => sum + length, 0), 12);
  end.writeUInt32LE(at, 16);
  writeFileSync(path, Buffer.concat([...files, ...directory, end]));
}
