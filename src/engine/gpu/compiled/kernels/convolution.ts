import { quotient } from '../arithmetic.js';
import type { Kernel, Region } from '../kernel.js';
import type { ProductTile } from '../tiles.js';
import { pixelsOf, type View } from '../views.js';
import type { Epilogue } from './epilogue.js';
import { inImage, type Product } from './product.js';
import { registerProduct } from './register-product.js';
import { squareProduct } from './square-product.js';

/** A convolution, or a dense layer (1x1 over single pixels). Kernel in memory: [kh, kw, in channels, filters], both in whole quads. */
export interface Convolution {
  readonly name: string;
  readonly input: View;
  readonly output: View;
  readonly kernel: number;
  readonly stride: number;
  /** Zeros above and left of the input. */
  readonly top: number;
  readonly left: number;
  /** Kernel, and the bias right behind it. */
  readonly weights: Region;
}

/**
 * Forward, as an implicit matrix product: rows are output pixels, columns filters, the reduction runs over taps and input
 * channels. Rows are flattened over images, so odd sides waste nothing.
 */
export function convolutionForward(conv: Convolution, epilogue: Epilogue, tile: ProductTile, splits: number, milliseconds: number): Kernel {
  const { input, output, kernel, stride, top, left } = conv;
  const filters = output.channels.quads;
  return product({
    conv,
    label: 'forward',
    flops: flopsOf(conv),
    epilogue,
    tile,
    splits,
    milliseconds,
    rows: pixelsOf(output),
    columns: filters,
    depth: input.channels.quads,
    // A lone quad of channels may have components that are always zero.
    components: input.channels.quads === 1 ? Math.min(4, input.channels.count) : 4,
    source: input,
    setup: (m) => `
      ${inImage(m, output.height, output.width, pixelsOf(output))}
      let b${m} = i${m} * ${input.height * input.width}u;
      let y${m} = i32(v${m} * ${stride}u) - ${top};
      let x${m} = i32(u${m} * ${stride}u) - ${left};`,
    taps: { y: '0u', x: '0u', end: kernel, step: 1 },
    locate: (m) => `b${m}, y${m} + i32(ky), x${m} + i32(kx)`,
    padded: isPadded(conv),
    weights: { base: `((ky * ${kernel}u + kx) * ${input.channels.quads}u + c) * ${4 * filters}u`, at: (l, column) => `w + ${l} * ${filters}u + ${column}`, order: 'components' },
  });
}

/**
 * Gradient of a convolution's input from that of its output: the same product with rows over input pixels, columns over
 * input channels and the reduction over taps and filters. The kernel is read as it lies, so the product is by dots:
 * a loaded vec4 holds four filters of one input channel. With a stride s, pixels of the s x s phases are separate tiles,
 * each with only the taps that reach it.
 */
export function convolutionInputGradient(conv: Convolution, epilogue: Epilogue, tile: ProductTile, splits: number, milliseconds: number): Kernel {
  const { input, output, kernel, stride, top, left } = conv;
  const columns = input.channels.quads;
  const filters = output.channels.quads;
  const [height, width] = [Math.ceil(input.height / stride), Math.ceil(input.width / stride)];
  const rows = input.images * height * width;
  return product({
    conv,
    label: 'input gradient',
    flops: flopsOf(conv),
    epilogue,
    tile,
    splits,
    milliseconds,
    rows,
    columns,
    depth: filters,
    components: 4,
    source: output,
    phases: {
      count: stride * stride,
      setup: `
        let phaseY = phase / ${stride}u; let phaseX = phase % ${stride}u;
        let firstY = (phaseY + ${top}u) % ${stride}u; let firstX = (phaseX + ${left}u) % ${stride}u;
        let reachY = (phaseY + ${top}u) / ${stride}u; let reachX = (phaseX + ${left}u) / ${stride}u;`,
      ...(stride === 1
        ? {}
        : {
            spread: {
              setup: `
                let r = min(at, ${rows - 1}u);
                ${inImage('', height, width, rows)}
                let inputY = v * ${stride}u + phaseY;
                let inputX = u * ${stride}u + phaseX;`,
              inside: `(inputY < ${input.height}u) & (inputX < ${input.width}u)`,
              pixel: `(i * ${input.height}u + inputY) * ${input.width}u + inputX`,
            },
          }),
    },
    setup: (m) => `
      ${inImage(m, height, width, rows)}
      let b${m} = i${m} * ${output.height * output.width}u;
      let y${m} = i32(v${m} + reachY);
      let x${m} = i32(u${m} + reachX);`,
    taps: { y: stride === 1 ? '0u' : 'firstY', x: stride === 1 ? '0u' : 'firstX', end: kernel, step: stride },
    locate: (m) => `b${m}, y${m} - i32(${quotient('ky', stride, kernel)}), x${m} - i32(${quotient('kx', stride, kernel)})`,
    padded: kernel > 1 || stride > 1,
    weights: { base: `(ky * ${kernel}u + kx) * ${4 * columns * filters}u + c`, at: (l, column) => `w + (${column} * 4u + ${l}) * ${filters}u`, order: 'dots' },
  });
}

const product = (p: Product): Kernel => (p.tile.across === 'square' ? squareProduct(p) : registerProduct(p));

/** Whether a tap may lie outside of the input. */
export function isPadded({ input, output, kernel, stride, top, left }: Convolution): boolean {
  const reach = (side: number) => (side - 1) * stride + kernel;
  return top > 0 || left > 0 || reach(output.height) > input.height || reach(output.width) > input.width;
}

/** Of the product, taps in the padding included. */
export function flopsOf({ input, output, kernel }: Convolution): number {
  return 2 * pixelsOf(output) * output.channels.count * kernel * kernel * input.channels.count;
}

/** Of the product, those whose input lies in the padding. */
export function paddingFlops(conv: Convolution): number {
  const { input, output, kernel, stride, top, left } = conv;
  const share = (side: number, of: number, before: number): number => {
    let inside = 0;
    for (let tap = 0; tap < kernel; tap++) for (let o = 0; o < side; o++) if (o * stride + tap >= before && o * stride + tap < of + before) inside++;
    return inside / (side * kernel);
  };
  return flopsOf(conv) * (1 - share(output.height, input.height, top) * share(output.width, input.width, left));
}
