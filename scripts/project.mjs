import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const dist = join(root, 'dist');
/** File of dist/ that holds the hash of what it was built from. */
export const stampName = 'build.json';

/** Everything that the build reads. */
const inputs = [
  'src', 'public', 'scripts/chromium.mjs', 'scripts/offline-page.mjs', 'scripts/library.mjs', 'scripts/declarations.mjs', 'scripts/manifest.mjs', 'scripts/service-worker.mjs', 'index.html', 'terminal.html', 'vite.config.ts', 'tsconfig.json', 'tsconfig.library.json', 'package-lock.json',
];

/** Installs what is missing, then builds what is missing or stale. Says so on stderr: stdout belongs to results. */
export async function prepare() {
  install();
  const stamp = join(dist, stampName);
  if (!existsSync(stamp) || JSON.parse(readFileSync(stamp, 'utf8')).inputs !== hashOfInputs()) {
    process.stderr.write('Building …\n');
    const { build } = await import('./build.mjs');
    await build();
  }
}

export function install() {
  if (isInstalled()) return;
  process.stderr.write('Installing the dependencies …\n');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (npm.status !== 0) throw new Error('npm ci failed; its message is above.');
}

/** Whether node_modules holds what the lockfile names: by content, because a clone sets times as it likes. */
function isInstalled() {
  const installed = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(installed)) return false;
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
  const present = JSON.parse(readFileSync(installed, 'utf8')).packages;
  return Object.entries(wanted).every(([path, { version, optional }]) => path === '' || optional || present[path]?.version === version);
}

export function hashOfInputs() {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of filesOf(join(root, input))) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
  }
  return hash.digest('hex');
}

/**
 * @param {string} path
 * @returns {string[]} the file itself, or the files below the folder, sorted
 */
function filesOf(path) {
  try {
    return readdirSync(path, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .sort();
  } catch {
    return [path];
  }
}
