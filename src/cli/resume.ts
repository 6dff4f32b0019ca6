import { resolve } from 'node:path';
import { WinnowError } from '../engine/support/errors.js';
import { carryOut } from './carry-out.js';
import { onePositional, type Command } from './command.js';
import { readPlan } from './plan.js';

export const resume: Command = {
  usage: 'resume DIR [--profile DIR]',
  summary: 'goes on with a `train` that was interrupted, killed even, from its last checkpoint, and reports as it would have',
  options: { profile: { type: 'string' } },

  async run(positionals, flags, terminal) {
    const argument = onePositional(positionals, 'resume takes one DIR: the --out of an interrupted train');
    const out = resolve(argument);
    const plan = await readPlan(out);
    if (plan === null) throw new WinnowError('call-invalid', { why: `${argument} holds no train that was interrupted` });
    const profile = flags.text('profile');
    return carryOut(profile === undefined ? plan : { ...plan, profile: resolve(profile) }, out, terminal);
  },
};
