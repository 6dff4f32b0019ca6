import { mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { WinnowError } from '../engine/support/errors.js';
import { EngineBrowser } from './browser.js';
import type { Command } from './command.js';
import { sampleImages } from './data.js';
import { exitCodes } from './exit-codes.js';

export const sample: Command = {
  usage: 'sample [--images N] [--seed N] --out PATH',
  summary: 'the synthetic rice as a zip: the photos that `train sample` trains on, where --images is its --limit and --seed its --seed',
  options: { images: { type: 'string' }, seed: { type: 'string' }, out: { type: 'string' } },

  async run(positionals, flags, terminal) {
    if (positionals.length > 0) throw new WinnowError('call-invalid', { why: 'sample takes no argument' });
    const images = flags.number('images', sampleImages, { least: 10, most: 1_000_000, whole: true });
    const seed = flags.number('seed', 1, { least: 0, most: 2 ** 32 - 1, whole: true });
    const out = flags.required('out');
    await mkdir(dirname(resolve(out)), { recursive: true }).catch((error: unknown) => {
      throw new WinnowError('call-invalid', { why: `--out ${out} cannot be written` }, { cause: error });
    });
    const browser = await EngineBrowser.open(null, () => {});
    terminal.onKill(() => browser.kill());
    try {
      terminal.progress.move(`drawing ${images} photos …`);
      await browser.receive(resolve(out), (address) => browser.call('postSample', images, seed, address));
    } finally {
      await browser.close();
    }
    if (terminal.json) terminal.print(JSON.stringify({ path: out, images, seed }, null, 2));
    else terminal.print(`${images} synthetic photos: ${out}`);
    return exitCodes.done;
  },
};
