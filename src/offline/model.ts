import { decodeToPixels } from '../engine/data/decode.js';
import { decodeBase64 } from '../engine/exchange/html/base64.js';
import type { ModelCard } from '../engine/exchange/card.js';
import { readSafetensors } from '../engine/exchange/safetensors.js';
import { createRuntime, type Runtime } from '../engine/inference/runtime.js';

export interface Answer {
  /** In the order of the classes. */
  readonly probabilities: Float32Array;
  /** From the pixels to the probabilities. */
  readonly ms: number;
}

/** The model that this page carries. */
export interface Loaded {
  readonly card: ModelCard;
  readonly runtime: Runtime;
  classify(photo: Blob): Promise<Answer>;
}

/** @throws WinnowError 'model-broken'. */
export async function loadModel(onFallback: () => void): Promise<Loaded> {
  const holder = document.getElementById('winnow-model');
  const text = holder?.textContent ?? '';
  holder?.remove();
  const { graph, weights, card } = await readSafetensors(decodeBase64(text), 'This page');
  // `?on=javascript` leaves the GPU alone.
  const asked = new URLSearchParams(location.search).get('on');
  const runtime = await createRuntime({ graph, weights }, { on: asked === 'javascript' || asked === 'webgpu' ? asked : 'auto', onFallback });
  return {
    card,
    runtime,
    async classify(photo) {
      const pixels = await decodeToPixels(photo, graph.input[0]);
      const from = performance.now();
      const probabilities = await runtime.predict(pixels, 1);
      return { probabilities, ms: performance.now() - from };
    },
  };
}
