import type { Feed } from './index.js';

export const feed: Feed = (element, { state: { datasets, selected, samples, job, errors } }) => {
  Object.assign(element, { datasets, selected, samples, job, error: errors.data ?? errors.lab ?? null });
};
