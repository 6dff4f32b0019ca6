/** Of a logarithmic axis from `least` to `most`, both above 0, `width` pixels wide: powers of ten, with steps between where they would be few; none closer than a label is wide. */
export function costTicks(least: number, most: number, width: number): number[] {
  const decades = Math.log10(most / least);
  const steps = decades > 2 ? [1] : decades > 1 ? [1, 3] : [1, 2, 5];
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(least)); power <= Math.log10(most); power++) {
    for (const step of steps) {
      const tick = power < 0 ? step / 10 ** -power : step * 10 ** power;
      if (tick >= least && tick <= most) ticks.push(tick);
    }
  }
  const every = Math.ceil(ticks.length / Math.max(1, Math.floor(width / 80)));
  return ticks.filter((_, index) => index % every === 0);
}

/** 10.00 M as 10 M: a tick is a round number. */
export function tickText(formatted: string): string {
  return formatted.replace(/[.,]0+(?=\D|$)/, '');
}
