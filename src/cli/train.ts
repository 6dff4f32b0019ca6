import { resolve } from 'node:path';
import type { RunSettings } from '../engine/support/settings.js';
import { carryOut } from './carry-out.js';
import { makeFolder, onePositional, type Command } from './command.js';
import { readData } from './data.js';
import { cardOfWeights, cardText, modelFile } from './model.js';
import type { Plan } from './plan.js';
import { readSettings, settingsOptions } from './settings.js';

export const train: Command = {
  usage:
    'train DATA --arch ID[,ID…] [--size 224] [--epochs 20] [--batch 32] [--patience 3] [--val 0.2] [--test 0] [--lr 0.001] [--seed 1] [--limit N] ' +
    '[--backend auto|webgpu|webgl|cpu] [--engine auto|compiled|reference] [--weights FILE] [--freeze N|base] ' +
    '[--augment usual|NAME[=NUMBER],…] [--optimizer adam|adamw|sgd] [--schedule plateau|cosine|step[:NAME=NUMBER,…]] [--options JSON] [--profile DIR] --out DIR',
  summary:
    'imports DATA and trains each architecture on the same split\n' +
    '    --weights: a model, or weights that Keras saved (.h5, keras.applications’ VGG16 too), with which the layers before the head begin\n' +
    '    --freeze: how many of the layers with weights do not learn, or all before the head\n' +
    '    --augment: flipX, flipY, rotation, shift, zoom, brightness, each with its strength or the usual one\n' +
    '    --schedule: plateau:factor=0.1,patience=10,least=0   cosine:alpha=0   step:every=10,factor=0.5\n' +
    '    --options: of the architecture {"width": 0.5}; labelSmoothing, classWeights ("balanced" or a list), weightDecay, momentum, perturbation, splitSeed',
  options: { ...settingsOptions, weights: { type: 'string' }, profile: { type: 'string' }, out: { type: 'string' } },

  async run(positionals, flags, terminal) {
    const argument = onePositional(positionals, 'train takes one DATA: a zip, a folder, IMAGES.idx:LABELS.idx or sample');
    const settings = readSettings(flags);
    const named = flags.text('weights');
    const weights = named === undefined ? null : await modelFile(named);
    const card = weights === null ? null : await cardOfWeights(weights);
    if (card) terminal.progress.note(`Begins with the weights of ${cardText(card)}`);
    const data = await readData(argument, settings[0]);
    const out = await makeFolder(flags.required('out'));
    const profile = flags.text('profile');
    const plan: Plan = {
      schema: 1,
      data,
      settings: settings.map((each) => ownLimit(each, data.source.kind)),
      weights: weights === null ? null : resolve(weights),
      profile: profile === undefined ? null : resolve(profile),
      dataset: null,
    };
    return carryOut(plan, out, terminal);
  },
};

/** The sample is drawn at its limit already. */
function ownLimit(settings: RunSettings, source: string): RunSettings {
  return source === 'synthetic' ? { ...settings, limit: null } : settings;
}
