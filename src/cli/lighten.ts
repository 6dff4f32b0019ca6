import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { formatAccuracy, formatInteger } from '../engine/comparison/format.js';
import { readModel } from '../engine/exchange/formats.js';
import { writeSafetensors } from '../engine/exchange/safetensors.js';
import { formatBytes } from '../engine/graph/summary.js';
import { criteria } from '../engine/lighten/criteria.js';
import { WinnowError } from '../engine/support/errors.js';
import { version } from '../../package.json';
import type { LightenResult, LightVariant } from '../workers/contract.js';
import { EngineBrowser, removeProfile } from './browser.js';
import { makeFolder, type Command } from './command.js';
import { describeDataset, importData, readData } from './data.js';
import { exitCodes } from './exit-codes.js';
import { cardText, modelFile } from './model.js';
import { profileIn } from './plan.js';
import { backends, engines } from './settings.js';

const judges = ['both', 'validation'] as const;
const augmentations = ['auto', 'perturbation', 'as-trained'] as const;

export const lighten: Command = {
  usage: `lighten MODEL DATA [--margin 0.005] [--judge both|validation] [--criterion ${criteria.join('|')}] [--augment auto|perturbation|as-trained] [--by-hand] [--baselines] [--seeds 1] [--backend auto|webgpu|webgl|cpu] [--engine auto|compiled|reference] --out DIR`,
  summary:
    'finds the lightest model that is as good as a given one, or goes on with it where it was interrupted: prunes and fine-tunes step by step, trains the small shapes from scratch and by distillation, quantises\n' +
    '    --judge: whether it must hold on perturbed photos too   --criterion: what filters are judged by   --augment: how its training photos are changed\n' +
    '    --by-hand: also narrower, strided and shallower shapes   --baselines: also the smallest cut with filters chosen by chance; --seeds: how often, the small shape from scratch and distilled too',
  options: {
    margin: { type: 'string' }, judge: { type: 'string' }, criterion: { type: 'string' }, augment: { type: 'string' }, 'by-hand': { type: 'boolean' }, baselines: { type: 'boolean' }, seeds: { type: 'string' },
    backend: { type: 'string' }, engine: { type: 'string' }, out: { type: 'string' },
  },

  async run(positionals, flags, terminal) {
    const [named, argument, ...rest] = positionals;
    if (named === undefined || argument === undefined || rest.length > 0) throw new WinnowError('call-invalid', { why: 'lighten takes a MODEL and one DATA' });
    const model = await modelFile(named);
    const request = {
      margin: flags.number('margin', 0.005, { least: 0, most: 0.999 }),
      criterion: flags.choice('criterion', criteria, 'taylor'),
      judge: flags.choice('judge', judges, 'both'),
      augment: flags.choice('augment', augmentations, 'auto'),
      byHand: flags.has('by-hand'),
      baselines: flags.has('baselines') ? flags.number('seeds', 1, { least: 1, most: 20, whole: true }) : 0,
      backend: flags.choice('backend', backends, 'auto'),
      engine: flags.choice('engine', engines, 'auto'),
    };
    const out = resolve(flags.required('out'));

    let arch = 'lighten';
    await makeFolder(out);
    const browser = await EngineBrowser.open(profileIn(out), (event) => terminal.progress.show(event, arch));
    let keep = true;
    terminal.onKill(() => browser.kill());
    const stop = () => {
      terminal.progress.note('Stopping at the next step; what was found is kept. Ctrl-C again ends at once.');
      browser.call('stop').catch(() => {});
    };
    terminal.interrupted.addEventListener('abort', stop);
    try {
      await browser.give('files', [resolve(model)]);
      const card = await browser.call('readCard');
      terminal.progress.note(cardText(card));
      arch = card.arch;
      const of = `${createHash('sha256').update(await readFile(model)).digest('hex')} ${argument}`;
      let run = await unfinished(out, of);
      if (run === null) {
        // The sample is drawn as it was for the model.
        const data = await readData(argument, { limit: card.dataset.images, seed: card.settings.seed });
        const dataset = await importData(browser, data);
        terminal.progress.note(describeDataset(dataset));
        if (terminal.interrupted.aborted) throw new WinnowError('cancelled');
        run = (await browser.call('adopt', dataset.id, { backend: request.backend, engine: request.engine })).id;
        await writeFile(planIn(out), JSON.stringify({ schema: 1, of, run }));
      } else terminal.progress.note('Going on from the models that an interrupted search has left.');
      const result = await browser.call('lighten', run, request);
      keep = !result.finished;
      for (const { name, run, precision } of result.variants) {
        await mkdir(join(out, name), { recursive: true });
        const file = join(out, name, 'model.zip');
        await browser.receive(file, (address) => browser.call('postModel', run, address));
        // A tfjs model has no place for int8 by filter.
        if (precision !== 'float32') await writeFile(join(out, name, 'model.safetensors'), writeSafetensors(await readModel(new File([await readFile(file)], file))).stream());
      }
      const report = reportOf(result);
      await writeFile(join(out, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
      terminal.progress.clear();
      if (terminal.json) terminal.print(JSON.stringify(report, null, 2));
      else printResult(result, out, (text) => terminal.print(text));
      return terminal.interrupted.aborted ? exitCodes.interrupted : exitCodes.done;
    } finally {
      terminal.interrupted.removeEventListener('abort', stop);
      await browser.close();
      if (!keep || !existsSync(planIn(out))) await forget(out);
    }
  },
};

/** Beside the browser's storage for as long as a search is not finished: the same call then goes on with it. */
const planIn = (out: string): string => join(out, '.lighten.json');

/** The stored run that an interrupted search of the same model on the same data began with; null where there is none. */
async function unfinished(out: string, of: string): Promise<string | null> {
  try {
    const plan = JSON.parse(await readFile(planIn(out), 'utf8')) as { schema: 1; of: string; run: string };
    return plan.schema === 1 && plan.of === of ? plan.run : null;
  } catch {
    return null;
  }
}

async function forget(out: string): Promise<void> {
  await rm(planIn(out), { force: true });
  await removeProfile(profileIn(out));
}

/** `report.json`, the terminal's contract. */
function reportOf({ dataset, classes, split, adapter: { backend, vendor, architecture, description, fallback }, path, chosen, ...result }: LightenResult) {
  return {
    schema: 1,
    winnow: version,
    created: new Date().toISOString(),
    backend,
    engine: path,
    adapter: { vendor, architecture, description, fallback },
    dataset: {
      name: dataset.name,
      synthetic: dataset.source === 'synthetic',
      images: dataset.images,
      refused: dataset.refused,
      refusedCount: dataset.refusedCount,
      classes: classes.map((name, index) => ({ name, train: split.train[index], validation: split.validation[index], test: split.test[index] })),
    },
    ...result,
    chosen: result.variants.find(({ name }) => name === chosen)!,
  };
}

function printResult({ variants, chosen, rule, arch }: LightenResult, out: string, print: (text: string) => void): void {
  const [given] = variants;
  for (const { name, params, macs, bytes, latencyMs, validation, test, onFront } of variants) {
    const smaller = (value: (variant: LightVariant) => number) => `${((100 * value(variants.find((each) => each.name === name)!)) / value(given)).toFixed(1)} %`;
    print(
      `${arch} ${name}${name === chosen ? ' (chosen)' : ''}: ${formatInteger(params)} params (${smaller((of) => of.params)}), ${formatInteger(macs)} MACs (${smaller((of) => of.macs)}), ${formatBytes(bytes)}, ${latencyMs.toFixed(1)} ms an image; ` +
        `validation ${formatAccuracy(validation.accuracy)}${test.accuracy === null ? '' : `, test ${formatAccuracy(test.accuracy)}`}, perturbed ${formatAccuracy(test.perturbed.accuracy)}${onFront ? ', on the front' : ''}`,
    );
  }
  print(rule);
  print(`Report and models: ${out}`);
}
