import { SYNTHETIC_NAME, syntheticRice } from '../rice/synthetic.js';
import type { PhotoSource } from './source.js';

/** Grains drawn by our generator, through the same door as a person's photos. */
export function openSynthetic(images: number, seed: number): PhotoSource {
  const { classes, items } = syntheticRice({ images, seed });
  const sorted = classes.toSorted();
  return {
    kind: 'synthetic',
    name: SYNTHETIC_NAME,
    classes: sorted,
    // Drawn in turn.
    counts: sorted.map((name) => Math.ceil((images - classes.indexOf(name)) / classes.length)),
    refused: [],
    async *files() {
      for await (const { path, bytes } of items) yield { label: sorted.indexOf(path.split('/')[0]), name: path, bytes };
    },
  };
}
