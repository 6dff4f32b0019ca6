/** What a model is worth and what it costs. */
export interface Worth {
  /** 0 to 1. */
  readonly accuracy: number;
  readonly bytes: number;
  readonly macs: number;
  readonly latencyMs: number;
  readonly peakGpuBytes: number;
}

/** Latencies nearer to each other than this share are equal: they are measured, and no two measurements agree. */
const LATENCY_NOISE = 0.05;

/** Places of the models that no other beats: none is at least as good in everything and better in something. */
export function front(models: readonly Worth[]): number[] {
  return [...models.keys()].filter((place) => !models.some((other) => beats(other, models[place])));
}

function beats(a: Worth, b: Worth): boolean {
  const latency = Math.abs(a.latencyMs - b.latencyMs) <= LATENCY_NOISE * b.latencyMs ? 0 : b.latencyMs - a.latencyMs;
  const gains = [a.accuracy - b.accuracy, b.bytes - a.bytes, b.macs - a.macs, latency, b.peakGpuBytes - a.peakGpuBytes];
  return gains.every((gain) => gain >= 0) && gains.some((gain) => gain > 0);
}
