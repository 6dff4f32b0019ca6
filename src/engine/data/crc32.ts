const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 as in zip and PNG, of the parts end to end; uint32. */
export function crc32(...parts: readonly Uint8Array[]): number {
  let crc = ~0;
  for (const part of parts) for (let i = 0; i < part.length; i++) crc = table[(crc ^ part[i]) & 0xff] ^ (crc >>> 8);
  return ~crc >>> 0;
}
