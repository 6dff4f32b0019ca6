import type { Shape } from '../../../engine/graph/types.js';
import type { RunRecord } from '../../../engine/storage/records.js';
import { layersOf } from '../../lab/layers.js';
import type { Feed } from './index.js';

const known = new Map<string, readonly { name: string; shape: Shape }[]>();

/** Kept by run, so that the element sees a new list only for a new run. */
function layers(run: RunRecord | undefined): readonly { name: string; shape: Shape }[] {
  if (!run) return none;
  let list = known.get(run.id);
  if (!list) known.set(run.id, (list = layersOf(run)));
  return list;
}

const none: readonly never[] = [];

export const feed: Feed = (element, store) => {
  const { looking, training, errors } = store.state;
  const run = store.runOf(looking?.run);
  Object.assign(element, {
    layers: layers(run),
    layer: looking?.layer ?? '',
    maps: looking?.maps ?? null,
    photo: looking?.photo ?? null,
    classes: run?.classes ?? none,
    live: run !== undefined && run.id === training?.run,
    busy: looking?.busy ?? false,
    error: errors.look ?? errors.lab ?? null,
  });
};
