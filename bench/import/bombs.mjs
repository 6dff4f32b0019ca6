import { writeFileSync } from 'node:fs';
import { crc32, deflateRawSync } from 'node:zlib';
import { directoryHeader, localMember } from '../../scripts/zip.mjs';

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
  const crc = crc32(bytes);
  const [files, directory] = [/** @type {Buffer[]} */ ([]), /** @type {Buffer[]} */ ([])];
  let at = 0;
  for (let i = 0; i < names; i++) {
    const name = Buffer.from(`${'ab'[i % 2]}/${i}.png`);
    const entry = directoryHeader({ name, packed: packed.length, bytes: bytes.length, crc, offset: shared ? 0 : at });
    if (i === 0 || !shared) {
      const file = localMember(entry, name, packed);
      files.push(file);
      at += file.length;
    }
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
