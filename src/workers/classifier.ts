/** Entry of the classifier worker: one model, any photo. */
import { decodeToPixels } from '../engine/data/decode.js';
import { readModel } from '../engine/exchange/formats.js';
import type { Model } from '../engine/exchange/model.js';
import { createViewer, openDevice } from '../engine/gpu/index.js';
import type { TrainingEngine } from '../engine/gpu/engine.js';
import { WinnowError } from '../engine/support/errors.js';
import type { Backend } from '../engine/support/settings.js';
import type { Classification, ClassifierWorker } from './contract.js';
import { serve } from './line.js';

class Classifier implements ClassifierWorker {
  private loaded: { readonly model: Model; readonly engine: TrainingEngine } | null = null;

  async load(file: Blob, backend: 'auto' | Backend): Promise<{ classes: readonly string[]; size: number; arch: string }> {
    const model = await readModel(file);
    // Opening a device closes the one before, and whatever was on it.
    this.loaded?.engine.dispose();
    this.loaded = null;
    const device = await openDevice(backend);
    const engine = createViewer(device, model.graph, model.weights);
    this.loaded = { model, engine };
    const { arch, classes } = model.card;
    return { classes, size: model.graph.input[0], arch };
  }

  async classify(image: Blob): Promise<Classification> {
    if (this.loaded === null) throw new WinnowError('call-invalid', { why: 'No model has been loaded' });
    const { model, engine } = this.loaded;
    const { classes } = model.card;
    const pixels = await decodeToPixels(image, model.graph.input[0]).catch((error: unknown) => {
      throw new WinnowError('image-broken', { source: image instanceof File ? image.name : 'The image' }, { cause: error });
    });
    const from = performance.now();
    const probabilities = await engine.predict(pixels, 1);
    const ms = performance.now() - from;
    const top = Array.from(probabilities, (probability, i) => ({ class: classes[i], probability })).sort((a, b) => b.probability - a.probability);
    return { top, ms };
  }
}

serve(new Classifier());
