import * as tf from '@tensorflow/tfjs';
import type { Weight } from '../../graph/types.js';
import type { OptimizerSettings } from '../../support/settings.js';
import type { OptimizerState } from '../engine.js';
import { ADAM, adamAlpha, slotNames } from '../slots.js';
import { readTensor, variableOf } from './tensors.js';

/**
 * Keras 3's Adam, AdamW and SGD, gated: where the flag is 0 a step leaves weights and slots as they were, to the bit.
 * The flag multiplies coefficients, and what is not finite goes before it meets the flag, for 0 times NaN is NaN.
 */
export class Optimizer {
  /** Steps taken, bad ones too. */
  step = 0;
  learningRate: number;
  private readonly slots = new Map<string, tf.Variable>();

  constructor(
    private readonly settings: OptimizerSettings,
    private readonly weights: ReadonlyMap<string, tf.Variable>,
  ) {
    this.learningRate = settings.learningRate;
    for (const [name, weight] of weights) {
      for (const slot of slotNames(settings.kind)) this.slots.set(`${name}/${slot}`, tf.tidy(() => tf.variable(tf.zeros(weight.shape))));
    }
  }

  /**
   * @param gradients by weight. @param finite where each is finite; all true where the flag is 1. @param flag scalar, 1 or 0.
   * Called when {@link step} has been counted on.
   */
  apply(gradients: ReadonlyMap<string, tf.Tensor>, finite: ReadonlyMap<string, tf.Tensor>, flag: tf.Tensor): void {
    for (const [name, weight] of this.weights) {
      tf.tidy(() => {
        // Any finite tensor of the shape will do in place of what is not: the flag makes it 0.
        const gradient = tf.mul(tf.where(finite.get(name)!, gradients.get(name)!, weight), flag);
        if (this.settings.kind === 'sgd') this.sgd(name, weight, gradient, flag, this.settings.momentum);
        else this.adam(name, weight, gradient, flag, this.settings.kind === 'adamw' ? this.settings.weightDecay : 0);
      });
    }
  }

  private adam(name: string, weight: tf.Variable, gradient: tf.Tensor, flag: tf.Tensor, weightDecay: number): void {
    const [m, v] = [this.slots.get(`${name}/m`)!, this.slots.get(`${name}/v`)!];
    m.assign(tf.add(m, tf.mul(tf.sub(gradient, m), tf.mul(flag, 1 - ADAM.beta1))));
    v.assign(tf.add(v, tf.mul(tf.sub(tf.square(gradient), v), tf.mul(flag, 1 - ADAM.beta2))));
    const change = tf.div(tf.mul(m, tf.mul(flag, adamAlpha(this.learningRate, this.step))), tf.add(tf.sqrt(v), ADAM.epsilon));
    const decayed = weightDecay === 0 ? weight : tf.sub(weight, tf.mul(weight, tf.mul(flag, weightDecay * this.learningRate)));
    weight.assign(tf.sub(decayed, change));
  }

  private sgd(name: string, weight: tf.Variable, gradient: tf.Tensor, flag: tf.Tensor, momentum: number): void {
    const velocity = this.slots.get(`${name}/velocity`)!;
    const kept = tf.add(1, tf.mul(flag, momentum - 1));
    velocity.assign(tf.sub(tf.mul(velocity, kept), tf.mul(gradient, this.learningRate)));
    weight.assign(tf.add(weight, tf.mul(velocity, flag)));
  }

  async read(): Promise<OptimizerState> {
    const slots = await Promise.all([...this.slots].map(([name, slot]): Promise<Weight> => readTensor(name, slot)));
    return { step: this.step, slots };
  }

  write(state: OptimizerState): void {
    this.step = state.step;
    for (const slot of state.slots) variableOf(this.slots, slot.name).assign(tf.tensor(slot.data.slice(), [...slot.shape]));
  }

  dispose(): void {
    tf.dispose([...this.slots.values()]);
  }
}
