import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { ModelCard } from '../engine/exchange/card.js';
import { readCarriedModel } from '../engine/exchange/formats.js';
import { looksLikeHdf5 } from '../engine/exchange/keras/weights.js';
import { cardLimits } from '../engine/exchange/limits.js';
import { WinnowError } from '../engine/support/errors.js';
import { words } from '../offline/words.js';
import { kindOf } from './command.js';

/** In a folder that Winnow wrote, the first of these is its model: what a Keras project has trained, before what it began with. */
const MODELS = ['model.zip', 'result.keras', 'model.keras'];

/** The file of a MODEL. @throws WinnowError 'input-missing'; 'model-broken' for a folder without one. */
export async function modelFile(path: string): Promise<string> {
  if ((await kindOf(path)) === 'file') return path;
  for (const name of MODELS) {
    const file = join(path, name);
    if ((await kindOf(file).catch(() => null)) === 'file') return file;
  }
  throw new WinnowError('model-broken', { source: path, why: `it is a folder, and has no ${MODELS.join(', no ')}` });
}

/** The card of a file that a run begins with; null where it has none, as Keras's own weights. @throws WinnowError 'model-broken'. */
export async function cardOfWeights(path: string): Promise<ModelCard | null> {
  const bytes = await readFile(path);
  return looksLikeHdf5(bytes.subarray(0, 8)) ? null : (await readCarriedModel(new File([bytes], basename(path)), path)).card;
}

/** What a model was trained on and how, its numbers, its limits. */
export function cardText(card: ModelCard): string {
  const { arch, classes, dataset, settings: { batch, size, seed }, metrics: { bestEpoch, validation, test }, speed, winnow } = card;
  const { en } = words;
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const rounded = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 3 });
  return [
    `${arch}, ${classes.length} classes, trained on ${dataset.name}${dataset.images === null ? '' : ` (${en.images(dataset.images.toLocaleString('en'))})`}: ${en.how(bestEpoch, batch, size, seed)}, Winnow ${winnow}`,
    `validation accuracy ${percent(validation.accuracy)}${test.accuracy === null ? '' : `, test ${percent(test.accuracy)}`}, perturbed ${percent(test.perturbed.accuracy)}` +
      `${speed === null ? '' : `; ${en.fast(rounded(speed.latencyMs), speed.imagesPerSecond === null ? null : rounded(speed.imagesPerSecond), speed.adapter)}`}`,
    ...cardLimits(card).map((limit) => `! ${en.limit(limit)}`),
  ].join('\n');
}
