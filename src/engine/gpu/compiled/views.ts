import type { Shape } from '../../graph/types.js';
import type { Memory, Region } from './kernel.js';

/**
 * Where a tensor's logical channels lie. In memory a pixel's channels fill whole vec4s, the rest zeros, so every kernel
 * reads and writes vec4 whatever the layer's width; a concat of odd widths has gaps in the middle.
 */
export interface Channels {
  /** As the layer graph counts them. */
  readonly count: number;
  /** vec4s a pixel. */
  readonly quads: number;
  /** Physical index of each logical channel; null where they are the same. */
  readonly places: Int32Array | null;
}

export function plainChannels(count: number): Channels {
  return { count, quads: Math.ceil(count / 4), places: null };
}

export function concatChannels(parts: readonly Channels[]): Channels {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const quads = parts.reduce((sum, part) => sum + part.quads, 0);
  if (parts.every((part) => part.places === null && part.count % 4 === 0)) return { count, quads, places: null };
  const places = new Int32Array(count);
  let logical = 0;
  let physical = 0;
  for (const part of parts) {
    for (let i = 0; i < part.count; i++) places[logical++] = physical + (part.places?.[i] ?? i);
    physical += part.quads * 4;
  }
  return { count, quads, places };
}

/** Channels of a flattened tensor of `pixels` pixels. */
export function flatChannels(pixels: number, { count, quads, places }: Channels): Channels {
  const flat = { count: pixels * count, quads: pixels * quads };
  if (places === null && count % 4 === 0) return { ...flat, places: null };
  const all = new Int32Array(flat.count);
  for (let pixel = 0; pixel < pixels; pixel++) {
    for (let i = 0; i < count; i++) all[pixel * count + i] = pixel * quads * 4 + (places?.[i] ?? i);
  }
  return { ...flat, places: all };
}

/** An activation or its gradient: `images` times height times width pixels, NHWC; a slice of a concat steps over its neighbours. */
export interface View {
  readonly memory: Memory;
  readonly images: number;
  readonly height: number;
  readonly width: number;
  readonly channels: Channels;
  /** vec4s before the first, and from pixel to pixel. */
  readonly first: number;
  readonly step: number;
}

export function viewOf(memory: Memory, images: number, [height, width]: readonly [number, number], channels: Channels): View {
  return { memory, images, height, width, channels, first: 0, step: channels.quads };
}

/** The channels of `parent` from quad `first` on. */
export function slice(parent: View, first: number, channels: Channels): View {
  return { ...parent, first: parent.first + first, channels };
}

export function flatten(view: View): View {
  if (view.step !== view.channels.quads) throw new RangeError('A slice of a concat cannot be flattened in place.');
  const channels = flatChannels(view.height * view.width, view.channels);
  return { ...view, height: 1, width: 1, channels, step: channels.quads };
}

export const pixelsOf = (view: View): number => view.images * view.height * view.width;
export const quadsOf = (view: View): number => pixelsOf(view) * view.channels.quads;
export const regionOf = (view: View): Region => ({ memory: view.memory, offset: 0, bytes: view.memory.bytes });

/** WGSL: index of the first quad of a pixel. */
export const atPixel = (view: View, pixel: string): string => `(${pixel}) * ${view.step}u + ${view.first}u`;

/** [height, width] of a shape; [1, 1] of a flat one. */
export const sidesOf = (shape: Shape): [number, number] => (shape.length === 3 ? [shape[0], shape[1]] : [1, 1]);

/** Copies the logical channels out of padded memory. `data` starts at the view's memory. */
export function unpackView(view: View, data: Float32Array, images = view.images): Float32Array<ArrayBuffer> {
  const { count, places } = view.channels;
  const pixels = images * view.height * view.width;
  const out = new Float32Array(pixels * count);
  for (let pixel = 0; pixel < pixels; pixel++) {
    const base = (pixel * view.step + view.first) * 4;
    for (let i = 0; i < count; i++) out[pixel * count + i] = data[base + (places?.[i] ?? i)];
  }
  return out;
}
