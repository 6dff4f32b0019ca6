import { html, nothing } from 'lit';
import { msg } from '@lit/localize';
import type { ModelCard } from '../../engine/exchange/card.js';
import { modelCard } from '../classifier/card.js';

/** The file that a run begins with, and the card of what was chosen. */
export function weightsField(card: ModelCard | null, onChoose: (file: File | null) => void) {
  return html`
    <div class="field">
      <label for="model">${msg('Begin with the weights of', { id: 'training.model' })}</label>
      <span class="entry"><input id="model" type="file" accept=".zip,.keras,.safetensors,.onnx,.html,.h5,.hdf5" aria-describedby="model-hint" @change=${(event: Event) => onChoose((event.target as HTMLInputElement).files?.[0] ?? null)} /></span>
      <p id="model-hint" class="small muted">${msg('A model, or Keras’s weights (.h5), whose layers before the head are the same: VGG16’s for VGG16 pooled and VGG light. None: weights are drawn by the seed.', { id: 'training.model-reason' })}</p>
      <div class="small" aria-live="polite">${card ? modelCard(card) : nothing}</div>
    </div>
  `;
}

/** Read in a worker of its own, which ends with it. Null of weights without a card; what does not fit, the run itself says. */
export async function cardOf(file: File): Promise<ModelCard | null> {
  const { startClassifier } = await import('../../workers/connect.js');
  const worker = startClassifier();
  try {
    return (await worker.api.load(file, 'cpu')).card;
  } catch {
    return null;
  } finally {
    worker.terminate();
  }
}
