import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { buildForNode } from './build.mjs';
import { root } from './project.mjs';

/**
 * Exports a Keras project, holds its photos and its split against Winnow's, trains it for two epochs with one process and with two local
 * worker processes, and reads both results back.
 * @param {(command: string, args: string[]) => void} run throws where the command fails
 * @param {string} systemPython that makes the environment with the project's own requirements
 * @param {string} cache folder for the environment and the files
 */
export async function proveProject(run, systemPython, cache) {
  const folder = join(cache, 'project');
  rmSync(folder, { recursive: true, force: true });
  await buildForNode({ project: join(root, 'test/keras/project.ts') }, join(folder, 'node'));
  const node = join(folder, 'node/project.js');
  run(process.execPath, [node, 'write', folder]);
  const python = prepare(run, systemPython, join(cache, 'tensorflow'), join(folder, 'project/requirements.txt'));
  run(python, [join(root, 'test/keras/project.py'), folder]);
  const train = [join(folder, 'project/train.py'), '--data', join(folder, 'photos.zip'), '--epochs', '2'];
  run(python, [...train, '--out', join(folder, 'result-1.keras')]);
  const workers = (await Promise.all([freePort(), freePort()])).map((port) => `127.0.0.1:${port}`).join();
  await together(workers.split(',').map((_, index) => [python, [...train, '--workers', workers, '--index', `${index}`, '--out', join(folder, 'result-2.keras')]]));
  run(process.execPath, [node, 'read', folder]);
}

/**
 * @param {(command: string, args: string[]) => void} run
 * @param {string} systemPython
 * @param {string} folder
 * @param {string} requirements
 */
function prepare(run, systemPython, folder, requirements) {
  const python = process.platform === 'win32' ? join(folder, 'Scripts/python.exe') : join(folder, 'bin/python');
  const stamp = join(folder, 'requirements.txt');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(requirements, 'utf8')) return python;
  process.stdout.write('Installing TensorFlow …\n');
  run(systemPython, ['-m', 'venv', '--clear', folder]);
  run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
  writeFileSync(stamp, readFileSync(requirements));
  return python;
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}

/**
 * Runs all at once; where one fails the others are ended, who would wait for it.
 * @param {(readonly [string, string[]])[]} commands
 */
async function together(commands) {
  const children = commands.map(([command, args]) => spawn(command, args, { stdio: 'inherit' }));
  try {
    await Promise.all(children.map((child, index) => new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => (code === 0 ? resolve(undefined) : reject(new Error(`worker ${index} ended with ${code}`))));
    })));
  } finally {
    for (const child of children) if (child.exitCode === null) child.kill();
  }
}

/** @returns {string} a Python that TensorFlow installs into */
export function findPython() {
  const found = ['python3', 'python'].find((name) => spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0);
  if (!found) throw new Error('Python 3.10 or newer is needed: install it, with its venv module, and put it on the PATH.');
  return found;
}
