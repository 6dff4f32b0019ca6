import { resolve } from 'node:path';
import { formatAccuracy, formatInteger } from '../engine/comparison/format.js';
import type { DatasetRecord, SplitMetrics } from '../engine/storage/records.js';
import { WinnowError } from '../engine/support/errors.js';
import type { ModelEvaluation } from '../workers/contract.js';
import { EngineBrowser } from './browser.js';
import type { Command } from './command.js';
import { describeDataset, importData, readData } from './data.js';
import { exitCodes } from './exit-codes.js';
import { cardText, modelFile } from './model.js';
import { backends, engines } from './settings.js';

export const evaluate: Command = {
  usage: 'evaluate MODEL DATA [--backend auto|webgpu|webgl|cpu] [--engine auto|compiled|reference]',
  summary: 'metrics of a model on a data set, in the split that the model’s card states',
  options: { backend: { type: 'string' }, engine: { type: 'string' } },

  async run(positionals, flags, terminal) {
    const [named, argument, ...rest] = positionals;
    if (named === undefined || argument === undefined || rest.length > 0) throw new WinnowError('call-invalid', { why: 'evaluate takes a MODEL and one DATA' });
    const model = await modelFile(named);
    const on = { backend: flags.choice('backend', backends, 'auto'), engine: flags.choice('engine', engines, 'auto') };

    const browser = await EngineBrowser.open(null, (event) => terminal.progress.show(event, ''));
    terminal.onKill(() => browser.kill());
    const stop = () => void browser.call('stop').catch(() => {});
    terminal.interrupted.addEventListener('abort', stop);
    try {
      await browser.give('files', [resolve(model)]);
      const card = await browser.call('readCard');
      terminal.progress.note(cardText(card));
      // The sample is drawn as it was for the model.
      const data = await readData(argument, { limit: card.dataset.images, seed: card.settings.seed });
      const dataset = await importData(browser, data);
      terminal.progress.note(describeDataset(dataset));
      terminal.progress.move(`evaluating ${card.arch} …`);
      const evaluation = await browser.call('evaluate', dataset.id, on);
      terminal.progress.clear();
      if (terminal.json) terminal.print(JSON.stringify({ model, dataset: described(dataset, evaluation), ...evaluation }, null, 2));
      else printEvaluation(evaluation, (text) => terminal.print(text));
      return exitCodes.done;
    } finally {
      terminal.interrupted.removeEventListener('abort', stop);
      await browser.close();
    }
  },
};

function described({ name, source, images }: DatasetRecord, { classes, split }: ModelEvaluation) {
  return {
    name,
    synthetic: source === 'synthetic',
    images,
    classes: classes.map((each, index) => ({ name: each, train: split.train[index], validation: split.validation[index], test: split.test[index] })),
  };
}

function printEvaluation({ arch, train, validation, test, classes, mistakes }: ModelEvaluation, print: (text: string) => void): void {
  const line = (part: string, { accuracy, loss, topK, calibrationError }: SplitMetrics) =>
    print(
      `${arch}, ${part}: accuracy ${formatAccuracy(accuracy)}, loss ${formatAccuracy(loss)}` +
        `${topK ? `, top ${topK.k} ${formatAccuracy(topK.accuracy)}` : ''}${calibrationError === undefined ? '' : `, calibration error ${formatAccuracy(calibrationError)}`}`,
    );
  line('train', train);
  line('validation', validation);
  const { accuracy, loss, perturbed } = test;
  if (accuracy !== null && loss !== null) line('test', { ...test, accuracy, loss });
  print(`${arch}, ${perturbed.of} photos perturbed: accuracy ${formatAccuracy(perturbed.accuracy)}, 95 % ${perturbed.interval.map(formatAccuracy).join(' to ')}`);
  const share = (value: number | null) => (value === null ? '–' : formatAccuracy(value));
  (accuracy === null ? validation : test).perClass?.forEach(({ precision, recall, f1, images }, index) =>
    print(`  ${classes[index]}: precision ${share(precision)}, recall ${share(recall)}, F1 ${share(f1)}, ${formatInteger(images)} photos`),
  );
  for (const { name, truth, predicted, probability } of mistakes.slice(0, 10)) print(`  ${name}: ${truth} taken for ${predicted} (${formatAccuracy(probability)})`);
}
