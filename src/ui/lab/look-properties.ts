import type { RunRecord } from '../../engine/storage/records.js';
import type { WinnowFeatureMaps } from '../feature-maps/feature-maps.js';
import { camLayersOf, layersOf } from './layers.js';
import type { Pane } from './pane.js';
import type { StoreBase } from './base.js';
import { bestEpochOf } from '../support/runs.js';
import { hasModel } from './state.js';

type Shown = Pick<WinnowFeatureMaps, 'layers' | 'layer' | 'view' | 'maps' | 'filters' | 'photo' | 'classes' | 'epochs' | 'epoch' | 'bestEpoch' | 'silence' | 'counting' | 'measures' | 'measuring' | 'cam' | 'camFailure' | 'camLayers' | 'live' | 'busy'>;

/** What `<winnow-feature-maps>` shows of a pane. */
export function lookProperties(store: StoreBase, pane: Pane): Shown {
  const { shown } = pane;
  const { measured, training, lightening } = store.state;
  const run = store.runOf(shown?.run);
  return {
    ...listsOf(run),
    layer: shown?.layer ?? '',
    view: shown?.view ?? 'maps',
    maps: shown?.maps ?? null,
    filters: shown?.filters ?? null,
    photo: shown?.photo ?? null,
    classes: run?.classes ?? none,
    epochs: shown?.epochs ?? none,
    epoch: shown?.at ?? null,
    bestEpoch: run ? bestEpochOf(run) : null,
    silence: shown?.silence ?? null,
    counting: shown?.counting ?? false,
    measures: (run && measured.layers.get(run.id)) ?? null,
    measuring: !run || !hasModel(run) ? 'not' : measured.layers.has(run.id) ? 'done' : measured.measuring !== null ? 'under-way' : training || lightening.work ? 'not' : 'able',
    cam: shown?.cam ?? null,
    camFailure: shown?.camFailure ?? null,
    live: pane.isLive(),
    busy: shown?.busy ?? false,
  };
}

const none: readonly never[] = [];
const known = new Map<string, Pick<Shown, 'layers' | 'camLayers'>>();

/** Kept by run, so that the element sees new lists only for a new run. */
function listsOf(run: RunRecord | undefined): Pick<Shown, 'layers' | 'camLayers'> {
  if (!run) return { layers: none, camLayers: none };
  let lists = known.get(run.id);
  if (!lists) known.set(run.id, (lists = { layers: layersOf(run), camLayers: camLayersOf(run) }));
  return lists;
}
