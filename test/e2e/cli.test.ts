import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Report } from '../../src/engine/comparison/report.js';
import type { ModelEvaluation } from '../../src/engine/training/evaluate-model.js';
import type { SummaryJson } from '../../src/engine/graph/summary.js';
import { root, temporaryFolder } from './browser.js';
import { stripedClasses, stripes, writeZip, zipOf } from './photos.js';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describe('the terminal', { concurrency: false }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const at = (...names: string[]) => join(folder.path, ...names);

  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  /** @param watch sees stderr grow, and may send a signal. */
  function winnow(args: readonly string[], watch: (stderr: string, kill: (signal: NodeJS.Signals) => void) => void = () => {}): Promise<Ended> {
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [join(root, 'bin/winnow.mjs'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        stderr += chunk;
        watch(stderr, (signal) => child.kill(signal));
      });
      child.on('error', reject);
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  }

  /** One line on stderr: a code, what is wrong, what to do. */
  function assertRefused({ code, stdout, stderr }: Ended, error: string): void {
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, new RegExp(`^winnow: ${error}: .+\\. .+\\n$`));
  }

  describe('summary', () => {
    it('prints the table of an architecture', async () => {
      const { code, stdout } = await winnow(['summary', 'cnn-light']);
      assert.equal(code, 0);
      assert.match(stdout, /conv2d \(Conv2D\) +\(None, 112, 112, 8\) +224\n/);
      assert.match(stdout, /Total params: 51,669/);
    });

    it('as JSON, for another size and other classes', async () => {
      const { code, stdout } = await winnow(['summary', 'cnn', '--size', '64', '--classes', '3', '--json']);
      assert.equal(code, 0);
      const summary = JSON.parse(stdout) as SummaryJson;
      assert.deepEqual(summary.input, [64, 64, 3]);
      assert.deepEqual(summary.layers.at(-1)?.outputShape, [null, 3]);
      // Three convolutions, then 8 x 8 x 128 into 128 into 3.
      assert.equal(summary.params, 896 + 18_496 + 73_856 + (8192 * 128 + 128) + (128 * 3 + 3));
      assert.equal(summary.params, summary.trainableParams + summary.nonTrainableParams);
    });
  });

  describe('a wrong call', () => {
    const calls: [what: string, args: string[], error: string][] = [
      ['no command', [], 'call-invalid'],
      ['an unknown command', ['winow'], 'call-invalid'],
      ['an unknown flag', ['summary', 'cnn', '--sise', '64'], 'call-invalid'],
      ['a schedule that is none', ['train', 'sample', '--arch', 'cnn', '--out', 'out', '--schedule', 'sometimes'], 'settings-invalid'],
      ['a form that is none', ['export', 'model.zip', '--to', 'docx', '--out', 'out'], 'call-invalid'],
      ['an unknown architecture', ['train', 'sample', '--arch', 'cnn,resnet', '--out', 'out'], 'arch-unknown'],
      ['a size out of range', ['train', 'sample', '--arch', 'cnn', '--size', '1024', '--out', 'out'], 'size-invalid'],
      ['a number that is none', ['train', 'sample', '--arch', 'cnn', '--epochs', 'ten', '--out', 'out'], 'settings-invalid'],
      ['an augmentation that is none', ['train', 'sample', '--arch', 'cnn', '--out', 'out', '--augment', 'flipX,upside=1'], 'settings-invalid'],
      ['a strength out of range', ['train', 'sample', '--arch', 'cnn', '--out', 'out', '--augment', 'zoom=1'], 'settings-invalid'],
      ['more frozen layers than there are', ['train', 'sample', '--arch', 'cnn', '--out', 'out', '--freeze', '9'], 'settings-invalid'],
      ['class weights that are none', ['train', 'sample', '--arch', 'cnn', '--out', 'out', '--options', '{"classWeights": "fair"}'], 'settings-invalid'],
      ['missing weights', ['train', 'sample', '--arch', 'cnn', '--out', 'out', '--weights', 'none.zip'], 'input-missing'],
      ['options that are no object', ['summary', 'mobilenet', '--options', '[0.5]'], 'settings-invalid'],
      ['a missing file', ['train', 'none.zip', '--arch', 'cnn', '--out', 'out'], 'input-missing'],
      ['half an IDX pair', ['train', 'a.idx:b.idx', '--arch', 'cnn', '--out', 'out'], 'input-missing'],
      ['a missing model', ['classify', 'none.zip', 'photo.png'], 'input-missing'],
    ];
    for (const [what, args, error] of calls) {
      it(`${what} is refused with ${error}`, async () => assertRefused(await winnow(args), error));
    }
  });

  describe('train', () => {
    it('trains the sample and writes the report, the model and the history', { timeout: 120_000 }, async () => {
      const out = at('sample');
      const { code, stdout, stderr } = await winnow(['train', 'sample', '--limit', '60', '--arch', 'cnn-light', '--size', '32', '--epochs', '2', '--batch', '16', '--json', '--out', out]);
      assert.equal(code, 0, stderr);
      const report = JSON.parse(stdout) as Report;
      assert.deepEqual(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')), report);
      assert.equal(report.schema, 1);
      assert.equal(report.backend, 'webgpu');
      assert.match(report.dataset.name, /synthetic/i);
      assert.equal(report.dataset.images, 60);
      assert.equal(report.dataset.classes.length, 5);
      assert.equal(report.dataset.classes.reduce((sum, { train, validation, test }) => sum + train + validation + test, 0), 60);
      const [run] = report.runs;
      assert.equal(run.arch, 'cnn-light');
      assert.equal(run.size, 32);
      assert.deepEqual(run.epochs.map(({ epoch }) => epoch), [1, 2]);
      // A fifth of the twelve photos of each class.
      assert.deepEqual(report.dataset.classes.map(({ validation }) => validation), [2, 2, 2, 2, 2]);
      assert.deepEqual(run.confusion.map((row) => row.reduce((sum, count) => sum + count, 0)), [2, 2, 2, 2, 2]);
      const diagonal = run.confusion.reduce((sum, row, index) => sum + row[index], 0);
      assert.ok(Math.abs(diagonal / 10 - run.validation.accuracy) < 1e-6, 'the confusion matrix is of the validation photos');
      assert.equal(run.validation.accuracy, run.epochs[run.bestEpoch - 1].valAccuracy);
      assert.equal(run.test.perturbed.of, 'validation');
      assert.match(run.weightsSha256, /^[0-9a-f]{64}$/);
      assert.equal(report.recommendation?.arch, 'cnn-light');
      assert.match(stderr, /epoch 1: .*\n.*epoch 2: /s);
      assert.match(await readFile(join(out, 'report.html'), 'utf8'), /^<!doctype html>/i);
      assert.equal((await readFile(join(out, 'cnn-light/history.csv'), 'utf8')).trim().split(/\r?\n/).length, 3);
      assert.equal(existsSync(join(out, '.profile')), false, 'the browser’s storage goes when the work is done');
    });

    it('takes a zip as Kaggle packs it, and classify uses the model', { timeout: 120_000 }, async () => {
      const zip = await writeZip(at('stripes.zip'), await stripedClasses(20));
      const out = at('stripes');
      const trained = await winnow(['train', zip, '--arch', 'cnn-light', '--size', '32', '--epochs', '12', '--patience', '12', '--batch', '8', '--lr', '0.01', '--quiet', '--out', out]);
      assert.equal(trained.code, 0, trained.stderr);
      assert.equal(trained.stderr, '');
      assert.match(trained.stdout, /cnn-light: validation accuracy/);
      const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as Report;
      assert.deepEqual(report.dataset.classes.map(({ name, train, validation }) => [name, train, validation]), [['Lying', 16, 4], ['Upright', 16, 4]]);
      assert.deepEqual(report.dataset.refused.map(({ name, code }) => [name, code]), [['Stripes/read me.txt', 'not-an-image']]);

      await mkdir(at('photos'));
      await writeFile(at('photos', 'lying.png'), await stripes(false, 901));
      await writeFile(at('photos', 'upright.png'), await stripes(true, 902));
      await writeFile(at('photos', 'notes.txt'), 'no photo');
      const { code, stdout, stderr } = await winnow(['classify', join(out, 'cnn-light/model.zip'), at('photos'), '--json']);
      assert.equal(code, 0, stderr);
      const results = JSON.parse(stdout) as { image: string; top: { class: string; probability: number }[]; ms: number }[];
      assert.deepEqual(results.map(({ image }) => image), [at('photos', 'lying.png'), at('photos', 'upright.png')]);
      assert.deepEqual(results.map(({ top }) => top[0].class), ['Lying', 'Upright']);
      for (const { top } of results) assert.ok(Math.abs(top.reduce((sum, { probability }) => sum + probability, 0) - 1) < 1e-4);
    });

    it('takes every way of training, begins with a model’s weights, and evaluate finds again what train found', { timeout: 240_000 }, async () => {
      const common = ['sample', '--limit', '60', '--arch', 'cnn-light', '--size', '32', '--epochs', '2', '--batch', '16', '--test', '0.2', '--quiet', '--json'];
      const first = await winnow(['train', ...common, '--out', at('first')]);
      assert.equal(first.code, 0, first.stderr);
      const [parent] = (JSON.parse(first.stdout) as Report).runs;
      assert.equal(parent.parent, null);

      const options = '{"momentum": 0.8, "labelSmoothing": 0.1, "classWeights": "balanced", "perturbation": {"rotation": 0.02}}';
      const ways = ['--optimizer', 'sgd', '--lr', '0.05', '--schedule', 'step:every=1,factor=0.5', '--augment', 'flipX,rotation=0.02', '--options', options];
      const second = await winnow(['train', ...common, ...ways, '--weights', at('first/cnn-light/model.zip'), '--freeze', 'base', '--out', at('second')]);
      assert.equal(second.code, 0, second.stderr);
      const [run] = (JSON.parse(second.stdout) as Report).runs;
      assert.equal(run.parent, parent.weightsSha256);
      assert.deepEqual(run.optimizer, { kind: 'sgd', learningRate: 0.05, momentum: 0.8 });
      assert.deepEqual(run.loss, { labelSmoothing: 0.1, classWeights: 'balanced' });
      assert.deepEqual(run.augment, { flipX: 0.5, flipY: 0, rotation: 0.02, shift: 0, zoom: 0, brightness: 0 });
      assert.deepEqual(run.perturbation, { flip: 0.5, rotation: 0.02, zoom: 0.1, shift: 0.1, contrast: 0.1 });
      assert.deepEqual(run.epochs.map(({ learningRate }) => learningRate), [0.05, 0.025]);
      assert.ok(run.trainableParams < run.params && run.freeze === 'base');
      assert.deepEqual([run.train, run.validation, run.test].map(({ perClass, topK }) => [perClass?.length, topK?.k]), [[5, 2], [5, 2], [5, 2]]);

      const evaluated = await winnow(['evaluate', at('second/cnn-light/model.zip'), 'sample', '--json', '--quiet']);
      assert.equal(evaluated.code, 0, evaluated.stderr);
      const evaluation = JSON.parse(evaluated.stdout) as ModelEvaluation;
      assert.equal(evaluation.weightsSha256, run.weightsSha256);
      assert.deepEqual(evaluation.validation, run.validation);
      assert.deepEqual(evaluation.test, run.test);
      assert.deepEqual(evaluation.mistakes, run.mistakes);

      const strangers = await writeZip(at('strangers.zip'), await stripedClasses(4));
      assertRefused(await winnow(['evaluate', at('first/cnn-light/model.zip'), strangers, '--quiet']), 'classes-differ');
    });

    it('takes a folder of class folders', { timeout: 120_000 }, async () => {
      for (const name of ['lying', 'upright']) await mkdir(at('folder', name), { recursive: true });
      for (let i = 0; i < 6; i++) {
        await writeFile(at('folder/lying', `${i}.png`), await stripes(false, i));
        await writeFile(at('folder/upright', `${i}.png`), await stripes(true, i));
      }
      const out = at('from-folder');
      const { code, stdout, stderr } = await winnow(['train', at('folder'), '--arch', 'cnn-light', '--size', '32', '--epochs', '1', '--json', '--out', out]);
      assert.equal(code, 0, stderr);
      const report = JSON.parse(stdout) as Report;
      assert.deepEqual(report.dataset.classes.map(({ name }) => name), ['lying', 'upright']);
      assert.equal(report.dataset.images, 12);
    });

    it('keeps and reports what was trained when it is interrupted', { timeout: 120_000 }, async () => {
      const out = at('interrupted');
      let sent = false;
      const { code, stdout, stderr } = await winnow(
        ['train', 'sample', '--limit', '60', '--arch', 'cnn-light,cnn', '--size', '32', '--epochs', '500', '--patience', '500', '--out', out],
        (text, kill) => {
          if (sent || !text.includes('epoch 2:')) return;
          sent = true;
          kill('SIGINT');
        },
      );
      assert.equal(code, 130, stderr);
      const report = JSON.parse(await readFile(join(out, 'report.json'), 'utf8')) as Report;
      assert.deepEqual(report.runs.map(({ arch, finished }) => [arch, finished]), [['cnn-light', false]]);
      assert.ok(report.runs[0].epochs.length >= 2);
      assert.deepEqual((await readdir(join(out, 'cnn-light'))).sort(), ['history.csv', 'model.zip']);
      assert.match(stdout, /interrupted/);
    });
  });

  describe('bad input', () => {
    const train = (data: string) => winnow(['train', data, '--arch', 'cnn-light', '--size', '32', '--epochs', '1', '--quiet', '--out', at('bad')]);

    it('an empty zip', async () => assertRefused(await train(await writeZip(at('empty.zip'), {})), 'no-images'));

    it('one class', async () => {
      assertRefused(await train(await writeZip(at('one.zip'), { 'a/1.png': await stripes(true, 1), 'a/2.png': await stripes(true, 2) })), 'one-class');
    });

    it('a class with one image', async () => {
      const entries = { 'a/1.png': await stripes(true, 1), 'b/1.png': await stripes(false, 1), 'b/2.png': await stripes(false, 2), 'b/3.png': await stripes(false, 3) };
      assertRefused(await train(await writeZip(at('small.zip'), entries)), 'class-too-small');
    });

    it('a truncated zip', async () => {
      const whole = await zipOf(await stripedClasses(3));
      await writeFile(at('cut.zip'), whole.subarray(0, whole.length - 200));
      assertRefused(await train(at('cut.zip')), 'zip-broken');
    });

    it('leaves nothing behind', async () => {
      assertRefused(await train(at('empty.zip')), 'no-images');
      assert.deepEqual(await readdir(at('bad')), []);
    });

    it('a model that is none, and an image that is none', async () => {
      await writeFile(at('noise.zip'), 'not a model');
      await writeFile(at('photo.png'), await stripes(true, 1));
      assertRefused(await winnow(['classify', at('noise.zip'), at('photo.png')]), 'model-broken');
      await writeFile(at('broken.png'), (await stripes(true, 1)).subarray(0, 60));
      assertRefused(await winnow(['classify', at('stripes/cnn-light/model.zip'), at('broken.png')]), 'image-broken');
    });
  });
});
