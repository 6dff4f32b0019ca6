import type { nothing, TemplateResult } from 'lit';
import type { Place } from '../state.js';
import type { LabStore } from '../store.js';

/** What a place puts under its heading: one sentence, the next step, and the rest. */
export interface PlaceContent {
  readonly lead: string;
  readonly actions: TemplateResult | typeof nothing;
  readonly body: TemplateResult;
}

export interface PlaceView {
  render(store: LabStore): PlaceContent;
}

const loaders: Record<Place, () => Promise<PlaceView>> = {
  data: () => import('./data.js'),
  train: () => import('./train.js'),
  look: () => import('./look.js'),
  compare: () => import('./compare.js'),
  lighten: () => import('./lighten.js'),
  use: () => import('./use.js'),
};

/** Each place brings its own elements, when it is first entered. */
export function loadPlace(place: Place): Promise<PlaceView> {
  return loaders[place]();
}
