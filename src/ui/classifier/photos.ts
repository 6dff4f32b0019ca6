import { fetchFile } from '../../workers/source.js';

/** The first photo, or an address of one, that was dropped or pasted; null where there is neither. */
export function photoOf(transfer: DataTransfer | null): File | URL | null {
  const [file] = transfer?.files ?? [];
  if (file) return file;
  const address = transfer?.getData('text/uri-list').split('\n').find((line) => /^https?:/.test(line));
  return address === undefined ? null : new URL(address.trim());
}

/** @throws WinnowError 'input-missing'. */
export function fetched(photo: Blob | URL, signal: AbortSignal): Promise<Blob> {
  return photo instanceof URL ? fetchFile(photo, signal) : Promise.resolve(photo);
}
