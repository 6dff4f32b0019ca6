import type { ImportSource, OpenedFolder } from '../types.js';
import { openFolder } from './folder.js';
import { openIdx } from './idx.js';
import { PickedFiles } from './picked.js';
import type { PhotoSource } from './source.js';
import { openSynthetic } from './synthetic.js';
import { openZip } from './zip.js';

/** @throws 'zip-broken', 'zip-unsafe', 'idx-broken', 'cancelled' */
export async function openSource(source: ImportSource | OpenedFolder, signal?: AbortSignal): Promise<PhotoSource> {
  switch (source.kind) {
    case 'zip':
      return openZip(source.file, signal);
    case 'folder':
      return openFolder(new PickedFiles(source));
    case 'opened-folder':
      return openFolder(source.files);
    case 'idx':
      return openIdx(source.images, source.labels);
    case 'synthetic':
      return openSynthetic(source.images, source.seed);
  }
}
