import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunSettings } from '../engine/support/settings.js';
import { removeProfile } from './browser.js';
import type { Data } from './data.js';

/** What a call of `train` is to do: beside its results while it is at it, so that `resume` can go on. */
export interface Plan {
  readonly schema: 1;
  readonly data: Data;
  /** One of each architecture. */
  readonly settings: readonly RunSettings[];
  /** Path of what they begin with. */
  readonly weights: string | null;
  /** Where the browser's storage is; null for the usual place in the results. */
  readonly profile: string | null;
  /** In the browser's storage; null before it is imported. */
  readonly dataset: string | null;
}

const fileOf = (out: string): string => join(out, '.train.json');

/** Where the browser's storage is, beside the results, for as long as something is not finished. */
export const profileIn = (out: string): string => join(out, '.profile');

export const profileOf = ({ profile }: Plan, out: string): string => profile ?? profileIn(out);

export async function writePlan(plan: Plan, out: string): Promise<void> {
  const aside = `${fileOf(out)}.${process.pid}`;
  await writeFile(aside, JSON.stringify(plan, null, 2));
  await rename(aside, fileOf(out));
}

/** @returns null where nothing was interrupted there. */
export async function readPlan(out: string): Promise<Plan | null> {
  try {
    const plan = JSON.parse(await readFile(fileOf(out), 'utf8')) as Plan;
    return plan.schema === 1 ? plan : null;
  } catch {
    return null;
  }
}

/** The work is done. Browser storage that nobody asked to keep goes too. */
export async function forgetPlan(plan: Plan, out: string): Promise<void> {
  await rm(fileOf(out), { force: true });
  if (plan.profile === null) await removeProfile(profileIn(out));
}
