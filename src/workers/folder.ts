/** The files of a folder over a port: the page reads what the data worker asks for, one question at a time. */
import { PickedFiles, type FileRead, type FileState, type FolderFiles } from '../engine/data/sources/picked.js';
import type { DatasetRecord } from '../engine/storage/records.js';
import { WinnowError } from '../engine/support/errors.js';
import type { DataWorker, ImportSource } from './contract.js';

type Question = { readonly ask: 'stat' | 'read'; readonly places: readonly number[] };

/** In the page: an import, whose files it reads where they are a folder's. */
export async function importOver(data: DataWorker, job: string, source: ImportSource): Promise<DatasetRecord> {
  if (source.kind !== 'folder') return data.importDataset(job, source);
  const files = new PickedFiles(source);
  const ended = new AbortController();
  try {
    return await data.importDataset(job, { kind: 'folder', name: files.name, paths: files.paths }, serveFolder(files, ended.signal));
  } finally {
    ended.abort();
  }
}

/** In the page. @returns the port for the worker; it is closed with `signal`. */
function serveFolder(files: FolderFiles, signal: AbortSignal): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = async ({ data: { ask, places } }: MessageEvent<Question>) => {
    const answer: (FileState | FileRead)[] = await files[ask](places);
    port1.postMessage(answer, answer.flatMap((each) => (each instanceof Uint8Array ? [each.buffer] : [])));
  };
  signal.addEventListener('abort', () => port1.close());
  return port2;
}

/** In the worker, which waits for each answer before it asks again. @throws 'call-invalid' where something else than the answer comes. */
export function folderOver(port: MessagePort, name: string, paths: readonly string[]): FolderFiles {
  const ask = <T>(question: Question, is: (value: unknown) => value is T): Promise<T[]> =>
    new Promise((resolve, reject) => {
      port.onmessage = ({ data }: MessageEvent<unknown>) => {
        const { length } = question.places;
        if (Array.isArray(data) && data.length <= length && (data.length > 0 || length === 0) && data.every(is)) resolve(data);
        else reject(new WinnowError('call-invalid', { why: 'What was read of the folder came in another form' }));
      };
      port.postMessage(question);
    });
  return {
    name,
    paths,
    stat: (places) => ask({ ask: 'stat', places }, isState),
    read: (places) => ask({ ask: 'read', places }, isRead),
  };
}

function isState(value: unknown): value is FileState {
  const { size, lastModified } = Object(value) as Partial<Record<keyof FileState, unknown>>;
  return typeof size === 'number' && typeof lastModified === 'number';
}

function isRead(value: unknown): value is FileRead {
  return value === null || typeof value === 'number' || value instanceof Uint8Array;
}
