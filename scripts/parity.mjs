/**
 * Makes Keras's reference vectors afresh (test/keras) in a virtual environment of its own, checks that the committed ones
 * still say the same, and holds Winnow against the fresh ones; full width too, forward only. Then the
 * formats: what is exported is loaded by the tools that it is for. Last, a Keras project goes on with a run, on one worker and on two.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from './chromium.mjs';
import { proveFormats } from './parity-formats.mjs';
import { findPython, proveProject } from './parity-project.mjs';
import { install, root } from './project.mjs';

const sources = join(root, 'test/keras');
const committed = join(sources, 'vectors');
const cache = join(root, '.cache/parity');
const python = process.platform === 'win32' ? join(cache, 'venv/Scripts/python.exe') : join(cache, 'venv/bin/python');

/** @param {string} command @param {string[]} args @param {NodeJS.ProcessEnv} [env] */
function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error || status !== 0) throw new Error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
}

function prepareKeras() {
  const requirements = join(sources, 'requirements.txt');
  const stamp = join(cache, 'venv/requirements.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(requirements, 'utf8')) return;
  const found = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 11))']).status === 0);
  if (!found) throw new Error('Python 3.11 or newer is needed: install it, with its venv module, and put it on the PATH.');
  process.stdout.write('Installing Keras into .cache/parity/venv …\n');
  run(found, ['-m', 'venv', '--clear', join(cache, 'venv')]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(stamp, readFileSync(requirements));
}

/** Drift is the size of chance itself, so it is not compared. */
const UNSTABLE = new Set(['drift', 'movingDrift']);
const TOLERANCE = 1e-4;

/**
 * Where two vectors files say different things; numbers may differ as two builds of one library do.
 * @param {unknown} a @param {unknown} b @param {string} path
 * @returns {string[]}
 */
function differences(a, b, path) {
  if (typeof a === 'number' && typeof b === 'number') return Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a)) ? [] : [`${path}: ${a}, now ${b}`];
  if (Array.isArray(a) && Array.isArray(b) && a.length === b.length) return a.flatMap((item, at) => differences(item, b[at], `${path}[${at}]`));
  if (a !== null && b !== null && typeof a === 'object' && typeof b === 'object' && !Array.isArray(a)) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].filter((key) => !UNSTABLE.has(key)).flatMap((key) => differences(Reflect.get(a, key), Reflect.get(b, key), `${path}.${key}`));
  }
  return a === b ? [] : [`${path}: ${JSON.stringify(a)}, now ${JSON.stringify(b)}`];
}

/** @param {string} folder */
function compareWithCommitted(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
  const stored = readdirSync(committed).filter((name) => name.endsWith('.json')).sort();
  if (names.join() !== stored.join()) throw new Error(`The committed vectors are ${stored.join(', ')}; Keras made ${names.join(', ')}.`);
  const found = names.flatMap((name) => differences(JSON.parse(readFileSync(join(committed, name), 'utf8')), JSON.parse(readFileSync(join(folder, name), 'utf8')), name));
  if (found.length > 0) throw new Error(`The committed vectors are not what Keras computes now:\n${found.slice(0, 20).join('\n')}\nIf that is right, run test/keras/vectors.py --out test/keras/vectors.`);
}

try {
  install();
  process.env.CHROME_PATH = ensureChromium();
  prepareKeras();
  const fresh = join(cache, 'vectors');
  const full = join(cache, 'full');
  process.stdout.write('Computing with Keras …\n');
  run(python, [join(sources, 'vectors.py'), '--out', fresh]);
  run(python, [join(sources, 'vectors.py'), '--out', full, '--full']);
  compareWithCommitted(fresh);
  const runner = join(root, 'node_modules/@web/test-runner/dist/bin.js');
  run(process.execPath, [runner, 'test/keras/*.test.ts'], { VITE_PARITY_VECTORS: '/.cache/parity/vectors' });
  run(process.execPath, [runner, 'test/keras/full-width.ts'], { VITE_PARITY_VECTORS: '/.cache/parity/full' });
  process.stdout.write('Winnow computes what Keras computes.\n');
  await proveFormats(run, python, join(cache, 'formats'));
  process.stdout.write('What Winnow exports answers as Winnow does.\n');
  await proveProject(run, findPython(), cache);
  process.stdout.write('A run goes on in Keras, with one worker and with two, and comes back.\n');
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
