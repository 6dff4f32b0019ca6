import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { formatMessage } from 'publint/utils';
import { publint } from 'publint';
import { elementsManifest, manifestProblems } from '../../scripts/manifest.mjs';
import { unpackPackage } from '../../scripts/packed.mjs';
import { root, temporaryFolder } from './browser.js';

describe('the package', { timeout: 120_000 }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let installed: string;
  let tarball: string;

  before(async () => {
    folder = await temporaryFolder();
    ({ installed, tarball } = unpackPackage(root, folder.path));
  });
  after(() => folder?.remove());

  const node = (script: string) => execFileSync(process.execPath, ['--input-type=module', '-e', script], { cwd: folder.path, encoding: 'utf8' });

  it('does nothing when it is imported, not even in Node', () => {
    // What would keep Node alive (a worker, a timer, a port) would keep this from ending.
    const exported = JSON.parse(node(`
      const before = new Set(Object.keys(globalThis));
      const names = {};
      for (const entry of ['winnow', 'winnow/engine', 'winnow/jsx', 'winnow/react', 'winnow/elements', 'winnow/elements/training', 'winnow/elements/session', 'winnow/elements/metrics-chart']) names[entry] = Object.keys(await import(entry));
      if ('tf' in globalThis || 'GPU' in globalThis) throw new Error('tfjs was loaded');
      console.log(JSON.stringify(names));
    `)) as Record<string, string[]>;
    for (const name of ['Winnow', 'Training', 'Classifier', 'WinnowError', 'defaultSettings', 'hostWorkers']) assert.ok(exported.winnow.includes(name), name);
    assert.ok(exported['winnow/elements'].includes('WinnowTraining'));
  });

  it('computes in Node what needs no worker', () => {
    const answers = JSON.parse(node(`
      import { buildGraph, createRuntime, initialWeights } from 'winnow/engine';
      const graph = buildGraph('cnn-light', { size: 32, classes: 5 });
      const runtime = await createRuntime({ graph, weights: initialWeights(graph, 1) }, { on: 'javascript' });
      console.log(JSON.stringify([...(await runtime.predict(new Uint8Array(32 * 32 * 3).fill(127), 1))]));
    `)) as number[];
    assert.equal(answers.length, 5);
    assert.ok(Math.abs(answers.reduce((sum, each) => sum + each) - 1) < 1e-5);
  });

  it('has the terminal', () => {
    const summary = execFileSync(process.execPath, [join(installed, 'bin/winnow.mjs'), 'summary', 'cnn-light', '--json'], { cwd: folder.path, encoding: 'utf8' });
    assert.equal((JSON.parse(summary) as { arch: string }).arch, 'cnn-light');
  });

  it('has no word of tfjs in its types, and they hold under every kind of resolution', async () => {
    const types = (await readdir(installed, { recursive: true, encoding: 'utf8' })).filter((name) => name.endsWith('.d.ts'));
    assert.ok(types.length > 10);
    for (const name of types) assert.doesNotMatch(await readFile(join(installed, name), 'utf8'), /@tensorflow|from 'comlink'/, name);
    await writeFile(join(folder.path, 'consumer.mts'), consumer);
    for (const [module, moduleResolution] of [['nodenext', 'nodenext'], ['esnext', 'bundler']]) {
      const options = ['--strict', '--noEmit', '--target', 'es2022', '--lib', 'es2022,dom,dom.iterable', '--types', '', '--module', module, '--moduleResolution', moduleResolution];
      const tsc = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, 'consumer.mts'], { cwd: folder.path, encoding: 'utf8' });
      assert.equal(tsc.stdout, '', `${moduleResolution}: ${tsc.stdout}`);
    }
  });

  it('is what publint and are-the-types-wrong want of a package', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, strict: true });
    assert.deepEqual(messages.map((message) => formatMessage(message, pkg, { color: false })), []);
    const skipped = ['./workers/*', './standalone/*', './custom-elements.json', './package.json', './elements/*'];
    // It does not unfold patterns: one entry stands for the elements.
    const attw = spawnSync(process.execPath, [join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js'), tarball, '--profile', 'esm-only', '--format', 'ascii', '--no-color', '--no-emoji', '--exclude-entrypoints', ...skipped], { cwd: folder.path, encoding: 'utf8' });
    assert.equal(attw.status, 0, attw.stdout + attw.stderr);
  });

  it('says of every element what it takes, fires and lets one style, and nothing that is not so', async () => {
    const manifest = await elementsManifest(root);
    assert.deepEqual(manifestProblems(manifest, root), []);
    const shipped = JSON.parse(await readFile(join(installed, 'dist/custom-elements.json'), 'utf8')) as typeof manifest;
    assert.deepEqual(shipped, JSON.parse(JSON.stringify(manifest)));
    for (const { path, exports } of shipped.modules) {
      const code = await readFile(join(installed, path), 'utf8');
      for (const { name } of exports as { name: string }[]) assert.ok(code.includes(name), `${path} has ${name}`);
    }
  });

  it('starts its workers by the words that bundlers know', async () => {
    const code = await readFile(join(installed, 'dist/modules/library/scripts.js'), 'utf8');
    const workers = [...code.matchAll(/new Worker\(new URL\('([^']+)', import\.meta\.url\), \{ type: 'module', name: '\w+' \}\)/g)].map(([, path]) => path);
    assert.deepEqual(workers, ['../workers/data.js', '../workers/trainer.js', '../workers/classifier.js']);
    for (const path of workers) assert.ok((await readFile(join(installed, 'dist/modules/library', path), 'utf8')).length > 1000, path);
  });
});

/** What somebody else's TypeScript writes. */
const consumer = `
import { Winnow, WinnowError, type RunRecord, type TrainingEvent } from 'winnow';
import { buildGraph, createRuntime, readModel } from 'winnow/engine';
import { WinnowSession } from 'winnow/elements';
import { WinnowTraining } from 'winnow/elements/training';

const winnow = new Winnow();
const stopping = new AbortController();
const rice = await winnow.importDataset(new URL('https://example.org/rice.zip'), { signal: stopping.signal, onProgress: ({ done, total }) => console.log(done / total) });
const training = winnow.train(rice, { arch: 'cnn-light', epochs: 3 }, { signal: stopping.signal });
for await (const event of training) {
  const told: TrainingEvent = event;
  if (told.type === 'epoch') told.record.valAccuracy.toFixed(3);
  // @ts-expect-error -- there is no such event
  if (told.type === 'nothing') throw told;
}
const run: RunRecord = await training.ended;
const { top } = await (await winnow.classifier(run)).classify(new Blob());
top[0].probability.toFixed(2);
(await winnow.evaluate(run, rice)).validation.accuracy.toFixed(3);
// @ts-expect-error -- a size is a number
winnow.train(rice, { size: '64' });
const model = await readModel(await winnow.model(run));
(await createRuntime(model, { on: 'javascript' })).predict(new Uint8Array(64 * 64 * 3), 1);
buildGraph('cnn', { size: 64, classes: 5 }).layers.length.toFixed();
new WinnowError('cancelled').remedy.trim();
const element: WinnowTraining | WinnowSession = document.createElement('winnow-training');
document.querySelector('winnow-session')!.src = 'sample';
export { element };
`;
