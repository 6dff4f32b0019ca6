import { mkdir, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { WinnowError } from '../engine/support/errors.js';
import type { Progress } from './progress.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** What every command gets besides its own arguments. */
export interface Terminal {
  readonly json: boolean;
  readonly progress: Progress;
  /** Aborted by Ctrl-C. */
  readonly interrupted: AbortSignal;
  /** Results; a newline is added. */
  print(text: string): void;
  /** Told how to end the work at once, for a second Ctrl-C. */
  onKill(kill: () => void): void;
}

export interface Command<O extends Options = Options> {
  readonly usage: string;
  readonly summary: string;
  readonly options: O;
  /** @returns the exit code. @throws WinnowError. */
  run(positionals: readonly string[], flags: Flags, terminal: Terminal): Promise<number>;
}

/** The flags of a call, read with the checks that each needs. */
export class Flags {
  constructor(private readonly values: Readonly<Record<string, string | boolean | undefined>>) {}

  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  has(name: string): boolean {
    return this.values[name] === true;
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw new WinnowError('call-invalid', { why: `--${name} is missing` });
    return value;
  }

  choice<T extends string>(name: string, choices: readonly T[], fallback: T): T {
    const value = this.text(name) ?? fallback;
    const chosen = choices.find((choice) => choice === value);
    if (!chosen) throw new WinnowError('settings-invalid', { setting: `--${name}`, value, allowed: choices.join(', ') });
    return chosen;
  }

  /** @throws WinnowError 'settings-invalid' for what is no number of `range`, both ends included unless `open`. */
  number<T extends number | null>(name: string, fallback: T, range: { least: number; most: number; whole?: boolean }): number | T {
    const text = this.text(name);
    if (text === undefined) return fallback;
    const value = text.trim() === '' ? NaN : Number(text);
    if (!(value >= range.least && value <= range.most) || (range.whole && !Number.isInteger(value))) {
      throw new WinnowError('settings-invalid', { setting: `--${name}`, value: text, allowed: `${range.whole ? 'a whole number' : 'a number'} of ${range.least} to ${range.most}` });
    }
    return value;
  }
}

const common = { json: { type: 'boolean' }, quiet: { type: 'boolean' }, help: { type: 'boolean' } } as const;

/** @throws WinnowError 'call-invalid'. */
export function parseCall(options: Options, argv: readonly string[]): { positionals: readonly string[]; flags: Flags } {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: { ...options, ...common }, allowPositionals: true, strict: true });
    return { positionals, flags: new Flags(values) };
  } catch (error) {
    const why = (error instanceof Error ? error.message : String(error)).split('. ', 1)[0].replace(/\.$/, '');
    throw new WinnowError('call-invalid', { why }, { cause: error });
  }
}

/** @throws WinnowError 'input-missing'. */
export async function kindOf(path: string): Promise<'file' | 'folder'> {
  try {
    return (await stat(path)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    throw new WinnowError('input-missing', { source: path }, { cause: error });
  }
}

/** The folder of --out. @returns its whole path. @throws WinnowError 'call-invalid'. */
export async function makeFolder(argument: string): Promise<string> {
  const path = resolve(argument);
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new WinnowError('call-invalid', { why: `--out ${argument} is no folder and cannot become one` }, { cause: error });
  }
  return path;
}

/** @throws WinnowError 'call-invalid'. */
export function onePositional(positionals: readonly string[], what: string): string {
  const [only, ...rest] = positionals;
  if (only === undefined || rest.length > 0) throw new WinnowError('call-invalid', { why: what });
  return only;
}
