import { csv } from '../../engine/comparison/csv.js';
import type { Batch } from './bench.js';

/** One line a photo: its name, the class found, then the probability of every class; why where a photo is broken. */
export function resultsCsv(rows: Batch['rows'], classes: readonly string[]): string {
  return csv([
    ['photo', 'class', 'probability', ...classes, 'error'],
    ...rows.map(({ name, result }) => {
      if ('error' in result) return [safe(name), '', '', ...classes.map(() => ''), result.error.code];
      const shares = new Map(result.top.map((entry) => [entry.class, entry.probability]));
      const [best] = result.top;
      return [safe(name), safe(best.class), best.probability, ...classes.map((each) => shares.get(each) ?? ''), ''];
    }),
  ]);
}

/** A spreadsheet would take a name that begins like one for a formula. */
function safe(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** Photos of each class found, the most frequent first. */
export function countByClass(rows: Batch['rows']): { readonly name: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const { result } of rows) if (!('error' in result)) counts.set(result.top[0].class, (counts.get(result.top[0].class) ?? 0) + 1);
  return [...counts].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

export const brokenOf = (rows: Batch['rows']): number => rows.filter(({ result }) => 'error' in result).length;
