import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './project.mjs';

const gap = '{"version":"","files":[]}';

/**
 * Writes service-worker.js beside the built lab, with the files that it keeps: everything that is there, save the terminal's page.
 * @param {string} dist holds the lab's page and nothing else yet
 */
export async function writeServiceWorker(dist) {
  const names = (await readdir(dist, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(dist.length + 1).replaceAll('\\', '/'))
    .filter((name) => !/^(terminal\.html|assets\/terminal-.*)$/.test(name))
    .sort();
  const hash = createHash('sha256');
  for (const name of names) hash.update(name).update('\0').update(await readFile(join(dist, name))).update('\0');
  const kept = { version: hash.digest('hex').slice(0, 16), files: names.map((name) => (name === 'index.html' ? './' : name)) };
  const source = await readFile(join(root, 'src/pwa/service-worker.js'), 'utf8');
  if (!source.includes(gap)) throw new Error('src/pwa/service-worker.js has no place for the list of files');
  await writeFile(join(dist, 'service-worker.js'), source.replace(gap, () => JSON.stringify(kept).replaceAll('\\', '\\\\').replaceAll("'", "\\'")));
}
