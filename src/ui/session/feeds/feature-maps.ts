import { lookProperties } from '../../lab/look-properties.js';
import type { Feed } from './index.js';

export const feed: Feed = (element, store) => {
  const { errors } = store.state;
  Object.assign(element, { ...lookProperties(store, store.look.main), error: errors.look ?? errors.lab ?? null });
};
