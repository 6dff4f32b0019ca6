import type { Interval } from '../storage/records.js';

/** Two-sided 95 % of the standard normal. */
const Z = 1.959963984540054;

/**
 * 95 % score interval of a share: Wilson, J. Am. Stat. Assoc. 22, 1927. Keeps within 0 and 1, and has width where the share is 0 or 1.
 * @param hits 0 to `total`. With a total of 0 nothing is known: [0, 1].
 */
export function wilson(hits: number, total: number): Interval {
  if (total === 0) return [0, 1];
  const share = hits / total;
  const shrink = 1 + (Z * Z) / total;
  const centre = (share + (Z * Z) / (2 * total)) / shrink;
  const half = (Z / shrink) * Math.sqrt((share * (1 - share)) / total + (Z * Z) / (4 * total * total));
  // At 0 and 1 the bound is exact; rounding must not leave it a hair inside.
  return [hits === 0 ? 0 : centre - half, hits === total ? 1 : centre + half];
}

/**
 * Do two models that saw the same photos differ? McNemar's test on the photos that exactly one of them had right, by
 * the mid-p value (Fagerland et al., BMC Med. Res. Methodol. 13:91, 2013: neither as timid as the exact test nor as bold as chi-squared).
 * @returns two-sided p, 0 to 1; 1 where the models agree on every photo.
 */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  const total = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  // Binomial(total, 1/2) in logarithms: 2^-total underflows beyond 1074 photos.
  let logChoose = 0;
  let tail = 0;
  let last = 0;
  for (let k = 0; k <= fewer; k++) {
    if (k > 0) logChoose += Math.log((total - k + 1) / k);
    last = Math.exp(logChoose - total * Math.LN2);
    tail += last;
  }
  return Math.min(1, 2 * tail - last);
}

/**
 * By how much the first model's accuracy on the same photos is higher than the second's, with its 95 % interval: Wald's on the
 * photos that exactly one had right, one added to each of the two counts (Bonett and Price, J. Educ. Behav. Stat. 37:479, 2012).
 * @param total photos, at least 1.
 */
export function pairedDifference(onlyFirst: number, onlySecond: number, total: number): { readonly difference: number; readonly interval: Interval } {
  const first = (onlyFirst + 1) / (total + 2);
  const second = (onlySecond + 1) / (total + 2);
  const half = Z * Math.sqrt((first + second - (first - second) ** 2) / (total + 2));
  return { difference: (onlyFirst - onlySecond) / total, interval: [Math.max(-1, first - second - half), Math.min(1, first - second + half)] };
}
