import { ZipReader, BlobReader, TextReader, Uint8ArrayReader, Uint8ArrayWriter, ZipWriter, type FileEntry } from '@zip.js/zip.js';
import { modelCard, type ModelCard } from '../../../src/engine/exchange/card.js';
import type { Model } from '../../../src/engine/exchange/model.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import type { LayerGraph } from '../../../src/engine/graph/types.js';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import type { RunRecord } from '../../../src/engine/storage/records.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';
import { WinnowError } from '../../../src/engine/support/errors.js';
import { studyRun } from '../comparison/study.js';

/** Every layer of the closed set, with options that a wrong writer would get wrong. */
export function everyLayer(): LayerGraph {
  return new GraphBuilder([17, 17, 3], 5)
    .conv(6, 3, { stride: 2, padding: 'valid' })
    .batchNorm()
    .activation('relu6')
    .depthwise(3, { stride: 2, activation: 'linear' })
    .activation('relu')
    .group('inception', (net) =>
      net.concat([(branch) => branch.conv(4, 1, { useBias: false }), (branch) => branch.conv(3, 5, { activation: 'relu6' }), (branch) => branch.maxPool(3, { stride: 1, padding: 'same' })]),
    )
    .avgPool(2, { stride: 1, padding: 'same' })
    .conv(4, 3, { stride: 2 })
    .flatten()
    .dropout(0.25)
    .dense(7)
    .predictions({ name: 'answers' });
}

/** A model with random weights, none of them at its initial value. */
export function exampleModel(graph: LayerGraph, seed = 5): Model {
  const random = new Random(seed, Purpose.sample);
  const weights = initialWeights(graph, seed).map((weight) => ({
    ...weight,
    data: weight.data.map((value) => value + (weight.name.endsWith('variance') ? random.between(0.1, 2) : random.between(-0.3, 0.3))),
  }));
  return { graph, weights, card: exampleCard(graph) };
}

export function exampleCard(graph: LayerGraph): ModelCard {
  const run: RunRecord = studyRun('cnn-light');
  if (run.state.kind !== 'done') throw new Error('unreachable');
  return modelCard({ ...run, settings: { ...run.settings, size: graph.input[0] } }, run.state.result, '0.1.0');
}

export async function unpack(zip: Uint8Array<ArrayBuffer>): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const reader = new ZipReader(new BlobReader(new Blob([zip])), { useWebWorkers: false });
  const files: Record<string, Uint8Array<ArrayBuffer>> = {};
  for (const entry of (await reader.getEntries()) as FileEntry[]) files[entry.filename] = await entry.getData(new Uint8ArrayWriter());
  await reader.close();
  return files;
}

export async function pack(files: Record<string, Uint8Array | string>, options: { level?: number; password?: string } = {}): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, ...options });
  for (const [name, content] of Object.entries(files)) await writer.add(name, typeof content === 'string' ? new TextReader(content) : new Uint8ArrayReader(content));
  return writer.close();
}


/** The WinnowError that reading `bytes` ends in; anything else fails the test. */
export async function refusal(read: (file: Blob) => Promise<unknown>, bytes: Uint8Array<ArrayBuffer>): Promise<WinnowError> {
  try {
    await read(new File([bytes], 'evil.file'));
  } catch (error) {
    if (error instanceof WinnowError) return error;
    throw error;
  }
  throw new Error('it was read');
}

export async function bytesOf(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await file.arrayBuffer());
}
