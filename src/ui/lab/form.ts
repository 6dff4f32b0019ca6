import { findArchitecture } from '../../engine/architectures/index.js';
import { defaultSettings, type RunSettings } from '../../engine/support/settings.js';
import { remember, remembered } from '../support/memory.js';
import { draftOf, problemsOf, rangesOf } from '../training/draft.js';

const REMEMBERED = 'winnow.form';

/** The form for a new run. */
export interface Form {
  /** What it was opened with. */
  readonly start: RunSettings;
  /** The last valid settings in it. */
  readonly now: RunSettings;
  /** Architectures that are ticked; null before anyone has ticked or typed. */
  readonly chosen: readonly string[] | null;
}

export const untouchedForm: Form = { start: defaultSettings, now: defaultSettings, chosen: null };

export function rememberForm({ now, chosen }: Form): void {
  remember(REMEMBERED, JSON.stringify({ now, chosen }));
}

/** As it was left when the page was last open; untouched where that does not hold any more. */
export function rememberedForm(): Form {
  try {
    const { now, chosen } = JSON.parse(remembered(REMEMBERED) ?? '') as { now: RunSettings; chosen: readonly string[] | null };
    const settings = { ...defaultSettings, ...now };
    const sides = [settings.arch, ...(chosen ?? [])].map((arch) => findArchitecture(arch).sides);
    const holds = Object.keys(problemsOf(draftOf(settings), rangesOf(sides))).length === 0;
    return holds ? { start: settings, now: settings, chosen } : untouchedForm;
  } catch {
    return untouchedForm;
  }
}
