/** The whole table of faults in the real browser: node main.js PAGE-FOLDER [--quick|--short] [--json] [--only TEXT] [--seed N]. */
import { parseArgs } from 'node:util';
import { closeFlipping, forgetProfile, storageFaults } from './storage-faults.js';
import { tabFaults } from './tab-faults.js';
import { endure, type Row, type Size } from './table.js';
import { Ground } from './training.js';
import { trainingFaults } from './training-faults.js';

/** @param only those whose name has this in it. */
export async function allFaults(folder: string, size: Size, seed: number, only = ''): Promise<Row[]> {
  const opened = new Map<string, Promise<Ground>>();
  /** Opened by the first that needs it. */
  const ground = (...flags: string[]) => () => {
    const known = opened.get(flags.join(' ')) ?? Ground.open(flags);
    opened.set(flags.join(' '), known);
    return known;
  };
  const usual = ground();
  // Chromium gives a GPU process up that crashes a few times.
  const crash = ground('--disable-gpu-process-crash-limit', '--disable-domain-blocking-for-3d-apis');
  const faults = [...trainingFaults(usual, crash), ...tabFaults(usual), ...storageFaults(folder, usual)];
  const rows: Row[] = [];
  try {
    for (const fault of faults) if (fault.times[size] > 0 && fault.name.includes(only)) rows.push(await endure(fault, size, seed));
  } finally {
    for (const each of opened.values()) await (await each).close();
    await closeFlipping();
    await forgetProfile();
  }
  return rows;
}

if (process.argv[1]?.endsWith('faults/main.js')) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { quick: { type: 'boolean' }, short: { type: 'boolean' }, json: { type: 'boolean' }, only: { type: 'string' }, seed: { type: 'string' } } });
  const size: Size = values.quick ? 'quick' : values.short ? 'short' : 'full';
  const seed = Number(values.seed ?? 1);
  process.stderr.write(`Faults, ${size}, seed ${seed}\n`);
  const rows = await allFaults(positionals[0], size, seed, values.only);
  if (values.json) process.stdout.write(`${JSON.stringify({ rows }, null, 2)}\n`);
  else for (const { fault, times, held, lost, worst } of rows) process.stdout.write(`${fault.padEnd(48)} ${String(times).padStart(4)} times  ${String(held).padStart(4)} held  ${String(lost).padStart(3)} lost  ${worst && `worst ${worst}`}\n`);
  process.exitCode = rows.some(({ lost }) => lost > 0) ? 1 : 0;
}
