import type { Weight } from '../graph/types.js';
import { WinnowError } from '../support/errors.js';
import { database, keysUnder, write, type WriteTransaction } from './database.js';
import type { WeightChunkKey, WeightsManifest } from './records.js';

/** A transaction holds one chunk at a time, so that hundreds of megabytes never wait in one. */
const CHUNK_BYTES = 16 * 2 ** 20;

/**
 * Stores the weights of a run's best epoch: the chunks first, then, in one strict transaction, the manifest with their checksums,
 * while what no manifest names any more goes. Until that has been committed the old weights stay.
 * @throws 'disk-full' and what was stored before is intact.
 */
export async function saveBest(run: string, weights: readonly Weight[]): Promise<void> {
  const what = 'the best weights of a run';
  const place = { run, kind: 'best', generation: crypto.randomUUID() } as const;
  try {
    const manifest: WeightsManifest = { ...place, ...(await writeChunks(place, weights, what)) };
    await write(['weights', 'weightChunks'], what, async (transaction) => {
      await transaction.objectStore('weights').put(manifest);
      await keepOnlyNamed(transaction, run);
    });
  } catch (error) {
    await discard(run, 'best', place.generation);
    throw error;
  }
}

/** The weights of a run's best epoch. @throws 'weights-missing', or 'weights-broken' where a checksum does not match. */
export async function loadBest(run: string): Promise<Weight[]> {
  const manifest = await (await database()).get('weights', [run, 'best']);
  if (!manifest) throw new WinnowError('weights-missing', { id: run, kind: 'best' });
  return readWeights(manifest);
}

/** @param place whose `from` is the number of its first chunk, 0 where absent. */
export async function writeChunks(
  { run, kind, generation, from = 0 }: Pick<WeightsManifest, 'run' | 'kind' | 'generation'> & { readonly from?: number }, weights: readonly Weight[], what: string,
): Promise<Pick<WeightsManifest, 'weights' | 'chunks'>> {
  const chunks: { bytes: number; sha256: string }[] = [];
  for (const chunk of cut(weights)) {
    const key: WeightChunkKey = [run, kind, generation, from + chunks.length];
    chunks.push({ bytes: chunk.byteLength, sha256: await sha256(chunk) });
    await write(['weightChunks'], what, async (transaction) => void (await transaction.objectStore('weightChunks').put(chunk.buffer, key)));
  }
  return { weights: weights.map(({ name, shape }) => ({ name, shape: [...shape] })), chunks };
}

/** @param from the number of the manifest's first chunk. @throws 'weights-broken' */
export async function readWeights(manifest: WeightsManifest, from = 0): Promise<Weight[]> {
  const { run, kind, generation, chunks } = manifest;
  const broken = () => new WinnowError('weights-broken', { id: run, kind });
  const connection = await database();
  const buffers: ArrayBuffer[] = [];
  for (const [i, { bytes, sha256: expected }] of chunks.entries()) {
    const buffer = await connection.get('weightChunks', [run, kind, generation, from + i]);
    if (buffer?.byteLength !== bytes || (await sha256(new Uint8Array(buffer))) !== expected) throw broken();
    buffers.push(buffer);
  }
  return join(manifest, buffers, broken);
}

/** Removes the chunks of the run that none of its manifests names: of saves that were replaced, or did not finish. */
export async function keepOnlyNamed(transaction: WriteTransaction, run: string): Promise<void> {
  const named = new Set<string>();
  for (const manifest of await transaction.objectStore('weights').getAll(keysUnder(run))) {
    named.add(manifest.generation);
    if ('best' in manifest && manifest.best !== null) named.add(manifest.best.generation);
  }
  const store = transaction.objectStore('weightChunks');
  for (const key of await store.getAllKeys(keysUnder(run))) if (!named.has(key[2])) await store.delete(key);
}

/** Where even this fails, the run's next save removes them. */
export async function discard(run: string, kind: WeightsManifest['kind'], generation: string): Promise<void> {
  await write(['weightChunks'], 'the deletion', async (transaction) => transaction.objectStore('weightChunks').delete(keysUnder(run, kind, generation))).catch(() => {});
}

/** With the SHA-256 of its JSON, which is the same before and after storage. */
export async function sealed<T extends { readonly seal: string }>(content: Omit<T, 'seal'>): Promise<T> {
  // All of T but its seal, and the seal.
  return { ...content, seal: await sealOf(content) } as unknown as T;
}

export async function isSealed({ seal, ...content }: { readonly seal: string }): Promise<boolean> {
  return seal === (await sealOf(content));
}

function sealOf(content: object): Promise<string> {
  return sha256(new TextEncoder().encode(JSON.stringify(content)));
}

/** The weights end to end as bytes, in pieces of at most CHUNK_BYTES. */
function* cut(weights: readonly Weight[]): Generator<Uint8Array<ArrayBuffer>> {
  let left = weights.reduce((sum, { data }) => sum + data.byteLength, 0);
  let chunk = new Uint8Array(Math.min(left, CHUNK_BYTES));
  let filled = 0;
  for (const { data } of weights) {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    for (let taken = 0; taken < bytes.length; ) {
      const part = bytes.subarray(taken, taken + chunk.length - filled);
      chunk.set(part, filled);
      taken += part.length;
      filled += part.length;
      left -= part.length;
      if (filled === chunk.length) {
        yield chunk;
        chunk = new Uint8Array(Math.min(left, CHUNK_BYTES));
        filled = 0;
      }
    }
  }
}

function join(manifest: WeightsManifest, buffers: readonly ArrayBuffer[], broken: () => WinnowError): Weight[] {
  let buffer = 0;
  let offset = 0;
  return manifest.weights.map(({ name, shape }) => {
    const data = new Float32Array(shape.reduce((product, side) => product * side, 1));
    const bytes = new Uint8Array(data.buffer);
    for (let filled = 0; filled < bytes.length; ) {
      if (buffer === buffers.length) throw broken();
      const part = new Uint8Array(buffers[buffer], offset).subarray(0, bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
      offset += part.length;
      if (offset === buffers[buffer].byteLength) {
        buffer++;
        offset = 0;
      }
    }
    return { name, shape, data };
  });
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
