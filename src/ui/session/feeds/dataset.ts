import { suspicion } from '../../lab/places/data.js';
import type { Feed } from './index.js';

export const feed: Feed = (element, { state: { datasets, selected, samples, job, errors, photos, form, runs } }) => {
  const { labels, parts, splitError, browsed, duplicates, augmented } = photos;
  const about = { labels, parts, splitError, browsed, duplicates, suspicion: suspicion(runs, selected), augment: form.now.augment, augmented: augmented?.bitmaps ?? [] };
  Object.assign(element, { datasets, selected, samples, job, error: errors.data ?? errors.lab ?? null, ...about });
};
