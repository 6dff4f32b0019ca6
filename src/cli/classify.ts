import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { WinnowError } from '../engine/support/errors.js';
import type { Classification } from '../workers/contract.js';
import { EngineBrowser } from './browser.js';
import { kindOf, type Command } from './command.js';
import { exitCodes } from './exit-codes.js';
import { cardText, modelFile } from './model.js';
import { backends } from './settings.js';

interface Classified extends Classification {
  /** As the call named it; below a folder, the folder's name and the path in it. */
  readonly image: string;
}

export const classify: Command = {
  usage: 'classify MODEL IMAGE… [--backend auto|webgpu|webgl|cpu]',
  summary: 'class probabilities of images or folders',
  options: { backend: { type: 'string' } },

  async run(positionals, flags, terminal) {
    const [argument, ...named] = positionals;
    if (argument === undefined || named.length === 0) throw new WinnowError('call-invalid', { why: 'classify takes a MODEL and at least one IMAGE' });
    const model = await modelFile(argument);
    const images = (await Promise.all(named.map(imagesOf))).flat();
    if (images.length === 0) throw new WinnowError('no-images', { source: named.join(', ') });

    const browser = await EngineBrowser.open(null, () => {});
    terminal.onKill(() => browser.kill());
    try {
      await browser.give('files', [resolve(model)]);
      const { card, kind, adapter } = await browser.call('loadModel', flags.choice('backend', backends, 'auto'));
      await browser.give('files', images.map((image) => resolve(image)));
      const results: Classified[] = [];
      for (const [index, image] of images.entries()) {
        if (terminal.interrupted.aborted) throw new WinnowError('cancelled');
        const { top, ms } = await browser.call('classify', index);
        // Not before it is known that there is an answer: what is wrong is said in one line.
        if (index === 0) terminal.progress.note(`${cardText(card)}\non ${kind === 'javascript' ? adapter : `${kind}, ${adapter}`}`);
        results.push({ image, top, ms });
        terminal.progress.move(`classified ${index + 1} of ${images.length}`);
        if (!terminal.json) {
          terminal.progress.clear();
          terminal.print(`${image}: ${top.slice(0, 5).map((entry) => `${entry.class} ${entry.probability.toFixed(4)}`).join(', ')}`);
        }
      }
      terminal.progress.clear();
      if (terminal.json) terminal.print(JSON.stringify(results, null, 2));
      return exitCodes.done;
    } finally {
      await browser.close();
    }
  },
};

/** A file as it is; of a folder the JPEG, PNG and WebP files below it, sorted. @throws WinnowError 'input-missing'. */
async function imagesOf(path: string): Promise<string[]> {
  if ((await kindOf(path)) === 'file') return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(jpe?g|png|webp)$/i.test(entry.name))
    .map((entry) => join(path, relative(path, join(entry.parentPath ?? entry.path, entry.name))))
    .sort();
}
