/** Entry of the classifier worker: one model, any photo. tfjs is fetched only where WebGL is asked for, or where the network looked. */
import { decodeToPixels } from '../engine/data/decode.js';
import type { Model } from '../engine/exchange/model.js';
import { modelFormats, readModel } from '../engine/exchange/formats.js';
import { graphCosts } from '../engine/graph/costs.js';
import { createRuntime, type Runtime } from '../engine/inference/runtime.js';
import { toErrorData, WinnowError, type ErrorData } from '../engine/support/errors.js';
import type { Backend } from '../engine/support/settings.js';
import { classifierChecks } from './checks.js';
import type { Classification, ClassifierWorker, ExportForm, LoadedModel, ModelSpeed } from './contract.js';
import { serve, transfer } from './line.js';

/** Photos that are computed at once, where their activations fit in so much memory. */
const MOST_BATCH = 32;
const MOST_ACTIVATION_BYTES = 2 ** 28;
const WARM_UP = 2;
const MEASURED_MS = 1500;

interface Answering extends Pick<Runtime, 'predict' | 'adapter' | 'dispose'> {
  readonly kind: LoadedModel['kind'];
}

class Classifier implements ClassifierWorker {
  private loaded: { readonly model: Model; readonly runtime: Answering; readonly batch: number; readonly backend: 'auto' | Backend } | null = null;
  private seeing: Promise<import('./seeing.js').Seeing> | null = null;

  async load(file: Blob, backend: 'auto' | Backend): Promise<LoadedModel> {
    const model = await readModel(file);
    const { graph, weights, card } = model;
    const costs = graphCosts(graph);
    const batch = Math.max(1, Math.min(MOST_BATCH, Math.floor(MOST_ACTIVATION_BYTES / costs.activationBytes)));
    this.unload();
    const runtime = backend === 'webgl' ? await (await import('./seeing.js')).openWebGl(model) : await createRuntime({ graph, weights }, { on: backend === 'cpu' ? 'javascript' : backend, batch });
    this.loaded = { model, runtime, batch, backend };
    return { arch: card.arch, classes: card.classes, size: graph.input[0], card, kind: runtime.kind, adapter: runtime.adapter, weightBytes: costs.bytes };
  }

  async classify(image: Blob): Promise<Classification> {
    const { model, runtime } = this.current();
    const pixels = await this.pixels(image);
    const from = performance.now();
    const probabilities = await runtime.predict(pixels, 1);
    return ranked(model, probabilities, performance.now() - from);
  }

  async classifyAll(images: readonly Blob[]): Promise<(Classification | { readonly error: ErrorData })[]> {
    const { model, runtime } = this.current();
    const { graph } = model;
    const decoded = await Promise.all(images.map((image) => this.pixels(image).catch((error: unknown) => ({ error: toErrorData(error, 'image-broken') }))));
    const photos = decoded.filter((each) => each instanceof Uint8Array);
    const pixels = new Uint8Array(photos.length * graph.input[0] * graph.input[1] * 3);
    photos.forEach((photo, i) => pixels.set(photo, i * photo.length));
    const from = performance.now();
    const probabilities = await runtime.predict(pixels, photos.length);
    const ms = (performance.now() - from) / photos.length;
    let next = 0;
    return decoded.map((each) => (each instanceof Uint8Array ? ranked(model, probabilities.subarray(next * graph.classes, ++next * graph.classes), ms) : each));
  }

  async explain(image: Blob, label: number): Promise<ImageBitmap | null> {
    const { model, backend } = this.current();
    const pixels = await this.pixels(image);
    this.seeing ??= import('./seeing.js').then(({ openSeeing }) => openSeeing(model, backend));
    const bitmap = await (await this.seeing).heat(pixels, label);
    return bitmap && transfer(bitmap, [bitmap]);
  }

  async measure(): Promise<ModelSpeed> {
    const { model, runtime, batch } = this.current();
    const time = async (count: number) => {
      const photos = new Uint8Array(count * model.graph.input[0] * model.graph.input[1] * 3).fill(127);
      const times: number[] = [];
      for (let run = 0; run < WARM_UP; run++) await runtime.predict(photos, count);
      const from = performance.now();
      do {
        const start = performance.now();
        await runtime.predict(photos, count);
        times.push(performance.now() - start);
      } while (performance.now() - from < MEASURED_MS);
      return times.sort((a, b) => a - b)[times.length >> 1];
    };
    const latencyMs = await time(1);
    const batchMs = batch === 1 ? latencyMs : await time(batch);
    const speed: ModelSpeed = { adapter: runtime.adapter, backend: runtime.kind === 'javascript' ? 'cpu' : runtime.kind, latencyMs, imagesPerSecond: (batch * 1000) / batchMs };
    // What is exported from now on says so; the model may have been changed meanwhile.
    if (this.loaded?.model === model) this.loaded = { ...this.loaded, model: { ...model, card: { ...model.card, speed } } };
    return speed;
  }

  async exportAs(form: ExportForm): Promise<Blob> {
    const { model } = this.current();
    if (form === 'keras-project') return (await import('../engine/exchange/keras-project/project.js')).zipKerasProject(model);
    return modelFormats[form].write(model);
  }

  private current(): NonNullable<Classifier['loaded']> {
    if (this.loaded === null) throw new WinnowError('call-invalid', { why: 'No model has been loaded' });
    return this.loaded;
  }

  private pixels(image: Blob): Promise<Uint8Array<ArrayBuffer>> {
    return decodeToPixels(image, this.current().model.graph.input[0]).catch((error: unknown) => {
      throw new WinnowError('image-broken', { source: image instanceof File ? image.name : 'The image' }, { cause: error });
    });
  }

  private unload(): void {
    this.loaded?.runtime.dispose();
    this.loaded = null;
    void this.seeing?.then((seeing) => seeing.dispose());
    this.seeing = null;
  }
}

function ranked({ card }: Model, probabilities: Float32Array, ms: number): Classification {
  return { top: Array.from(probabilities, (probability, i) => ({ class: card.classes[i], probability })).sort((a, b) => b.probability - a.probability), ms };
}

serve(new Classifier(), classifierChecks);
