import { expect } from 'chai';
import { architectures, buildGraph } from '../../../src/engine/architectures/index.js';
import { createEngine, openDevice, type Device } from '../../../src/engine/gpu/index.js';
import type { PixelBatch } from '../../../src/engine/gpu/engine.js';
import { scaleWidths } from '../../../src/engine/graph/scale.js';
import { initialWeights } from '../../../src/engine/graph/weights.js';
import { Purpose, Random } from '../../../src/engine/support/random.js';

const SIZE = 32;
const IMAGES = 20;
const CLASSES = 5;
const MOST_STEPS = 600;
/** Training accuracy is looked at every so many steps. */
const ROUND = 5;
/** At full width a software adapter takes hours. */
const eighth = new Set(['vgg16', 'vgg16-gap', 'vgg-light', 'vgg-custom', 'googlenet', 'googlenet-light']);

/** They take a larger rate, and need fewer steps with it. */
const shallow = new Set(['cnn-light', 'cnn-final']);

/** Four coloured squares by four, at random: nothing but its own pattern tells an image's class. */
function memorable(): PixelBatch {
  const random = new Random(7, Purpose.sample);
  const pixels = new Uint8Array(IMAGES * SIZE * SIZE * 3);
  for (let image = 0; image < IMAGES; image++) {
    const squares = Array.from({ length: 16 * 3 }, () => random.below(256));
    for (let i = 0; i < SIZE * SIZE * 3; i++) {
      const [x, y] = [Math.floor(i / 3) % SIZE, Math.floor(i / 3 / SIZE)];
      pixels[image * SIZE * SIZE * 3 + i] = squares[(Math.floor((y * 4) / SIZE) * 4 + Math.floor((x * 4) / SIZE)) * 3 + (i % 3)];
    }
  }
  return { pixels, labels: Uint16Array.from({ length: IMAGES }, (_, image) => image % CLASSES), size: IMAGES };
}

function accuracyOf(probabilities: Float32Array, labels: Uint16Array): number {
  const right = labels.filter((label, image) => {
    const row = [...probabilities.subarray(image * CLASSES, (image + 1) * CLASSES)];
    return row.indexOf(Math.max(...row)) === label;
  });
  return right.length / labels.length;
}

describe('architectures learn', () => {
  const batch = memorable();
  let device: Device;
  before(async () => {
    device = await openDevice('webgpu');
  });
  after(() => device.close());

  for (const { id } of architectures) {
    it(`${id} over-fits ${IMAGES} images to a training accuracy of 1`, async () => {
      const options = id === 'mobilenet' ? { width: 0.25 } : {};
      const graph = scaleWidths(buildGraph(id, { size: SIZE, classes: CLASSES, options }), eighth.has(id) ? 1 / 8 : 1);
      const engine = await createEngine('compiled', device, {
        graph, weights: initialWeights(graph, 1), batch: IMAGES, optimizer: { kind: 'adam', learningRate: shallow.has(id) ? 0.01 : 0.001 }, loss: { labelSmoothing: 0, classWeights: null }, seed: 1,
      });
      try {
        let accuracy = 0;
        let steps = 0;
        for (; accuracy < 1 && steps < MOST_STEPS; steps += ROUND) {
          for (let step = 0; step < ROUND; step++) await engine.step(batch);
          const { correct, images } = await engine.takeSums();
          // Without dropout, and (batch norm's running averages lag) as it trained.
          accuracy = Math.max(accuracyOf(await engine.predict(batch.pixels, IMAGES), batch.labels), correct / images);
        }
        expect(accuracy, `after ${steps} steps`).to.equal(1);
      } finally {
        engine.dispose();
      }
    });
  }
});
