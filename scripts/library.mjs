import { spawnSync } from 'node:child_process';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { pruneDeclarations } from './declarations.mjs';
import { elementsManifest, jsxTypes } from './manifest.mjs';
import { offlinePage } from './offline-page.mjs';
import { root } from './project.mjs';

/**
 * What is imported from the package, beside the built lab in `dist`:
 * `modules/`, file by file as in src/, with types, dependencies left to whoever imports; `standalone/`, the same with
 * everything inside, for a page without a bundler; and the custom-elements manifest.
 * @param {string} dist
 */
export async function buildLibrary(dist) {
  const modules = join(dist, 'modules');
  await bundle(modules, await entries(), { external: isPackage, output: { preserveModules: true, preserveModulesRoot: join(root, 'src'), entryFileNames } });
  await cp(join(root, 'src/library/scripts.js'), join(modules, 'library/scripts.js'));
  await bundleWorkers(join(dist, 'assets/workers'), join(modules, 'workers'));
  declare(modules);
  const manifest = await elementsManifest(root);
  const declared = [...Object.keys(await entries()), ...manifest.modules.map(({ path }) => path.replace(/^dist\/modules\/|\.js$/g, ''))];
  pruneDeclarations(modules, declared.map((name) => `${name}.d.ts`));

  const standalone = { winnow: 'src/library/index.ts', elements: 'src/library/elements/index.ts' };
  await bundle(join(dist, 'standalone'), standalone, { output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' } }, true);
  await writeStandaloneScripts(dist);

  await writeFile(join(dist, 'custom-elements.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const [name, text] of Object.entries(jsxTypes(manifest, await readFile(join(root, 'src/library/index.ts'), 'utf8')))) await writeFile(join(modules, 'library', name), text);
}

/** Every file of src/library that is imported by name. */
async function entries() {
  const elements = (await readdir(join(root, 'src/library/elements'))).map((name) => `library/elements/${name.replace(/\.ts$/, '')}`);
  return Object.fromEntries(['library/index', 'library/engine', ...elements].map((name) => [name, `src/${name}.ts`]));
}

/**
 * What whoever imports the package installs with it; the compiler's own helpers, and styles that are imported as text, are not.
 * @param {string} id
 */
const isPackage = (id) => /^[@a-z]/i.test(id) && !id.includes('?') && !/^[a-z]:/i.test(id) && !id.startsWith('@oxc-project/');

/**
 * npm leaves out every folder called node_modules.
 * @param {{ name: string }} chunk
 */
const entryFileNames = ({ name }) => `${name.replaceAll('node_modules', '_packages')}.js`;

/**
 * @param {string} outDir
 * @param {Record<string, string>} entry
 * @param {import('vite').Rolldown.InputOptions & { output: import('vite').Rolldown.OutputOptions }} rolldownOptions
 * @param {boolean} minify
 */
async function bundle(outDir, entry, rolldownOptions, minify = false) {
  const vite = await import('vite');
  await vite.build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [embeddedScripts(minify ? 'scripts.js' : 'library/scripts.js', outDir), offlinePage()],
    build: { outDir, emptyOutDir: true, copyPublicDir: false, target: 'es2022', minify, lib: { entry, formats: ['es'] }, rolldownOptions },
  });
}

/**
 * Has every module that starts a worker use the package's own scripts.js, which stands there as it is written.
 * @param {string} at where that will be
 * @param {string} outDir
 * @returns {import('vite').Plugin}
 */
function embeddedScripts(at, outDir) {
  const scripts = join(root, 'src/library/scripts.js');
  const lab = join(root, 'src/workers/scripts.js');
  return {
    name: 'embedded-scripts',
    enforce: 'pre',
    resolveId(source, importer) {
      const path = importer && source.startsWith('.') ? resolve(dirname(importer), source) : source;
      return path === scripts || path === lab ? { id: '@winnow/scripts', external: true } : null;
    },
    renderChunk(code, chunk) {
      const from = relative(dirname(join(outDir, chunk.fileName)), join(outDir, at)).replaceAll('\\', '/');
      return code.includes('@winnow/scripts') ? { code: code.replaceAll('@winnow/scripts', from.startsWith('.') ? from : `./${from}`), map: null } : null;
    },
  };
}

/** @typedef {'data' | 'trainer' | 'classifier'} WorkerName */
/** @type {readonly WorkerName[]} */
const workerNames = ['data', 'trainer', 'classifier'];

/**
 * The lab's scripts of the workers, by name.
 * @param {string} folder
 */
async function workersIn(folder) {
  const files = await readdir(folder);
  return workerNames.map((name) => ({ name, file: join(folder, files.find((file) => new RegExp(`^${name}-[\\w-]{8}\\.js$`).test(file)) ?? name) }));
}

/**
 * Each in one file, whatever it fetches later included: a bundler that copies a worker's script does not look into it. And under names
 * without a hash: whoever hosts them names a folder.
 * @param {string} from
 * @param {string} to
 */
async function bundleWorkers(from, to) {
  for (const { name, file } of await workersIn(from)) {
    const vite = await import('vite');
    await vite.build({
      root,
      configFile: false,
      logLevel: 'warn',
      build: { outDir: to, emptyOutDir: false, copyPublicDir: false, target: 'es2022', minify: false, lib: { entry: { [name]: file }, formats: ['es'] }, rolldownOptions: { output: { codeSplitting: false, entryFileNames: '[name].js' } } },
    });
  }
}

/**
 * The lab's scripts as they are: what a worker fetches later is beside it.
 * @param {string} dist
 */
async function writeStandaloneScripts(dist) {
  let code = await readFile(join(root, 'src/library/scripts.js'), 'utf8');
  for (const { name, file } of await workersIn(join(dist, 'assets/workers'))) code = code.replace(`'../workers/${name}.js'`, `'../assets/workers/${basename(file)}'`);
  await writeFile(join(dist, 'standalone/scripts.js'), code);
}

/**
 * The types of src/library and whatever they name.
 * @param {string} outDir
 */
function declare(outDir) {
  const options = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', join(root, 'src'), '--outDir', outDir];
  // What does not type-check fails `npm test`, not the build; a declaration that is missing fails below.
  spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.library.json'), ...options], { cwd: root });
}
