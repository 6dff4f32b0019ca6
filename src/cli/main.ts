import { toErrorData, WinnowError } from '../engine/support/errors.js';
import { classify } from './classify.js';
import { parseCall, type Command, type Terminal } from './command.js';
import { evaluate } from './evaluate.js';
import { exitCodeOf, exitCodes } from './exit-codes.js';
import { exportModel } from './export.js';
import { lighten } from './lighten.js';
import { Progress } from './progress.js';
import { resume } from './resume.js';
import { sample } from './sample.js';
import { summary } from './summary.js';
import { train } from './train.js';

const commands: Readonly<Record<string, Command>> = { train, resume, summary, classify, evaluate, lighten, export: exportModel, sample };

/** npm passes on the Ctrl-C that the terminal has already sent: what follows the first this soon is the same key. */
const samePressMs = 500;

const usage = () =>
  ['winnow COMMAND … [--json] [--quiet]', '', ...Object.values(commands).map((command) => `winnow ${command.usage}\n    ${command.summary}`), ''].join('\n');

/**
 * @param argv without node and the script.
 * @returns the exit code: 0 done, 1 the work failed, 2 the call or the input is wrong, 130 interrupted.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const interrupt = new AbortController();
  let kill = () => {};
  let first = 0;
  const onInterrupt = () => {
    if (!interrupt.signal.aborted) {
      first = performance.now();
      interrupt.abort();
    } else if (performance.now() - first > samePressMs) {
      kill();
      process.exit(exitCodes.interrupted);
    }
  };
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onInterrupt);
  try {
    return await call(argv, interrupt.signal, (end) => (kill = end));
  } catch (thrown) {
    const { code, what, remedy } = toErrorData(thrown);
    process.stderr.write(`winnow: ${code}: ${what} ${remedy}\n`);
    if (!(thrown instanceof WinnowError) && process.env.WINNOW_DEBUG) console.error(thrown);
    return interrupt.signal.aborted ? exitCodes.interrupted : exitCodeOf(code);
  } finally {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onInterrupt);
  }
}

async function call([name, ...rest]: readonly string[], interrupted: AbortSignal, onKill: Terminal['onKill']): Promise<number> {
  const print = (text: string) => void process.stdout.write(`${text}\n`);
  if (name === '--help' || name === 'help') {
    print(usage());
    return exitCodes.done;
  }
  if (name === undefined || name.startsWith('-')) throw new WinnowError('call-invalid', { why: `a command is missing: ${Object.keys(commands).join(', ')}` });
  if (!Object.hasOwn(commands, name)) throw new WinnowError('call-invalid', { why: `there is no command ${name}; there are ${Object.keys(commands).join(', ')}` });
  const command = commands[name];
  const { positionals, flags } = parseCall(command.options, rest);
  if (flags.has('help')) {
    print(`winnow ${command.usage}\n    ${command.summary}`);
    return exitCodes.done;
  }
  const progress = new Progress(process.stderr, flags.has('quiet'));
  try {
    return await command.run(positionals, flags, { json: flags.has('json'), progress, interrupted, onKill, print });
  } finally {
    progress.clear();
  }
}
