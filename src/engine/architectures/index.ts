import { baseLayers, freeze, weightedLayers } from '../graph/freeze.js';
import type { LayerGraph } from '../graph/types.js';
import { WinnowError } from '../support/errors.js';
import type { RunRecord } from '../storage/records.js';
import type { RunSettings } from '../support/settings.js';
import type { Architecture, BuildRequest } from './architecture.js';

export type { Architecture, ArchitectureOption, BuildRequest } from './architecture.js';

/** Every network's file in this folder, by id. */
export const architectures: readonly Architecture[] = Object.values(
  import.meta.glob<Architecture>(['./*.ts', '!./index.ts', '!./architecture.ts'], { eager: true, import: 'default' }),
).sort((a, b) => (a.id < b.id ? -1 : 1));

/** @throws WinnowError 'arch-unknown'. */
export function findArchitecture(id: string): Architecture {
  const found = architectures.find((architecture) => architecture.id === id);
  if (!found) throw new WinnowError('arch-unknown', { arch: id, known: architectures.map((architecture) => architecture.id).join(', ') });
  return found;
}

/**
 * The layer graph of an architecture; options that are left out take their defaults.
 * @param size side of the square RGB input, pixels.
 * @throws WinnowError 'arch-unknown', 'size-invalid', or 'settings-invalid' for classes (2 to 1000) and options.
 */
export function buildGraph(id: string, { size, classes, options = {} }: Omit<BuildRequest, 'options'> & Partial<BuildRequest>): LayerGraph {
  const architecture = findArchitecture(id);
  const { least, most } = architecture.sides;
  if (!Number.isInteger(size) || size < least || size > most) throw new WinnowError('size-invalid', { arch: id, size, least, most });
  if (!Number.isInteger(classes) || classes < 2 || classes > 1000) throw new WinnowError('settings-invalid', { setting: 'classes', value: classes, allowed: '2 to 1000' });
  return architecture.build({ size, classes, options: completeOptions(architecture, options) });
}

/**
 * The graph that a run trains: its architecture's, with the layers frozen that its settings name.
 * @throws as {@link buildGraph}, and 'settings-invalid' where nothing would be left to learn.
 */
export function buildRunGraph({ arch, archOptions, size, freeze: frozen }: Pick<RunSettings, 'arch' | 'archOptions' | 'size' | 'freeze'>, classes: number): LayerGraph {
  const graph = buildGraph(arch, { size, classes, options: archOptions });
  if (frozen === 'base') return freeze(graph, baseLayers(graph));
  const weighted = weightedLayers(graph);
  if (!Number.isInteger(frozen) || frozen < 0 || frozen >= weighted.length) {
    throw new WinnowError('settings-invalid', { setting: 'the number of frozen layers', value: frozen, allowed: `0 to ${weighted.length - 1}, or base` });
  }
  return frozen === 0 ? graph : freeze(graph, weighted.slice(0, frozen));
}

/** The network of a stored run: its own where it has been lightened, else its architecture's. @throws as {@link buildRunGraph}. */
export function graphOfRun({ graph, settings, classes }: Pick<RunRecord, 'graph' | 'settings' | 'classes'>): LayerGraph {
  return graph ?? buildRunGraph(settings, classes.length);
}

function completeOptions(architecture: Architecture, given: BuildRequest['options']): BuildRequest['options'] {
  for (const [name, value] of Object.entries(given)) {
    const option = architecture.options.find((known) => known.name === name);
    if (!option) {
      const names = architecture.options.map((known) => known.name).join(', ') || 'none';
      throw new WinnowError('settings-invalid', { setting: `an option of ${architecture.id}`, value: name, allowed: names });
    }
    if (!option.values.includes(value)) throw new WinnowError('settings-invalid', { setting: name, value, allowed: option.values.join(', ') });
  }
  return { ...Object.fromEntries(architecture.options.map((option) => [option.name, option.default])), ...given };
}
