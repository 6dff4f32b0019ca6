import type { Mistake } from '../../engine/storage/records.js';
import type { DataEvent, DuplicateGroup, SplitName } from '../../workers/contract.js';

/** By the number that stands for a part; 255 is a photo that the limit leaves out. */
export const partNames: readonly SplitName[] = ['train', 'validation', 'test'];

export type DuplicateProgress = Extract<DataEvent, { type: 'duplicates-progress' }>;

export interface DuplicateSearch {
  readonly job: string;
  /** Null until the first is told, and at the end. */
  readonly progress: DuplicateProgress | null;
  /** Null while it is searched. */
  readonly groups: readonly DuplicateGroup[] | null;
}

/** A validation photo that a run takes for another class. */
export type Suspect = Pick<Mistake, 'index' | 'truth' | 'predicted' | 'probability'>;

/** Whose mistakes are shown. */
export interface Suspicion {
  /** The run's name. */
  readonly run: string;
  /** Most certain first. */
  readonly mistakes: readonly Suspect[];
}

/** From this certainty on a mistake is rather the label's than the network's. */
export const CERTAIN = 0.9;

export interface TwinGroup extends DuplicateGroup {
  /** From 1, in the order in which the groups are shown. */
  readonly number: number;
  /** One trains and another judges. */
  readonly across: boolean;
  /** They lie in folders of different classes. */
  readonly twoClasses: boolean;
}

/** What matters most first: groups across the split, then those of two classes. */
export function twinGroups(groups: readonly DuplicateGroup[], labels: Uint16Array | null, parts: Uint8Array | null): readonly TwinGroup[] {
  const kinds = (images: readonly number[], of: ArrayLike<number> | null) => new Set(of ? images.map((image) => of[image]) : []);
  return groups
    .map((group) => {
      const where = kinds(group.images, parts);
      where.delete(255);
      return { ...group, number: 0, across: where.size > 1, twoClasses: kinds(group.images, labels).size > 1 };
    })
    .sort((a, b) => Number(b.across) - Number(a.across) || Number(b.twoClasses) - Number(a.twoClasses))
    .map((group, index) => ({ ...group, number: index + 1 }));
}

/** Photos that judge (validation, test) of which training has the like. */
export function leaked(groups: readonly TwinGroup[], parts: Uint8Array | null): number {
  return parts === null ? 0 : groups.filter(({ images }) => images.some((image) => parts[image] === 0)).reduce((sum, { images }) => sum + images.filter((image) => parts[image] === 1 || parts[image] === 2).length, 0);
}

/** Photos of each class in each part. */
export function countParts(labels: Uint16Array, parts: Uint8Array, classes: number): readonly (readonly number[])[] {
  const counts = partNames.map(() => Array.from({ length: classes }, () => 0));
  parts.forEach((part, index) => {
    if (part < counts.length) counts[part][labels[index]]++;
  });
  return counts;
}
