import type { LabStore } from '../../lab/store.js';

/** Gives an element what it shows. */
export type Feed = (element: HTMLElement, store: LabStore) => void;

/** By tag; each is fetched when such an element is there. */
const feeds: Readonly<Record<string, () => Promise<{ feed: Feed }>>> = {
  'winnow-dataset': () => import('./dataset.js'),
  'winnow-training': () => import('./training.js'),
  'winnow-model-summary': () => import('./training.js').then(({ feedSummary }) => ({ feed: feedSummary })),
  'winnow-metrics-chart': () => import('./results.js').then(({ feedChart }) => ({ feed: feedChart })),
  'winnow-comparison': () => import('./results.js').then(({ feedComparison }) => ({ feed: feedComparison })),
  'winnow-confusion-matrix': () => import('./results.js').then(({ feedMatrix }) => ({ feed: feedMatrix })),
  'winnow-feature-maps': () => import('./feature-maps.js'),
  // Its model is given when a run ends.
  'winnow-classifier': async () => ({ feed: () => {} }),
};

export const fedTags = Object.keys(feeds);

const fetched = new Map<string, Promise<Feed>>();

export function feedOf(tag: string): Promise<Feed> | undefined {
  if (!(tag in feeds)) return undefined;
  let feed = fetched.get(tag);
  if (!feed) fetched.set(tag, (feed = feeds[tag]().then((module) => module.feed)));
  return feed;
}
