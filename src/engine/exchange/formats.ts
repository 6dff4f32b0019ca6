import { Archive } from './archive.js';
import { looksLikeHtml, readHtml, writeHtml } from './html/file.js';
import { CONFIG_FILE, readKeras, writeKeras } from './keras/file.js';
import { looksLikeHdf5 } from './keras/weights.js';
import { MODEL_FILE, readModelZip, writeModelZip } from './model-zip.js';
import { fileName, reading, type CarriedModel, type Model } from './model.js';
import { looksLikeOnnx, readOnnx } from './onnx/read.js';
import { writeOnnx } from './onnx/write.js';
import { looksLikeSafetensors, readSafetensors, writeSafetensors } from './safetensors.js';
import { refuse } from './schema.js';

/** The forms in which a model is carried away, and how each is called. docs/formats.md says what each keeps. */
export const modelFormats = {
  tfjs: { extension: 'zip', write: async (model: Model) => new Blob([await writeModelZip(model)], { type: 'application/zip' }) },
  keras: { extension: 'keras', write: writeKeras },
  onnx: { extension: 'onnx', write: async (model: Model) => writeOnnx(model) },
  safetensors: { extension: 'safetensors', write: async (model: Model) => writeSafetensors(model) },
  html: { extension: 'html', write: writeHtml },
} as const satisfies Record<string, { extension: string; write(model: Model): Promise<Blob> }>;

export type ModelFormat = keyof typeof modelFormats;

/** Reads a model in any form, told apart by its bytes. @throws WinnowError 'model-broken'. */
export async function readCarriedModel(file: Blob, source = fileName(file)): Promise<CarriedModel> {
  const head = new Uint8Array(await file.slice(0, 16).arrayBuffer());
  if (head[0] === 0x50 && head[1] === 0x4b) {
    const isKeras = await reading(source, () => Archive.read(file, [MODEL_FILE, CONFIG_FILE], async (archive) => archive.has(CONFIG_FILE) && !archive.has(MODEL_FILE)));
    return isKeras ? readKeras(file, source) : readModelZip(file, source);
  }
  if (looksLikeSafetensors(head)) return readSafetensors(file, source);
  if (looksLikeOnnx(head)) return readOnnx(file, source);
  if (looksLikeHtml(head)) return readHtml(file, source);
  if (looksLikeHdf5(head)) return reading(source, async () => refuse('it is an HDF5 file of Keras, of which only a run can begin; a model comes as .keras'));
  return reading(source, async () => refuse('it is neither a model.zip, nor a .keras file, nor safetensors, nor ONNX, nor a page of Winnow'));
}

/** The same, of a model whose card is needed: what its classes are, how it was trained. @throws WinnowError 'model-broken'. */
export async function readModel(file: Blob, source = fileName(file)): Promise<Model> {
  const { card, ...model } = await readCarriedModel(file, source);
  return reading(source, async () => ({ ...model, card: card ?? refuse('it has no model card: another tool has saved it, and its classes are not known') }));
}
