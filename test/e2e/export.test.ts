import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { buildGraph } from '../../src/engine/architectures/index.js';
import { modelFormats, readModel, type ModelFormat } from '../../src/engine/exchange/formats.js';
import type { Model } from '../../src/engine/exchange/model.js';
import { exampleModel } from '../engine/exchange/example.js';
import { root, temporaryFolder } from './browser.js';
import { stripes } from './photos.js';

describe('export in the terminal', { concurrency: false }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const at = (...names: string[]) => join(folder.path, ...names);
  const winnow = (...args: string[]) => spawnSync(process.execPath, [join(root, 'bin/winnow.mjs'), ...args], { encoding: 'utf8' });
  let model: Model;

  before(async () => {
    folder = await temporaryFolder();
    const zip = await modelFormats.tfjs.write(exampleModel(buildGraph('cnn-light', { size: 32, classes: 5 })));
    await writeFile(at('model.zip'), zip.stream());
    model = await readModel(zip);
    await writeFile(at('photo.png'), await stripes(true, 3));
  });
  after(() => folder.remove());

  const formats = Object.keys(modelFormats) as ModelFormat[];
  for (const format of formats) {
    it(`writes ${format} into a folder that was not there, the bytes that the engine writes`, async () => {
      const path = at('exported', `model.${format}`);
      const { status, stdout, stderr } = winnow('export', at('model.zip'), '--to', format, '--out', path, '--json');
      assert.equal(status, 0, stderr);
      const bytes = await readFile(path);
      const { arch, classes } = model.card;
      assert.deepEqual(JSON.parse(stdout), { model: at('model.zip'), format, path, bytes: bytes.length, arch, classes });
      assert.deepEqual(bytes, Buffer.from(await (await modelFormats[format].write(model)).arrayBuffer()));
    });
  }

  it('classify gives the same answer from every form', { timeout: 120_000 }, () => {
    const answers = formats.map((format) => {
      const { status, stdout, stderr } = winnow('classify', at('exported', `model.${format}`), at('photo.png'), '--json');
      assert.equal(status, 0, stderr);
      const [{ top }] = JSON.parse(stdout) as { top: { class: string; probability: number }[] }[];
      return top;
    });
    assert.equal(answers[0].length, 5);
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
  });

  const wrong: [what: string, args: string[], error: string][] = [
    ['a form that does not exist', ['model.zip', '--to', 'gguf', '--out', 'x'], 'call-invalid'],
    ['a form that is not built', ['model.zip', '--to', 'keras-project', '--out', 'x'], 'call-invalid'],
    ['no place to write to', ['model.zip', '--to', 'onnx'], 'call-invalid'],
    ['a place that cannot be', ['model.zip', '--to', 'onnx', '--out', 'photo.png/model.onnx'], 'call-invalid'],
    ['a model that is not there', ['none.zip', '--to', 'onnx', '--out', 'x'], 'input-missing'],
    ['a model that is none', ['photo.png', '--to', 'onnx', '--out', 'x'], 'model-broken'],
  ];
  for (const [what, args, error] of wrong) {
    it(`refuses ${what} with ${error}`, () => {
      const named = args.map((arg) => (/\.(zip|png|onnx)$/.test(arg) ? at(arg) : arg));
      const { status, stdout, stderr } = winnow('export', ...named);
      assert.equal(status, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, new RegExp(`^winnow: ${error}: .+\\n$`));
    });
  }
});
