import { SYNTHETIC_NAME, syntheticRice } from '../rice/synthetic.js';
import type { PhotoSource } from './source.js';

/** About what one has, as a JPEG. */
const PHOTO_BYTES = 4500;

/** Grains drawn by our generator, through the same door as a person's photos. */
export function openSynthetic(images: number, seed: number): PhotoSource {
  const { classes } = syntheticRice({ images, seed });
  const sorted = classes.toSorted();
  return {
    kind: 'synthetic',
    name: SYNTHETIC_NAME,
    classes: sorted,
    // Drawn in turn.
    counts: sorted.map((name) => Math.ceil((images - classes.indexOf(name)) / classes.length)),
    fingerprint: `synthetic ${images} ${seed}`,
    bytes: images * PHOTO_BYTES,
    refused: [],
    async *files(from) {
      for await (const { path, bytes } of syntheticRice({ images, seed, from }).items) yield { label: sorted.indexOf(path.split('/')[0]), name: path, bytes };
    },
  };
}
