import { fetchFile } from '../../workers/source.js';

/** The first photo, or an address of one, that was dropped or pasted; null where there is neither. */
export function photoOf(transfer: DataTransfer | null): File | URL | null {
  const [file] = transfer?.files ?? [];
  if (file) return file;
  // A link that is dragged is a list of addresses; what is copied from an address bar is text.
  const text = transfer?.getData('text/uri-list') || transfer?.getData('text/plain') || '';
  const address = text.split('\n').map((line) => line.trim()).find((line) => !line.startsWith('#'));
  return address !== undefined && /^https?:\S+$/.test(address) && URL.canParse(address) ? new URL(address) : null;
}

/** @throws WinnowError 'input-missing'. */
export function fetched(photo: Blob | URL, signal: AbortSignal): Promise<Blob> {
  return photo instanceof URL ? fetchFile(photo, signal) : Promise.resolve(photo);
}
