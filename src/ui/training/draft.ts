import type { RunSettings } from '../../engine/support/settings.js';

/** The settings that the form edits, in its order. Shares are edited in per cent. */
export const fieldNames = ['size', 'batch', 'epochs', 'patience', 'learningRate', 'validationShare', 'testShare', 'limit', 'seed'] as const;
export type FieldName = (typeof fieldNames)[number];

/** What stands in each field. */
export type Draft = Readonly<Record<FieldName, string>>;

export interface Range {
  readonly least: number;
  readonly most: number;
  readonly whole: boolean;
}

export type Problem =
  | { readonly kind: 'range'; readonly range: Range }
  /** Validation and test together leave too little to train on. */
  | { readonly kind: 'shares'; readonly most: number };

/** What an architecture takes, pixels. */
export interface Sides {
  readonly least: number;
  readonly most: number;
}

const MOST_HELD_BACK = 80;

/** @param sides of every chosen architecture. */
export function rangesOf(sides: readonly Sides[]): Readonly<Record<FieldName, Range>> {
  return {
    size: { least: Math.max(32, ...sides.map(({ least }) => least)), most: Math.min(512, ...sides.map(({ most }) => most)), whole: true },
    batch: { least: 1, most: 1024, whole: true },
    epochs: { least: 1, most: 1000, whole: true },
    patience: { least: 1, most: 1000, whole: true },
    learningRate: { least: 1e-7, most: 1, whole: false },
    validationShare: { least: 1, most: MOST_HELD_BACK, whole: false },
    testShare: { least: 0, most: MOST_HELD_BACK, whole: false },
    limit: { least: 10, most: 10_000_000, whole: true },
    seed: { least: 0, most: 0xffffffff, whole: true },
  };
}

export function draftOf(settings: RunSettings): Draft {
  const { size, batch, epochs, patience, seed, limit, optimizer, validationShare, testShare } = settings;
  return {
    size: String(size), batch: String(batch), epochs: String(epochs), patience: String(patience), seed: String(seed),
    learningRate: String(optimizer.learningRate),
    validationShare: percent(validationShare), testShare: percent(testShare),
    limit: limit === null ? '' : String(limit),
  };
}

export function problemsOf(draft: Draft, ranges: Readonly<Record<FieldName, Range>>): Partial<Record<FieldName, Problem>> {
  const problems: Partial<Record<FieldName, Problem>> = {};
  for (const name of fieldNames) {
    // No limit is every photo.
    if (name === 'limit' && draft.limit.trim() === '') continue;
    const value = parse(draft[name]);
    const range = ranges[name];
    if (!(value >= range.least && value <= range.most) || (range.whole && !Number.isInteger(value))) problems[name] = { kind: 'range', range };
  }
  if (!problems.validationShare && !problems.testShare && parse(draft.validationShare) + parse(draft.testShare) > MOST_HELD_BACK) {
    problems.testShare = { kind: 'shares', most: MOST_HELD_BACK };
  }
  return problems;
}

/** What the draft says, over `base` for all that the form does not edit. Only of a draft without problems. */
export function settingsOf(draft: Draft, base: RunSettings): RunSettings {
  return {
    ...base,
    size: parse(draft.size), batch: parse(draft.batch), epochs: parse(draft.epochs), patience: parse(draft.patience), seed: parse(draft.seed),
    optimizer: { ...base.optimizer, learningRate: parse(draft.learningRate) },
    validationShare: parse(draft.validationShare) / 100, testShare: parse(draft.testShare) / 100,
    limit: draft.limit.trim() === '' ? null : parse(draft.limit),
  };
}

/** NaN where it is no number. A decimal comma is understood. */
function parse(text: string): number {
  return text.trim() === '' ? NaN : Number(text.trim().replace(',', '.'));
}

/** 0.07 is 7, not 7.000000000000001. */
function percent(share: number): string {
  return String(Number((share * 100).toPrecision(12)));
}
