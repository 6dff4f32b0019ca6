import type { SplitName } from '../../workers/contract.js';
import { partNames, type Suspect, type TwinGroup } from './findings.js';

export type Show = 'all' | SplitName | 'suspects' | 'twins';

export interface Filter {
  readonly show: Show;
  /** Index of a class; null for every one. */
  readonly label: number | null;
}

/** A photo in the list, and what is said beneath it beside its class. */
export interface Listed {
  readonly index: number;
  readonly suspect?: Suspect;
  readonly group?: TwinGroup;
}

export interface Known {
  readonly images: number;
  readonly labels: Uint16Array | null;
  readonly parts: Uint8Array | null;
  /** Most certain first. */
  readonly suspects: readonly Suspect[];
  /** Across the split first. */
  readonly twins: readonly TwinGroup[];
}

/** The photos that a filter lets through, in the order in which they are shown. */
export function listed({ show, label }: Filter, { images, labels, parts, suspects, twins }: Known): readonly Listed[] {
  const ofClass = (index: number) => label === null || labels?.[index] === label;
  if (show === 'suspects') return suspects.filter(({ index }) => ofClass(index)).map((suspect) => ({ index: suspect.index, suspect }));
  if (show === 'twins') return twins.flatMap((group) => group.images.filter(ofClass).map((index) => ({ index, group })));
  const part = show === 'all' ? null : partNames.indexOf(show);
  const list: Listed[] = [];
  for (let index = 0; index < images; index++) if (ofClass(index) && (part === null || parts?.[index] === part)) list.push({ index });
  return list;
}
