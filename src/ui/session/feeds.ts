import { loadPlace } from '../lab/places/index.js';
import type { Place } from '../lab/state.js';
import type { LabStore } from '../lab/store.js';
import { bindingsOf, type Bindings } from './borrow.js';

/** What an element is given of a store's state; null for nothing. */
type Feed = (store: LabStore) => Bindings | null;

/** As the lab's place has it, and what goes wrong elsewhere: the place says that itself. */
function fromPlace(place: Place, tag: string, error: (store: LabStore) => unknown = () => null) {
  return async (): Promise<Feed> => {
    const view = await loadPlace(place);
    return (store) => {
      const bindings = bindingsOf(view.render(store).body, tag);
      const wrong = error(store);
      return bindings && wrong ? { ...bindings, properties: { ...bindings.properties, error: wrong } } : bindings;
    };
  };
}

const properties = (feed: (store: LabStore) => object): Feed => (store) => ({ properties: { ...feed(store) }, listeners: {} });

/** By tag; each is fetched when such an element is there. */
const feeds: Readonly<Record<string, () => Promise<Feed>>> = {
  'winnow-dataset': fromPlace('data', 'winnow-dataset', ({ state: { errors } }) => errors.data ?? errors.lab),
  'winnow-training': fromPlace('train', 'winnow-training', ({ state: { errors } }) => errors.train ?? errors.data ?? errors.lab),
  'winnow-feature-maps': fromPlace('look', 'winnow-feature-maps', ({ state: { errors } }) => errors.look ?? errors.lab),
  'winnow-comparison': fromPlace('compare', 'winnow-comparison'),
  'winnow-lighten': fromPlace('lighten', 'winnow-lighten'),
  'winnow-use': fromPlace('use', 'winnow-use'),
  'winnow-metrics-chart': () => import('./results.js').then(({ chart }) => properties(chart)),
  'winnow-confusion-matrix': () => import('./results.js').then(({ matrix }) => properties(matrix)),
  'winnow-model-summary': () => import('./results.js').then(({ summary }) => properties(summary)),
  // Its model is given when a run ends.
  'winnow-classifier': async () => () => null,
};

export const fedTags = Object.keys(feeds);

const fetched = new Map<string, Promise<Feed>>();

export function feedOf(tag: string): Promise<Feed> | undefined {
  if (!(tag in feeds)) return undefined;
  let feed = fetched.get(tag);
  if (!feed) fetched.set(tag, (feed = feeds[tag]()));
  return feed;
}
