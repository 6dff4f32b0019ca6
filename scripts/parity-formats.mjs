import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildForNode } from './build.mjs';
import { root } from './project.mjs';

/**
 * Writes the ten networks in every form that a model is carried away in, has Keras, onnxruntime and safetensors load them and compare
 * their answers with the reference engine's, and reads back what Keras saved.
 * @param {(command: string, args: string[]) => void} run throws where the command fails
 * @param {string} python of the environment with test/keras/requirements.txt
 * @param {string} folder for the files; emptied
 */
export async function proveFormats(run, python, folder) {
  const built = join(folder, 'node');
  const models = join(folder, 'models');
  rmSync(folder, { recursive: true, force: true });
  await buildForNode({ formats: join(root, 'test/keras/formats.ts') }, built);
  const node = join(built, 'formats.js');
  run(process.execPath, [node, 'write', models]);
  run(python, [join(root, 'test/keras/formats.py'), models]);
  run(process.execPath, [node, 'read', models]);
}
