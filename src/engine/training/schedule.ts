import type { ScheduleSettings } from '../support/settings.js';

/** The learning rate over the life of a run. */
export interface Schedule {
  /** For the step after `taken` ones. */
  rate(taken: number): number;
  /** After each epoch. */
  observe(validationLoss: number): void;
}

/** Keras's ReduceLROnPlateau: the least improvement that counts. */
const MIN_DELTA = 1e-4;

/**
 * @param learningRate the first.
 * @param steps an epoch. @param epochs that the run may last.
 */
export function createSchedule(settings: ScheduleSettings, learningRate: number, steps: number, epochs: number): Schedule {
  const observe = (): void => {};
  switch (settings.kind) {
    case 'constant':
      return { rate: () => learningRate, observe };
    case 'cosine': {
      const last = steps * epochs;
      const share = (taken: number) => (1 + Math.cos((Math.PI * Math.min(taken, last)) / last)) / 2;
      return { rate: (taken) => learningRate * ((1 - settings.alpha) * share(taken) + settings.alpha), observe };
    }
    case 'step':
      return { rate: (taken) => learningRate * settings.factor ** Math.floor(taken / (steps * settings.every)), observe };
    case 'plateau':
      return new Plateau(settings, learningRate);
  }
}

class Plateau implements Schedule {
  private best = Infinity;
  private waited = 0;

  constructor(
    private readonly settings: Extract<ScheduleSettings, { kind: 'plateau' }>,
    private learningRate: number,
  ) {}

  rate(): number {
    return this.learningRate;
  }

  observe(validationLoss: number): void {
    const { factor, patience, least } = this.settings;
    if (validationLoss < this.best - MIN_DELTA) {
      this.best = validationLoss;
      this.waited = 0;
    } else if (++this.waited >= patience && this.learningRate > least) {
      this.learningRate = Math.max(this.learningRate * factor, least);
      this.waited = 0;
    }
  }
}
