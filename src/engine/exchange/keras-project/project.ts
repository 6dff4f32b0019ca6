import { BlobReader, BlobWriter, ZipWriter } from '@zip.js/zip.js';
import type { ModelCard } from '../card.js';
import { writeKeras } from '../keras/file.js';
import { cardLimits, type Limit } from '../limits.js';
import type { Model } from '../model.js';
import readme from './README.md?raw';
import requirements from './requirements.txt?raw';
import train from './train.py?raw';
import data from './winnow_data.py?raw';

/**
 * A folder that goes on with the run that a model comes from, in Keras 3 on as many machines as there are: its photos, split, augmentation,
 * loss and schedule, from its weights. The result comes back as `.keras`.
 * @returns the files by name.
 */
export async function writeKerasProject(model: Model): Promise<ReadonlyMap<string, Blob>> {
  const { card } = model;
  return new Map([
    ['README.md', new Blob([fill(readme, card)])],
    ['card.json', new Blob([`${JSON.stringify(card, null, 2)}\n`])],
    ['model.keras', await writeKeras(model)],
    ['requirements.txt', new Blob([requirements])],
    ['train.py', new Blob([train])],
    ['winnow_data.py', new Blob([data])],
  ]);
}

/** The same as one file, for where there are no folders. */
export async function zipKerasProject(model: Model): Promise<Blob> {
  const options = { lastModDate: new Date(model.card.created), useWebWorkers: false };
  const zip = new ZipWriter(new BlobWriter('application/zip'), options);
  for (const [name, file] of await writeKerasProject(model)) await zip.add(`${model.card.arch}-keras/${name}`, new BlobReader(file), options);
  return zip.close();
}

function fill(template: string, card: ModelCard): string {
  const { settings, dataset, metrics } = card;
  const values: Readonly<Record<string, string | number>> = {
    arch: card.arch,
    data: dataset.synthetic ? `“${dataset.name}”, drawn by Winnow: \`winnow sample\` writes it as a zip` : `“${dataset.name}”, ${dataset.images === null ? '' : `${dataset.images} photos, `}${card.classes.length} classes`,
    patience: settings.patience,
    epochs: settings.epochs,
    batch: settings.batch,
    seed: settings.splitSeed ?? settings.seed,
    bestEpoch: metrics.bestEpoch,
    accuracy: metrics.validation.accuracy.toFixed(4),
    winnow: card.winnow,
    limits: cardLimits(card).map(describe).join(' '),
  };
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}

function describe(limit: Limit): string {
  switch (limit.kind) {
    case 'closed-set': return `It answers with one of its ${limit.classes} classes, whatever a photo shows.`;
    case 'synthetic': return 'It was trained on drawn photos, not on real ones.';
    case 'no-test': return 'No photos were set aside for a test.';
    case 'fragile': return `On turned, shifted and zoomed photos its accuracy is ${limit.perturbed.toFixed(4)} in place of ${limit.accuracy.toFixed(4)}.`;
    case 'continued': return `It was trained on with ${limit.with}; its accuracy on changed photos was measured before that.`;
  }
}
