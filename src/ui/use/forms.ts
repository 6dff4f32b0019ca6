import { msg } from '@lit/localize';
import type { ExportForm } from '../../workers/contract.js';

export interface FormInfo {
  readonly form: ExportForm;
  readonly extension: string;
  /** About how large, from the bytes of the weights. */
  size(weightBytes: number): number;
  title(): string;
  use(): string;
}

/** Beside the weights: of the page its own script and style; of the others a graph and a card. */
const PAGE_BYTES = 94_000;
const SMALL_BYTES = 8_000;
const plain = (weights: number): number => weights + SMALL_BYTES;

/** The forms in the order in which most people want them. */
export const forms: readonly FormInfo[] = [
  {
    form: 'html', extension: 'html', size: (weights) => Math.round((weights * 4) / 3) + PAGE_BYTES,
    title: () => msg('A page of its own (HTML)', { id: 'use.form-html' }),
    use: () => msg('One file that classifies photos when it is opened, on any computer or phone with a browser, without a network. Send it by mail.', { id: 'use.for-html' }),
  },
  {
    form: 'onnx', extension: 'onnx', size: plain,
    title: () => msg('ONNX', { id: 'use.form-onnx' }),
    use: () => msg('For programs in Python, C#, Java, C++ and JavaScript, by onnxruntime; takes the pixels as a decoder gives them.', { id: 'use.for-onnx' }),
  },
  {
    form: 'keras', extension: 'keras', size: plain,
    title: () => msg('Keras', { id: 'use.form-keras' }),
    use: () => msg('For Python: keras.models.load_model reads it, to use it or to train it further.', { id: 'use.for-keras' }),
  },
  {
    form: 'keras-project', extension: 'zip', size: (weights) => plain(weights) + SMALL_BYTES,
    title: () => msg('A Keras project', { id: 'use.form-project' }),
    use: () => msg('For when this computer is not enough: a folder that goes on with this very run in Python, on one machine or on many.', { id: 'use.for-project' }),
  },
  {
    form: 'tfjs', extension: 'zip', size: plain,
    title: () => msg('TensorFlow.js', { id: 'use.form-tfjs' }),
    use: () => msg('For a web page of your own with TensorFlow.js, and for the terminal of Winnow.', { id: 'use.for-tfjs' }),
  },
  {
    form: 'safetensors', extension: 'safetensors', size: plain,
    title: () => msg('safetensors', { id: 'use.form-safetensors' }),
    use: () => msg('The weights and the configuration in the plainest form there is, for whatever reads tensors.', { id: 'use.for-safetensors' }),
  },
];
