import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { modelFormats, readModel, type ModelFormat } from '../engine/exchange/formats.js';
import { formatBytes } from '../engine/graph/summary.js';
import { WinnowError } from '../engine/support/errors.js';
import { kindOf, onePositional, type Command } from './command.js';
import { exitCodes } from './exit-codes.js';

const formats = Object.keys(modelFormats) as ModelFormat[];
/** In the contract, to come. */
const unbuilt = ['html', 'keras-project'];

/** Runs in Node alone: a model's bytes go from one form to another, and no weight is computed. */
export const exportModel: Command = {
  usage: 'export MODEL --to tfjs|keras|onnx|safetensors --out PATH',
  summary: 'a model in another form: a tfjs layers model (zip), a Keras 3 file, ONNX, safetensors; each holds the model card',
  options: { to: { type: 'string' }, out: { type: 'string' } },

  async run(positionals, flags, terminal) {
    const path = onePositional(positionals, 'export takes one MODEL');
    const to = flags.required('to');
    if (unbuilt.includes(to)) throw new WinnowError('call-invalid', { why: `export --to ${to} is not built yet` });
    const format = formats.find((name) => name === to);
    if (!format) throw new WinnowError('call-invalid', { why: `there is no form ${to}; there are ${formats.join(', ')}` });
    const out = flags.required('out');
    if ((await kindOf(path)) === 'folder') throw new WinnowError('model-broken', { source: path, why: 'it is a folder' });

    const model = await readModel(new File([await readFile(path)], basename(path)), path);
    const file = await modelFormats[format].write(model);
    await write(out, file);
    const { arch, classes } = model.card;
    if (terminal.json) terminal.print(JSON.stringify({ model: path, format, path: out, bytes: file.size, arch, classes }, null, 2));
    else terminal.print(`${arch} as ${format}: ${out}, ${formatBytes(file.size)}`);
    return exitCodes.done;
  },
};

async function write(out: string, file: Blob): Promise<void> {
  try {
    await mkdir(dirname(resolve(out)), { recursive: true });
    await writeFile(out, file.stream());
  } catch (error) {
    throw new WinnowError('call-invalid', { why: `--out ${out} cannot be written: ${error instanceof Error ? error.message : String(error)}` }, { cause: error });
  }
}
