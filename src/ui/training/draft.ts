import type { RunSettings } from '../../engine/support/settings.js';
import { choicesOf, methodOf, strengthNames, strengthsOf, unitsOf, type ChoiceName, type StrengthName } from './method.js';

/** The settings that the form edits, in its order. Shares are edited in per cent. */
export const fieldNames = ['size', 'batch', 'epochs', 'patience', 'learningRate', 'validationShare', 'testShare', 'limit', 'seed'] as const;
export type BasicName = (typeof fieldNames)[number];
/** Whatever a number is typed for. */
export type FieldName = BasicName | StrengthName;

/** What stands in each field. */
export type Draft = Readonly<Record<FieldName | ChoiceName, string>>;

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
    labelSmoothing: { least: 0, most: 50, whole: false },
    rotation: { least: 0, most: 180, whole: false },
    shift: { least: 0, most: 50, whole: false },
    zoom: { least: 0, most: 90, whole: false },
    brightness: { least: 0, most: 100, whole: false },
    testFlip: { least: 0, most: 100, whole: false },
    testRotation: { least: 0, most: 180, whole: false },
    testShift: { least: 0, most: 50, whole: false },
    testZoom: { least: 0, most: 90, whole: false },
    testContrast: { least: 0, most: 100, whole: false },
  };
}

export function draftOf(settings: RunSettings): Draft {
  const { size, batch, epochs, patience, seed, limit, optimizer, validationShare, testShare } = settings;
  return {
    size: String(size), batch: String(batch), epochs: String(epochs), patience: String(patience), seed: String(seed),
    learningRate: String(optimizer.learningRate),
    validationShare: rounded(validationShare * 100), testShare: rounded(testShare * 100),
    limit: limit === null ? '' : String(limit),
    ...choicesOf(settings),
    ...recordOf(strengthNames, (name) => rounded(strengthsOf(settings)[name] * unitsOf(name))),
  };
}

export function problemsOf(draft: Draft, ranges: Readonly<Record<FieldName, Range>>): Partial<Record<FieldName, Problem>> {
  const problems: Partial<Record<FieldName, Problem>> = {};
  for (const name of [...fieldNames, ...strengthNames]) {
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
  const shown = draftOf(base);
  // What was rounded to be shown stays exact where nobody typed.
  const strength = (name: StrengthName) => (draft[name] === shown[name] ? strengthsOf(base)[name] : parse(draft[name]) / unitsOf(name));
  return {
    ...base,
    size: parse(draft.size), batch: parse(draft.batch), epochs: parse(draft.epochs), patience: parse(draft.patience), seed: parse(draft.seed),
    ...methodOf(draft, recordOf(strengthNames, strength), parse(draft.learningRate), base),
    validationShare: parse(draft.validationShare) / 100, testShare: parse(draft.testShare) / 100,
    limit: draft.limit.trim() === '' ? null : parse(draft.limit),
  };
}

/** NaN where it is no number. A decimal comma is understood. */
function parse(text: string): number {
  return text.trim() === '' ? NaN : Number(text.trim().replace(',', '.'));
}

/** 7, not 7.000000000000001. */
function rounded(value: number): string {
  return String(Number(value.toPrecision(12)));
}

function recordOf<K extends string, V>(names: readonly K[], value: (name: K) => V): Record<K, V> {
  return Object.fromEntries(names.map((name) => [name, value(name)])) as Record<K, V>;
}
