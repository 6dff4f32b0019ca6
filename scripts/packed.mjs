import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Puts the package into a folder as `npm install` of its tarball would: packed as it stands (dist/ is built before), unpacked in
 * node_modules, its dependencies beside it; with the examples, which find it there.
 * @param {string} root the project's
 * @param {string} folder an empty one
 * @returns {{ tarball: string, installed: string }}
 */
export function unpackPackage(root, folder) {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  // The build is the caller's: prepack would build once more.
  const packed = execFileSync(npm, ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], shell: process.platform === 'win32' });
  const tarball = join(folder, JSON.parse(packed)[0].filename);
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  execFileSync('tar', ['-xzf', tarball, '-C', modules]);
  const installed = join(modules, 'winnow');
  renameSync(join(modules, 'package'), installed);
  const { dependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
  // Who writes a React page has these.
  for (const name of [...Object.keys(dependencies), 'vite', 'react', 'react-dom', '@types/react', '@types/react-dom']) {
    mkdirSync(dirname(join(modules, name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction');
  }
  cpSync(join(root, 'examples'), folder, { recursive: true });
  return { tarball, installed };
}

/**
 * Bundles the React example, which lies beside the unpacked package, into its dist/.
 * @param {string} folder
 */
export async function bundleReactExample(folder) {
  const vite = await import('vite');
  const root = join(folder, 'react');
  await vite.build({ root, configFile: join(root, 'vite.config.ts'), logLevel: 'warn' });
}
