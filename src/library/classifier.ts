import type { Backend } from '../engine/support/settings.js';
import { startClassifier } from '../workers/connect.js';
import type { Classification, ClassifierWorker } from '../workers/contract.js';
import { fetchFile } from '../workers/source.js';

/** One model in a worker of its own, for any number of photos. */
export class Classifier {
  private constructor(
    private readonly worker: { readonly api: ClassifierWorker; terminate(): void },
    /** Names, in the order of the model's answers. */
    readonly classes: readonly string[],
    /** Side of the square that photos are resized to, pixels. */
    readonly size: number,
    readonly arch: string,
  ) {}

  /**
   * @param model in any form that is read, with a model card.
   * @throws WinnowError 'model-broken', 'gpu-missing'.
   */
  static async open(model: Blob, backend: 'auto' | Backend = 'auto'): Promise<Classifier> {
    const worker = startClassifier();
    try {
      const { classes, size, arch } = await worker.api.load(model, backend);
      return new Classifier(worker, classes, size, arch);
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  /** Class probabilities of a photo (JPEG, PNG, WebP), the most probable first, and the milliseconds they took. @throws WinnowError 'image-broken', 'input-missing'. */
  async classify(photo: Blob | URL): Promise<Classification> {
    return this.worker.api.classify(photo instanceof URL ? await fetchFile(photo) : photo);
  }

  close(): void {
    this.worker.terminate();
  }
}
