/** What the classifier worker needs tfjs for: where a network looked, and an answer by WebGL. */
import type { Model } from '../engine/exchange/model.js';
import { createViewer, openDevice } from '../engine/gpu/index.js';
import { gradCam, lastCamLayer } from '../engine/insight/grad-cam.js';
import type { Backend } from '../engine/support/settings.js';
import { heatBitmap } from './maps.js';

export interface Seeing {
  /** @param pixels one photo as the network sees it. */
  heat(pixels: Uint8Array<ArrayBuffer>, label: number): Promise<ImageBitmap | null>;
  dispose(): void;
}

export async function openSeeing({ graph, weights }: Model, backend: 'auto' | Backend): Promise<Seeing> {
  const layer = lastCamLayer(graph);
  if (layer === null) return { heat: async () => null, dispose() {} };
  const device = await openDevice(backend);
  const viewer = createViewer(device, graph, weights);
  // One photo at a time: an engine's call has its tensors to itself.
  let last: Promise<unknown> = Promise.resolve();
  return {
    heat(pixels, label) {
      const heat = last.then(() => gradCam(viewer, graph, pixels, layer, label));
      last = heat.catch(() => undefined);
      return heat.then(heatBitmap);
    },
    dispose() {
      viewer.dispose();
      device.close();
    },
  };
}

/** @throws 'gpu-missing'. */
export async function openWebGl({ graph, weights }: Model) {
  const device = await openDevice('webgl');
  const viewer = createViewer(device, graph, weights);
  return {
    kind: 'webgl' as const,
    adapter: device.adapter.description,
    predict: (pixels: Uint8Array<ArrayBuffer>, count: number) => viewer.predict(pixels, count),
    dispose() {
      viewer.dispose();
      device.close();
    },
  };
}
