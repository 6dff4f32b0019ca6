const LOCAL = Buffer.from([0x50, 0x4b, 3, 4]);

/**
 * A deflated member as a zip's directory names it.
 * @param {{ name: Buffer, packed: number, bytes: number, crc: number, offset: number }} member lengths in bytes; `offset` of its local header
 */
export function directoryHeader({ name, packed, bytes, crc, offset }) {
  const header = Buffer.alloc(46);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(20, 4);
  header.writeUInt16LE(20, 6);
  header.writeUInt16LE(0x0800, 8);
  header.writeUInt16LE(8, 10);
  header.writeUInt16LE(0x21, 14);
  header.writeUInt32LE(crc, 16);
  header.writeUInt32LE(packed, 20);
  header.writeUInt32LE(bytes, 24);
  header.writeUInt16LE(name.length, 28);
  header.writeUInt32LE(offset, 42);
  return header;
}

/** The member itself: its local header, which says what the directory says, and its data. @param {Buffer} header @param {Buffer} name @param {Buffer} packed */
export function localMember(header, name, packed) {
  return Buffer.concat([LOCAL, header.subarray(6, 32), name, packed]);
}
