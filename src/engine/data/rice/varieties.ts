/**
 * What a grain of each variety looks like, photographed one at a time on black, 250 x 250 pixels.
 * Where each number comes from is told in docs/synthetic-rice.md; lengths are pixels, colours 0 to 255.
 */
export interface Variety {
  readonly name: string;
  /** Major axis of a grain: mean and standard deviation. */
  readonly length: readonly [mean: number, deviation: number];
  /** Major over minor axis. */
  readonly aspect: readonly [mean: number, deviation: number];
  /** Exponent of the outline |u|^n + |v|^n = 1: 2 is an ellipse, more is blunter. */
  readonly bluntness: number;
  /** Bow of the centre line, as a share of the width: standard deviation. */
  readonly bow: number;
  /** Difference of width between the two ends, as a share: standard deviation. */
  readonly taper: number;
  readonly colour: readonly [red: number, green: number, blue: number];
  /** 0 is opaque (dark at the rim, as a lit ball), 1 glassy (an even body with a bright rim). */
  readonly translucency: number;
  /** Brightness that the chalky core adds, 0 to 1: mean; it varies from none to twice that. */
  readonly chalk: number;
}

export const varieties: readonly Variety[] = [
  { name: 'Arborio', length: [132, 7], aspect: [1.96, 0.13], bluntness: 2.15, bow: 0.05, taper: 0.05, colour: [176, 177, 179], translucency: 0.3, chalk: 0.3 },
  { name: 'Basmati', length: [204, 11], aspect: [4.22, 0.36], bluntness: 1.9, bow: 0.16, taper: 0.06, colour: [176, 172, 162], translucency: 0.6, chalk: 0.05 },
  { name: 'Ipsala', length: [193, 10], aspect: [2.15, 0.14], bluntness: 2.1, bow: 0.06, taper: 0.05, colour: [204, 192, 160], translucency: 0.75, chalk: 0.04 },
  { name: 'Jasmine', length: [144, 8], aspect: [3.08, 0.25], bluntness: 1.95, bow: 0.12, taper: 0.06, colour: [208, 209, 211], translucency: 0.65, chalk: 0.06 },
  { name: 'Karacadag', length: [118, 6], aspect: [1.61, 0.11], bluntness: 2.25, bow: 0.03, taper: 0.04, colour: [222, 202, 160], translucency: 0.3, chalk: 0.12 },
];
