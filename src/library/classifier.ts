import type { Backend } from '../engine/support/settings.js';
import { startClassifier } from '../workers/connect.js';
import type { Classification, ClassifierWorker, ExportForm, LoadedModel, ModelSpeed } from '../workers/contract.js';
import { fetchFile } from '../workers/source.js';

/** One model in a worker of its own, for any number of photos. */
export class Classifier {
  private constructor(
    private readonly worker: { readonly api: ClassifierWorker; terminate(): void },
    readonly model: LoadedModel,
  ) {}

  /**
   * @param model in any form that is read, with a model card.
   * @throws WinnowError 'model-broken', 'gpu-missing'.
   */
  static async open(model: Blob, backend: 'auto' | Backend = 'auto'): Promise<Classifier> {
    const worker = startClassifier();
    try {
      return new Classifier(worker, await worker.api.load(model, backend));
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  /** Class probabilities of a photo (JPEG, PNG, WebP), the most probable first, and the milliseconds they took. @throws WinnowError 'image-broken', 'input-missing'. */
  async classify(photo: Blob | URL): Promise<Classification> {
    return this.worker.api.classify(photo instanceof URL ? await fetchFile(photo) : photo);
  }

  /** Grad-CAM of a class: a picture to lay over the photo; null where the network has no layer with places. The caller closes it. @throws 'image-broken'. */
  explain(photo: Blob, label: number): Promise<ImageBitmap | null> {
    return this.worker.api.explain(photo, label);
  }

  /** How fast the model answers here. */
  measure(): Promise<ModelSpeed> {
    return this.worker.api.measure();
  }

  /** The model in another form, its card and all: tfjs, keras, onnx, safetensors, html, or a keras-project (a zip). */
  exportAs(form: ExportForm): Promise<Blob> {
    return this.worker.api.exportAs(form);
  }

  close(): void {
    this.worker.terminate();
  }
}
