import { buildGraph } from '../engine/architectures/index.js';
import { summaryJson, summaryText } from '../engine/graph/summary.js';
import { onePositional, type Command } from './command.js';
import { readOptions } from './options.js';

export const summary: Command = {
  usage: 'summary ID [--size 224] [--classes 5] [--options JSON]',
  summary: 'the summary table of an architecture, and what it costs',
  options: { size: { type: 'string' }, classes: { type: 'string' }, options: { type: 'string' } },
  async run(positionals, flags, terminal) {
    const arch = onePositional(positionals, 'summary takes the id of one architecture');
    const size = flags.number('size', 224, { least: 1, most: 65536, whole: true });
    const classes = flags.number('classes', 5, { least: 2, most: 1000, whole: true });
    const graph = buildGraph(arch, { size, classes, options: readOptions(flags).architecture });
    terminal.print(terminal.json ? JSON.stringify(summaryJson(arch, graph), null, 2) : summaryText(arch, graph).trimEnd());
    return 0;
  },
};
