import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
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
    await mkdir(at('empty'));
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

  it('writes a folder that goes on in Keras, whose model is read here', async () => {
    const path = at('project');
    const { status, stdout, stderr } = winnow('export', at('model.zip'), '--to', 'keras-project', '--out', path, '--json');
    assert.equal(status, 0, stderr);
    const names = (await readdir(path)).sort();
    assert.deepEqual(names, ['README.md', 'card.json', 'model.keras', 'requirements.txt', 'train.py', 'winnow_data.py']);
    const sizes = await Promise.all(names.map(async (name) => (await stat(join(path, name))).size));
    assert.equal((JSON.parse(stdout) as { bytes: number }).bytes, sizes.reduce((sum, size) => sum + size));
    const read = await readModel(new File([await readFile(join(path, 'model.keras'))], 'model.keras'));
    assert.deepEqual(read.weights, model.weights);
    assert.deepEqual(JSON.parse(await readFile(join(path, 'card.json'), 'utf8')), model.card);
    const readme = await readFile(join(path, 'README.md'), 'utf8');
    assert.ok(readme.includes(model.card.dataset.name));
    assert.doesNotMatch(readme, /[{}]/);
  });

  /** How it was trained, its numbers, how fast it was, its limits. */
  function showsCard(stderr: string): void {
    const { card } = model;
    for (const fact of [card.arch, card.dataset.name, `seed ${card.settings.seed}`, `Winnow ${card.winnow}`, 'validation accuracy', card.speed!.adapter, 'one of its 5 classes']) assert.ok(stderr.includes(fact), `${fact} in ${stderr}`);
  }
  function answerOf(file: string) {
    const { status, stdout, stderr } = winnow('classify', file, at('photo.png'), '--json');
    assert.equal(status, 0, stderr);
    showsCard(stderr);
    const [{ top }] = JSON.parse(stdout) as { top: { class: string; probability: number }[] }[];
    return top;
  }

  it('classify shows the card and gives the same answer from every form, a Keras project by its folder', { timeout: 120_000 }, () => {
    const answers = [...formats.map((format) => at('exported', `model.${format}`)), at('project')].map(answerOf);
    assert.equal(answers[0].length, 5);
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
  });

  it('shows the card of what it reads, and of a Keras project takes what was trained there first', async () => {
    const { status, stderr } = winnow('export', at('project'), '--to', 'onnx', '--out', at('again.onnx'));
    assert.equal(status, 0, stderr);
    showsCard(stderr);
    assert.equal(winnow('export', at('project'), '--to', 'onnx', '--out', at('again.onnx'), '--quiet').stderr, '');
    await writeFile(at('project', 'result.keras'), 'cut off');
    assert.match(winnow('export', at('project'), '--to', 'onnx', '--out', at('again.onnx')).stderr, /^winnow: model-broken: .*result\.keras/);
  });

  const wrong: [what: string, args: string[], error: string][] = [
    ['a form that does not exist', ['model.zip', '--to', 'gguf', '--out', 'x'], 'call-invalid'],
    ['a folder that holds something', ['model.zip', '--to', 'keras-project', '--out', 'exported'], 'call-invalid'],
    ['no place to write to', ['model.zip', '--to', 'onnx'], 'call-invalid'],
    ['a place that cannot be', ['model.zip', '--to', 'onnx', '--out', 'photo.png/model.onnx'], 'call-invalid'],
    ['a model that is not there', ['none.zip', '--to', 'onnx', '--out', 'x'], 'input-missing'],
    ['a folder without a model', ['empty', '--to', 'onnx', '--out', 'x'], 'model-broken'],
    ['a model that is none', ['photo.png', '--to', 'onnx', '--out', 'x'], 'model-broken'],
  ];
  for (const [what, args, error] of wrong) {
    it(`refuses ${what} with ${error}`, () => {
      const named = args.map((arg) => (/\.(zip|png|onnx)$|^(exported|empty)$/.test(arg) ? at(arg) : arg));
      const { status, stdout, stderr } = winnow('export', ...named);
      assert.equal(status, 2, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, new RegExp(`^winnow: ${error}: .+\\n$`));
    });
  }
});
