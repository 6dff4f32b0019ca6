/** A scale of a chart: data to pixels, with the ticks that label it. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** @param range pixels at the low and the high end. */
export function linearScale([low, high]: readonly [number, number], range: readonly [number, number], wanted = 5): Scale {
  const step = niceStep((high - low) / wanted);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return {
    at: (value) => range[0] + ((value - low) / (high - low)) * (range[1] - range[0]),
    ticks: Array.from({ length: last - first + 1 }, (_, index) => Number(((first + index) * step).toPrecision(12))),
  };
}

/** Both ends above 0. */
export function logScale([low, high]: readonly [number, number], range: readonly [number, number]): Scale {
  const { at } = linearScale([Math.log10(low), Math.log10(high)], range);
  const decades = Math.log10(high / low);
  // Within less than a decade there may be no round power in sight.
  if (decades < 0.8) return { at: (value) => at(Math.log10(value)), ticks: linearScale([low, high], range).ticks };
  const mantissas = decades > 3 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const mantissa of mantissas) {
      const tick = Number((mantissa * 10 ** power).toPrecision(2));
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  return { at: (value) => at(Math.log10(value)), ticks };
}

/** The least of 1, 2, 5 times a power of ten that is not under `step`. */
export function niceStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step));
  return [1, 2, 5, 10].find((factor) => factor * power >= step * (1 - 1e-9))! * power;
}

/** Pixels to a tenth: more digits only make the file longer. */
export function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
