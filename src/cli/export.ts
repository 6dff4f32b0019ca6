import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { modelFormats, readModel, type ModelFormat } from '../engine/exchange/formats.js';
import { writeKerasProject } from '../engine/exchange/keras-project/project.js';
import { formatBytes } from '../engine/graph/summary.js';
import { WinnowError } from '../engine/support/errors.js';
import { onePositional, type Command } from './command.js';
import { exitCodes } from './exit-codes.js';
import { cardText, modelFile } from './model.js';

const formats = Object.keys(modelFormats) as ModelFormat[];
const PROJECT = 'keras-project';

/** Runs in Node alone: a model's bytes go from one form to another, and no weight is computed. */
export const exportModel: Command = {
  usage: `export MODEL --to ${[...formats, PROJECT].join('|')} --out PATH`,
  summary: 'a model in another form: a tfjs layers model (zip), a Keras 3 file, ONNX, safetensors, one HTML file that classifies on its own, or a folder that trains on in Keras; each holds the model card',
  options: { to: { type: 'string' }, out: { type: 'string' } },

  async run(positionals, flags, terminal) {
    const named = onePositional(positionals, 'export takes one MODEL');
    const to = flags.required('to');
    const format = formats.find((name) => name === to);
    if (!format && to !== PROJECT) throw new WinnowError('call-invalid', { why: `there is no form ${to}; there are ${[...formats, PROJECT].join(', ')}` });
    const out = flags.required('out');
    const path = await modelFile(named);

    const model = await readModel(new File([await readFile(path)], basename(path)), path);
    const bytes = format ? await writeOne(out, await modelFormats[format].write(model)) : await writeFolder(out, await writeKerasProject(model));
    const { arch, classes } = model.card;
    terminal.progress.note(cardText(model.card));
    if (terminal.json) terminal.print(JSON.stringify({ model: path, format: to, path: out, bytes, arch, classes }, null, 2));
    else terminal.print(`${arch} as ${to}: ${out}, ${formatBytes(bytes)}`);
    return exitCodes.done;
  },
};

async function writeOne(out: string, file: Blob): Promise<number> {
  await writing(out, async () => {
    await mkdir(dirname(resolve(out)), { recursive: true });
    await writeFile(out, file.stream());
  });
  return file.size;
}

/** Into a folder that is new or empty: nobody's train.py is written over. */
async function writeFolder(out: string, files: ReadonlyMap<string, Blob>): Promise<number> {
  await writing(out, async () => {
    await mkdir(resolve(out), { recursive: true });
    if ((await readdir(out)).length > 0) throw new Error('the folder is not empty');
    for (const [name, file] of files) await writeFile(join(out, name), file.stream());
  });
  return [...files.values()].reduce((sum, { size }) => sum + size, 0);
}

async function writing(out: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    throw new WinnowError('call-invalid', { why: `--out ${out} cannot be written: ${error instanceof Error ? error.message : String(error)}` }, { cause: error });
  }
}
