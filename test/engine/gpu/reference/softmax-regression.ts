import type { PixelBatch } from '../../../../src/engine/gpu/engine.js';
import type { LossSettings, OptimizerSettings } from '../../../../src/engine/support/settings.js';

/** One dense softmax layer over pixels / 255, trained in double precision by the formulas in Keras 3's source: an oracle. */
export function softmaxRegression(initialKernel: ArrayLike<number>, initialBias: ArrayLike<number>, classes: number, optimizer: OptimizerSettings, { labelSmoothing, classWeights }: LossSettings) {
  const kernel = Array.from(initialKernel);
  const bias = Array.from(initialBias);
  const inputs = kernel.length / classes;
  const slots = [kernel, bias].map((weight) => ({ m: weight.map(() => 0), v: weight.map(() => 0) }));
  let iteration = 0;

  const update = (weight: number[], gradient: number[], { m, v }: { m: number[]; v: number[] }): void => {
    weight.forEach((_, i) => {
      const g = gradient[i];
      if (optimizer.kind === 'sgd') {
        m[i] = optimizer.momentum * m[i] - optimizer.learningRate * g;
        weight[i] += m[i];
        return;
      }
      if (optimizer.kind === 'adamw') weight[i] -= weight[i] * optimizer.weightDecay * optimizer.learningRate;
      const alpha = (optimizer.learningRate * Math.sqrt(1 - 0.999 ** iteration)) / (1 - 0.9 ** iteration);
      m[i] += (g - m[i]) * (1 - 0.9);
      v[i] += (g * g - v[i]) * (1 - 0.999);
      weight[i] -= (m[i] * alpha) / (Math.sqrt(v[i]) + 1e-7);
    });
  };

  return {
    kernel,
    bias,
    step({ pixels, labels, size }: PixelBatch): { loss: number; correct: number } {
      iteration++;
      let loss = 0;
      let correct = 0;
      const toKernel = kernel.map(() => 0);
      const toBias = bias.map(() => 0);
      for (let image = 0; image < size; image++) {
        const x = Array.from(pixels.subarray(image * inputs, (image + 1) * inputs), (value) => value / 255);
        const logits = bias.map((b, c) => x.reduce((sum, value, i) => sum + value * kernel[i * classes + c], b));
        const exp = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
        const total = exp.reduce((sum, value) => sum + value, 0);
        const label = labels[image];
        const factor = classWeights?.[label] ?? 1;
        if (logits.indexOf(Math.max(...logits)) === label) correct++;
        exp.forEach((value, c) => {
          const target = (c === label ? 1 - labelSmoothing : 0) + labelSmoothing / classes;
          loss -= factor * target * Math.log(value / total);
          const slope = (factor * (value / total - target)) / size;
          toBias[c] += slope;
          x.forEach((pixel, i) => (toKernel[i * classes + c] += pixel * slope));
        });
      }
      update(kernel, toKernel, slots[0]);
      update(bias, toBias, slots[1]);
      return { loss, correct };
    },
  };
}
