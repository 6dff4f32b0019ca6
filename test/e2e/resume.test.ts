import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { Report } from '../../src/engine/comparison/report.js';
import { root, startBrowser, temporaryFolder, until } from './browser.js';
import { Person } from './person.js';

const call = ['sample', '--limit', '50', '--arch', 'cnn-light,cnn', '--size', '32', '--batch', '8', '--epochs', '4', '--patience', '4', '--schedule', 'plateau:patience=1'];

/** @param killAt once stderr says so, the terminal dies without a word. */
function winnow(args: readonly string[], killAt?: RegExp): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(root, 'bin/winnow.mjs'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
      if (killAt?.test(stderr)) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

describe('winnow resume', () => {
  it('goes on with a train that was killed, to the same weights, and cleans up', { timeout: 240_000 }, async () => {
    const folder = await temporaryFolder();
    const [killed, whole] = [join(folder.path, 'killed'), join(folder.path, 'whole')];
    try {
      const first = await winnow(['train', ...call, '--out', killed], /cnn: epoch 2:/);
      assert.equal(first.signal, 'SIGKILL', first.stderr);
      const resumed = await winnow(['resume', killed, '--json']);
      assert.equal(resumed.code, 0, resumed.stderr);
      const undisturbed = await winnow(['train', ...call, '--out', whole, '--json']);
      const shas = ({ stdout }: typeof resumed) => (JSON.parse(stdout) as Report).runs.map(({ arch, epochs, weightsSha256 }) => ({ arch, epochs: epochs.length, weightsSha256 }));
      assert.deepEqual(shas(resumed), shas(undisturbed));
      for (const name of ['report.json', 'report.html', 'cnn/model.zip', 'cnn-light/model.zip', 'cnn/history.csv']) assert.ok(existsSync(join(killed, name)), name);
      for (const name of ['.profile', '.train.json']) assert.ok(!existsSync(join(killed, name)), name);

      const again = await winnow(['resume', killed]);
      assert.equal(again.code, 2);
      assert.match(again.stderr, /^winnow: call-invalid: .+ holds no train that was interrupted\. .+\n$/);
    } finally {
      await folder.remove();
    }
  });
});

describe('a lab that is reloaded in mid-epoch', () => {
  it('shows the run as interrupted, and goes on with it at one click', { timeout: 120_000 }, async () => {
    const lab = await startBrowser();
    try {
      const { page, complaints } = await lab.open();
      const person = new Person(page);
      await person.drawRice(100);
      await person.train({ size: 32, batch: 8, epochs: 6 });
      await person.reads(/Epoch 2 of 6/);
      await page.reload();
      await until(page, () => location.hash === '#train');
      await person.reads(/Interrupted .+ of 6 epochs/);
      if (process.env.WINNOW_SHOTS) await page.screenshot({ path: `${process.env.WINNOW_SHOTS}/interrupted.png` });
      await person.click('winnow-training >>> [part="interrupted"] button');
      await person.reads(/Epoch \d+ of 6/);
      await person.reads(/ is trained/);
      assert.deepEqual(complaints, []);
    } finally {
      await lab.close();
    }
  });
});
