import { refuse } from '../schema.js';

/** Bytes that are turned into text at once: a multiple of three, so that the pieces join. */
export const PIECE_BYTES = 3 * 2 ** 18;
const PIECE_TEXT = (PIECE_BYTES / 3) * 4;
/** Arguments that a call may have. */
const MOST_ARGUMENTS = 0x8000;

export function encodeBase64(bytes: Uint8Array): string {
  let binary = '';
  for (let at = 0; at < bytes.length; at += MOST_ARGUMENTS) binary += String.fromCharCode(...bytes.subarray(at, at + MOST_ARGUMENTS));
  return btoa(binary);
}

/** The bytes of a base64 text (RFC 4648, padded, nothing else in it), a piece at a time. @throws SchemaError. */
export function decodeBase64(text: string): Blob {
  if (text.length % 4 !== 0) refuse('its weights are cut off');
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < text.length; at += PIECE_TEXT) {
    const piece = text.slice(at, at + PIECE_TEXT);
    // atob passes over white space, and takes text without its padding.
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(piece) || (piece.endsWith('=') && at + PIECE_TEXT < text.length)) refuse('its weights are no base64');
    pieces.push(Uint8Array.from(atob(piece), (character) => character.charCodeAt(0)));
  }
  return new Blob(pieces);
}
