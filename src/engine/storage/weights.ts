import type { Weight } from '../graph/types.js';
import { WinnowError } from '../support/errors.js';
import { database, keysUnder, write } from './database.js';
import type { WeightsKind, WeightsManifest } from './records.js';

/** A transaction holds one chunk at a time, so that hundreds of megabytes never wait in one. */
const CHUNK_BYTES = 16 * 2 ** 20;

/**
 * Stores the weights of a run, replacing those of the same kind: the chunks first, then, in one strict transaction,
 * the manifest with their checksums while the old chunks go. Until that has been committed the old weights stay.
 * @throws 'disk-full' and what was stored before is intact.
 */
export async function saveWeights(run: string, kind: Exclude<WeightsKind, 'optimizer'>, weights: readonly Weight[]): Promise<void> {
  await save(run, kind, weights);
}

/** The state of a run's optimiser, as {@link saveWeights}. @param step steps taken. */
export async function saveOptimizer(run: string, { step, slots }: StoredOptimizer): Promise<void> {
  await save(run, 'optimizer', slots, { step });
}

export interface StoredOptimizer {
  readonly step: number;
  readonly slots: readonly Weight[];
}

async function save(run: string, kind: WeightsKind, weights: readonly Weight[], rest: Pick<WeightsManifest, 'step'> = {}): Promise<void> {
  const generation = crypto.randomUUID();
  const what = `the ${kind} weights of a run`;
  const chunks: { bytes: number; sha256: string }[] = [];
  try {
    for (const chunk of cut(weights)) {
      const key: [string, string, string, number] = [run, kind, generation, chunks.length];
      chunks.push({ bytes: chunk.byteLength, sha256: await sha256(chunk) });
      await write(['weightChunks'], what, async (transaction) => void (await transaction.objectStore('weightChunks').put(chunk.buffer, key)));
    }
    const manifest: WeightsManifest = { run, kind, generation, weights: weights.map(({ name, shape }) => ({ name, shape: [...shape] })), chunks, ...rest };
    await write(['weights', 'weightChunks'], what, async (transaction) => {
      const store = transaction.objectStore('weightChunks');
      await transaction.objectStore('weights').put(manifest);
      for (const key of await store.getAllKeys(keysUnder(run, kind))) if (key[2] !== generation) await store.delete(key);
    });
  } catch (error) {
    await write(['weightChunks'], 'the deletion', async (transaction) => transaction.objectStore('weightChunks').delete(keysUnder(run, kind, generation))).catch(() => {});
    throw error;
  }
}

/** @throws 'weights-missing', or 'weights-broken' where a checksum does not match. */
export async function loadWeights(run: string, kind: Exclude<WeightsKind, 'optimizer'>): Promise<Weight[]> {
  return (await load(run, kind)).weights;
}

/** Throws as {@link loadWeights}. */
export async function loadOptimizer(run: string): Promise<StoredOptimizer> {
  const { manifest, weights } = await load(run, 'optimizer');
  return { step: manifest.step ?? 0, slots: weights };
}

async function load(run: string, kind: WeightsKind): Promise<{ manifest: WeightsManifest; weights: Weight[] }> {
  const connection = await database();
  const transaction = connection.transaction(['weights', 'weightChunks']);
  const manifest = await transaction.objectStore('weights').get([run, kind]);
  if (!manifest) throw new WinnowError('weights-missing', { id: run, kind });
  const buffers = await transaction.objectStore('weightChunks').getAll(keysUnder(run, kind, manifest.generation));
  const broken = () => new WinnowError('weights-broken', { id: run, kind });
  if (buffers.length !== manifest.chunks.length) throw broken();
  for (const [i, { bytes, sha256: expected }] of manifest.chunks.entries()) {
    if (buffers[i].byteLength !== bytes || (await sha256(new Uint8Array(buffers[i]))) !== expected) throw broken();
  }
  return { manifest, weights: join(manifest, buffers, broken) };
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
