import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { ModelEvaluation } from '../../src/engine/training/evaluate-model.js';
import type { LightenResult, LightVariant } from '../../src/workers/contract.js';
import { root, temporaryFolder } from './browser.js';

interface Lightened extends Omit<LightenResult, 'chosen'> {
  readonly schema: number;
  readonly chosen: LightVariant;
}

describe('lighten, in the terminal', { concurrency: false }, () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  const at = (...names: string[]) => join(folder.path, ...names);
  const winnow = (...args: string[]) => spawnSync(process.execPath, [join(root, 'bin/winnow.mjs'), ...args], { encoding: 'utf8' });

  before(async () => {
    folder = await temporaryFolder();
  });
  after(() => folder.remove());

  it('cuts a trained model within the margin, and writes what it found beside the models', async () => {
    const trained = winnow('train', 'sample', '--arch', 'cnn-light', '--size', '32', '--limit', '60', '--epochs', '2', '--batch', '8', '--quiet', '--out', at('trained'));
    assert.equal(trained.status, 0, trained.stderr);
    const { status, stdout, stderr } = winnow('lighten', at('trained', 'cnn-light', 'model.zip'), 'sample', '--margin', '0.25', '--out', at('light'));
    assert.equal(status, 0, stderr);
    assert.match(stderr, /cnn-light: cut 1: \d+\.\d % of the cost/);

    const report = JSON.parse(await readFile(at('light', 'report.json'), 'utf8')) as Lightened;
    const [given] = report.variants;
    assert.equal(report.schema, 1);
    assert.match(stdout, new RegExp(`cnn-light ${report.chosen.name} \\(chosen\\)`));
    assert.deepEqual(report.chosen, report.variants.find(({ name }) => name === report.chosen.name));
    assert.ok(report.chosen.validation.accuracy >= given.validation.accuracy - 0.25 - 1e-9);
    for (const { name, params, flops, bytes, latencyMs } of report.variants) {
      for (const value of [params, flops, bytes, latencyMs]) assert.ok(value > 0);
      assert.ok(existsSync(at('light', name, 'model.zip')));
    }
    // int8 is stored as int8, and the search is over: nothing waits to be gone on with.
    const light = report.variants.find(({ precision }) => precision === 'int8')!;
    assert.match(await readFile(at('light', light.name, 'model.safetensors'), 'latin1'), /"conv2d\/kernel":\{"dtype":"I8"/);
    assert.ok(!existsSync(at('light', '.profile')) && !existsSync(at('light', '.lighten.json')));
    // A quarter is more than a standard error of so few photos.
    assert.ok(Math.abs(report.limits.perturbed - (given.judged.perturbed - 0.25)) < 1e-9);

    // The model beside the report is the one that the report tells of, here and when it is evaluated anew.
    const evaluated = winnow('evaluate', at('light', report.chosen.name, 'model.zip'), 'sample', '--json', '--quiet');
    assert.equal(evaluated.status, 0, evaluated.stderr);
    const evaluation = JSON.parse(evaluated.stdout) as ModelEvaluation;
    assert.equal(evaluation.weightsSha256, report.chosen.weightsSha256);
    assert.equal(evaluation.validation.accuracy, report.chosen.validation.accuracy);
    assert.equal(evaluation.test.perturbed.accuracy, report.chosen.test.perturbed.accuracy);
  });

  it('refuses what is no model, and a margin that is none', () => {
    for (const [args, code] of [
      [[at('nothing.zip'), 'sample'], 'input-missing'],
      [[join(root, 'package.json'), 'sample'], 'model-broken'],
      [[join(root, 'package.json'), 'sample', '--margin', '2'], 'settings-invalid'],
      [[join(root, 'package.json')], 'call-invalid'],
    ] as const) {
      const { status, stderr } = winnow('lighten', ...args, '--out', at('refused'));
      assert.equal(status, 2, stderr);
      assert.match(stderr, new RegExp(`^winnow: ${code}: `, 'm'));
    }
    assert.ok(!existsSync(at('refused', 'report.json')));
  });
});
