/**
 * Counter-based randomness: the value at a counter depends on nothing but the counter, so a shuffle, a dropout mask or
 * a perturbation is the same whenever and wherever (JavaScript or WGSL) it is drawn.
 *
 * pcg4d: Jarzynski and Olano, "Hash Functions for GPU Rendering", JCGT 9(3), 2020.
 * @returns four uniform uint32 for four uint32 counters.
 */
export function pcg4d(a: number, b: number, c: number, d: number): [number, number, number, number] {
  let x = (Math.imul(a, 1664525) + 1013904223) | 0;
  let y = (Math.imul(b, 1664525) + 1013904223) | 0;
  let z = (Math.imul(c, 1664525) + 1013904223) | 0;
  let w = (Math.imul(d, 1664525) + 1013904223) | 0;
  for (let round = 0; round < 2; round++) {
    x = (x + Math.imul(y, w)) | 0;
    y = (y + Math.imul(z, x)) | 0;
    z = (z + Math.imul(x, y)) | 0;
    w = (w + Math.imul(y, z)) | 0;
    if (round === 0) {
      x ^= x >>> 16;
      y ^= y >>> 16;
      z ^= z >>> 16;
      w ^= w >>> 16;
    }
  }
  return [x >>> 0, y >>> 0, z >>> 0, w >>> 0];
}

/** What a stream of random numbers is for: two purposes under one seed never share a stream. */
export const Purpose = { weights: 1, split: 2, shuffle: 3, dropout: 4, augment: 5, perturb: 6, synthesis: 7, sample: 8, prune: 9 } as const;
export type Purpose = (typeof Purpose)[keyof typeof Purpose];

/** A seeded stream: `new Random(seed, Purpose.shuffle, epoch)`. */
export class Random {
  private counter = 0;
  private buffer: number[] = [];

  constructor(
    private readonly seed: number,
    private readonly purpose: Purpose,
    private readonly lane = 0,
  ) {}

  /** Uniform integer in [0, 2^32). */
  uint32(): number {
    if (this.buffer.length === 0) this.buffer = pcg4d(this.seed, this.purpose, this.lane, this.counter++);
    return this.buffer.pop()!;
  }

  /** Uniform float in [0, 1), 24 bits: exact in float32, so WGSL draws the same value from the same uint32. */
  uniform(): number {
    return (this.uint32() >>> 8) / 0x1000000;
  }

  /** Uniform float in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Uniform integer in [0, n), n up to 2^32. */
  below(n: number): number {
    return Math.floor((this.uint32() / 0x100000000) * n);
  }

  /** Standard normal (Box and Muller). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** In-place Fisher-Yates shuffle; returns its argument. */
  shuffle<T extends { length: number; [index: number]: number } | unknown[]>(items: T): T {
    const list = items as { length: number; [index: number]: unknown };
    for (let i = list.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [list[i], list[j]] = [list[j], list[i]];
    }
    return items;
  }
}
