import type { Viewer } from '../gpu/engine.js';
import { followers } from '../graph/followers.js';
import { inferShapes } from '../graph/shapes.js';
import type { LayerGraph } from '../graph/types.js';
import { WinnowError } from '../support/errors.js';

/** Where a network looked to find a class in a photo. */
export interface GradCam {
  readonly layer: string;
  /** Index of the class. */
  readonly label: number;
  readonly height: number;
  readonly width: number;
  /** height x width, row by row: how much each place of the layer speaks for the class, 0 to 1, the largest 1; all 0 where none does. */
  readonly heat: Float32Array<ArrayBuffer>;
  /** What the largest was before it was scaled to 1, in units of the class's score. */
  readonly peak: number;
}

/**
 * The layers that Grad-CAM can be taken at, in order: the end of every convolution (after the batch norm and activation that
 * follow it), and where branches meet.
 */
export function camLayers(graph: LayerGraph): string[] {
  const shapes = inferShapes(graph);
  const ends = graph.layers.flatMap(({ name, type }) => {
    if (type === 'concat') return [name];
    return type === 'conv2d' || type === 'depthwiseConv2d' ? [followers(graph, name).at(-1)?.name ?? name] : [];
  });
  return ends.filter((name) => shapes.get(name)!.length === 3);
}

/** The last of {@link camLayers} that nothing goes round: an inception module as a whole, not the last of its branches. Null without one. */
export function lastCamLayer(graph: LayerGraph): string | null {
  const places = new Map(graph.layers.map(({ name }, place) => [name, place]));
  const whole = (name: string): boolean => {
    const place = places.get(name)!;
    return graph.layers.slice(place + 1).every(({ inputs }) => inputs.every((input) => places.get(input)! >= place));
  };
  return camLayers(graph).findLast(whole) ?? null;
}

/**
 * Grad-CAM (Selvaraju et al. 2017, "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization"): the maps of
 * a layer, each weighted by the mean over its places of the gradient of the class's score before the softmax, summed, and what is
 * below 0 left out.
 * @param pixels one photo as the network sees it.
 * @throws 'call-invalid' where the layer has no places, or there is no such class.
 */
export async function gradCam(viewer: Pick<Viewer, 'scoreGradient'>, graph: LayerGraph, pixels: Uint8Array<ArrayBuffer>, layer: string, label: number): Promise<GradCam> {
  if (!camLayers(graph).includes(layer)) throw new WinnowError('call-invalid', { why: `Grad-CAM cannot be taken at ${layer}` });
  if (!Number.isInteger(label) || label < 0 || label >= graph.classes) throw new WinnowError('call-invalid', { why: `this network has no class ${label}` });
  const { map, gradient } = await viewer.scoreGradient(pixels, layer, label);
  const [height, width, maps] = map.shape;
  const weights = new Float64Array(maps);
  gradient.data.forEach((slope, i) => (weights[i % maps] += slope / (height * width)));
  const heat = new Float32Array(height * width);
  for (let place = 0; place < heat.length; place++) {
    let sum = 0;
    for (let i = 0; i < maps; i++) sum += weights[i] * map.data[place * maps + i];
    heat[place] = Math.max(0, sum);
  }
  const peak = heat.reduce((most, value) => Math.max(most, value), 0);
  return { layer, label, height, width, heat: peak > 0 ? heat.map((value) => value / peak) : heat, peak };
}

/** Colours of the overlay from faint to strong, RGB; with the heat as opacity they stand out on a dark photo and on a light one. */
const EMBER: readonly (readonly [number, number, number])[] = [[122, 28, 90], [214, 69, 32], [247, 148, 30], [255, 233, 110]];
const MOST_OPACITY = 0.85;

/**
 * The heat as a picture to lay over the photo, grown bilinearly with half-pixel centres, as the photo itself was shrunk: the
 * stronger, the brighter and the less transparent.
 * @returns side x side x 4.
 */
export function paintHeat({ heat, height, width }: Pick<GradCam, 'heat' | 'height' | 'width'>, side: number): Uint8ClampedArray<ArrayBuffer> {
  const rgba = new Uint8ClampedArray(side * side * 4);
  const rows = Array.from({ length: side }, (_, at) => between(at, side, height));
  const columns = Array.from({ length: side }, (_, at) => between(at, side, width));
  rows.forEach(({ low: top, high: bottom, part: down }, y) => {
    columns.forEach(({ low: left, high: right, part: across }, x) => {
      const upper = heat[top * width + left] * (1 - across) + heat[top * width + right] * across;
      const lower = heat[bottom * width + left] * (1 - across) + heat[bottom * width + right] * across;
      const value = upper * (1 - down) + lower * down;
      const at = value * (EMBER.length - 1);
      const step = Math.min(EMBER.length - 2, Math.floor(at));
      const colour = EMBER[step].map((from, channel) => from + (EMBER[step + 1][channel] - from) * (at - step));
      rgba.set([...colour, 255 * MOST_OPACITY * value], (y * side + x) * 4);
    });
  });
  return rgba;
}

/** Which two of `count` values a place of `side` lies between, and how far on the way from the first. */
function between(at: number, side: number, count: number): { readonly low: number; readonly high: number; readonly part: number } {
  const exact = Math.min(count - 1, Math.max(0, ((at + 0.5) * count) / side - 0.5));
  const low = Math.floor(exact);
  return { low, high: Math.min(count - 1, low + 1), part: exact - low };
}
