import { WinnowError } from '../engine/support/errors.js';
import type { ImportSource } from './contract.js';

/** What a dataset can be made of: an {@link ImportSource}, a zip as a file or at an address, or 'sample' for 400 synthetic grains of rice. */
export type DatasetSource = ImportSource | Blob | URL | 'sample';

export const SAMPLE_IMAGES = 400;

/** For whoever embeds Winnow. @throws WinnowError 'input-missing' where an address has nothing to give. */
export async function sourceOf(from: DatasetSource, signal?: AbortSignal): Promise<ImportSource> {
  if (from === 'sample') return { kind: 'synthetic', images: SAMPLE_IMAGES, seed: 1 };
  if (from instanceof URL) return { kind: 'zip', file: await fetchFile(from, signal) };
  if (from instanceof Blob) return { kind: 'zip', file: from instanceof File ? from : new File([from], 'photos.zip') };
  return from;
}

/** @throws WinnowError 'input-missing'. */
export async function fetchFile(address: URL, signal?: AbortSignal): Promise<File> {
  const answer = await fetch(address, { signal: signal ?? null }).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw new WinnowError('input-missing', { source: address.href }, { cause: error });
  });
  if (!answer.ok) throw new WinnowError('input-missing', { source: address.href });
  return new File([await answer.blob()], decodeURIComponent(address.pathname.split('/').at(-1) || 'photos.zip'));
}
