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

/** In the worker. @throws 'call-invalid' where something else than the answer comes. */
export function folderOver(port: MessagePort, name: string, paths: readonly string[]): FolderFiles {
  let last: Promise<unknown> = Promise.resolve();
  const ask = (question: Question): Promise<unknown[]> => {
    const answer = last.then(
      () =>
        new Promise<unknown[]>((resolve, reject) => {
          port.onmessage = ({ data }: MessageEvent<unknown>) => {
            if (Array.isArray(data) && data.length <= question.places.length && (data.length > 0 || question.places.length === 0)) resolve(data);
            else reject(new WinnowError('call-invalid', { why: 'What was read of the folder came in another form' }));
          };
          port.postMessage(question);
        }),
    );
    last = answer.catch(() => {});
    return answer;
  };
  return {
    name,
    paths,
    stat: async (places) => checked(await ask({ ask: 'stat', places }), isState),
    read: async (places) => checked(await ask({ ask: 'read', places }), isRead),
  };
}

function checked<T>(answer: unknown[], is: (value: unknown) => value is T): T[] {
  if (!answer.every(is)) throw new WinnowError('call-invalid', { why: 'What was read of the folder came in another form' });
  return answer;
}

function isState(value: unknown): value is FileState {
  const { size, lastModified } = Object(value) as Partial<Record<keyof FileState, unknown>>;
  return typeof size === 'number' && typeof lastModified === 'number';
}

function isRead(value: unknown): value is FileRead {
  return value === null || typeof value === 'number' || value instanceof Uint8Array;
}
