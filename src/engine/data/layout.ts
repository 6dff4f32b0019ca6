import type { Refusal } from '../storage/records.js';
import { refusal, type Reason } from './header.js';

/** Files by class, as an archive's directory or a folder's listing shows them before any is read. */
export interface Layout<F> {
  /** Names of the folders that hold files, sorted by code unit; some may yet prove to hold no image. */
  readonly classes: readonly string[];
  /** By class, in the order of the listing. */
  readonly files: readonly (readonly F[])[];
  readonly refused: readonly Refusal[];
}

export const looksLikeImage = (path: string) => /\.(jpe?g|jpe|jfif|png|webp|gif|bmp|tiff?|hei[cf]|avif)$/i.test(path);

const LEFT_BEHIND = /(^|\/)(\.[^./]|__MACOSX(\/|$))/;
const LISTINGS = /(^|\/)(thumbs\.db|desktop\.ini)$/i;

/** What operating systems leave behind, and dot files: neither counted nor listed. */
export function isIgnored(path: string): boolean {
  return LEFT_BEHIND.test(path) || LISTINGS.test(path);
}

/**
 * A file's class is its immediate parent folder, wherever that lies: `train/cat/1.jpg` and `test/cat/2.jpg` are both 'cat'.
 * Files beside the class folders, in the folder that holds them all, have no class.
 */
export function readLayout<F extends { readonly path: string }>(listing: readonly F[]): Layout<F> {
  const files = listing.filter(({ path }) => !isIgnored(path));
  // Of 75,000 files few lie in a folder of their own: what there is to know of a folder is found once.
  const folders = new Set(files.map(({ path }) => folderOf(path)));
  const withImages = new Set<string>();
  for (const { path } of files) if (looksLikeImage(path)) withImages.add(folderOf(path));
  const root = commonFolder([...(withImages.size > 0 ? withImages : folders)].map(segments)).length;
  const hasClassFolders = [...withImages].some((folder) => segments(folder).length > root);
  const classOf = new Map<string, string>();
  for (const folder of folders) {
    const names = segments(folder);
    if (names.length > (hasClassFolders ? root : 0)) classOf.set(folder, names.at(-1)!);
  }
  const refused: Refusal[] = [];
  const byClass = new Map<string, F[]>();
  for (const file of files) {
    const folder = folderOf(file.path);
    const name = classOf.get(folder);
    if (name === undefined) {
      refused.push({ name: file.path, ...homeless(file.path, folder) });
      continue;
    }
    const members = byClass.get(name);
    if (members) members.push(file);
    else byClass.set(name, [file]);
  }
  const classes = [...byClass.keys()].sort();
  return { classes, files: classes.map((name) => byClass.get(name)!), refused };
}

function homeless(path: string, folder: string): Reason {
  if (!looksLikeImage(path)) return refusal('not-an-image', 'It lies beside the class folders and is no photo.');
  return refusal('no-class', folder === '' ? 'It lies in no folder, so it has no class.' : 'It lies beside the class folders, so it has no class.');
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** Of '', in which everything lies, none. */
function segments(folder: string): string[] {
  return folder === '' ? [] : folder.split('/');
}

function commonFolder(folders: readonly (readonly string[])[]): readonly string[] {
  let common = folders[0] ?? [];
  for (const folder of folders) {
    let same = 0;
    while (same < common.length && common[same] === folder[same]) same++;
    common = common.slice(0, same);
  }
  return common;
}

/**
 * One list in which every stretch holds the groups in proportion to their sizes, and each group keeps its own order. In any
 * prefix a group of share s among g groups is at most 1/2 + s g / 2 members from its proportion.
 */
export function inProportion<T>(groups: readonly (readonly T[])[]): { readonly item: T; readonly group: number }[] {
  const placed = groups.flatMap((items, group) => items.map((item, i) => ({ item, group, place: (i + 0.5) / items.length })));
  placed.sort((a, b) => a.place - b.place || a.group - b.group);
  return placed;
}
