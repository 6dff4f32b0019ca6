/** Numbers as the report writes them: English, decimal point. */

export function formatAccuracy(share: number): string {
  return share.toFixed(4);
}

export function formatInteger(value: number): string {
  return value.toLocaleString('en');
}

/** A count with a decimal prefix: 167.9 M, 1.20 G. */
export function formatCount(value: number): string {
  if (value >= 1e9) return `${(value / 1e9).toFixed(2)} G`;
  if (value >= 1e6) return `${(value / 1e6).toFixed(1)} M`;
  if (value >= 1e3) return `${(value / 1e3).toFixed(1)} k`;
  return formatInteger(value);
}

/** 35 s, 4 min 10 s, 1 h 5 min. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.round((whole % 3600) / 60)} min`;
}

/** p = 0.031, p < 0.001. */
export function formatP(p: number): string {
  return p < 0.001 ? 'p < 0.001' : `p = ${p.toFixed(3)}`;
}
