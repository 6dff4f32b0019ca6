/**
 * What Keras's weights need of HDF5 (File Format Specification 3.0, the structures of 1.0 that h5py writes by default):
 * superblock version 0, groups as symbol tables under a version 1 B-tree, object headers of version 1, and datasets of
 * little-endian float32 in one piece. All addresses and lengths have 8 bytes.
 */
export const SIGNATURE = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);
export const SUPERBLOCK_BYTES = 96;
export const UNDEFINED = 0xffff_ffff_ffff_ffffn;
/** Of a symbol table's entry. */
export const ENTRY_BYTES = 40;

/** Types of object header messages. */
export const Message = { nil: 0x00, dataspace: 0x01, datatype: 0x03, fillValue: 0x05, layout: 0x08, attribute: 0x0c, continuation: 0x10, symbolTable: 0x11 } as const;

/** Low half of a datatype's first byte. */
export const DatatypeClass = { text: 3, variableLength: 9 } as const;

/** IEEE 754 binary32, little-endian, as a datatype message of version 1 describes it. */
export const FLOAT32 = Uint8Array.of(0x11, 0x20, 31, 0, 4, 0, 0, 0, 0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0);
