import { each, reads, writes, type Kernel, type Region } from '../kernel.js';
import type { FilterTile } from '../tiles.js';
import { atPixel, pixelsOf, regionOf } from '../views.js';
import { flopsOf, type Convolution } from './convolution.js';

/**
 * Gradient of a convolution's kernel and bias: for each tap, a product of input channels by filters, reduced over output
 * pixels. A thread holds 4 x `tile.channels` input channels by `tile.filters` vec4 of filters, and at each pixel adds an
 * outer product: channels + filters loads for 4 x channels x filters multiply-adds. Where the subgroup shares, its lanes
 * differ in filters only: lanes 0 to 3 load the input of four pixels in a row and broadcast it.
 *
 * A group works at one tap, so the range of pixels that the padding leaves is known before the loop, which has no test.
 * The bias gradient, a plain sum, is one more row of tiles. Long reductions are split; each split writes a whole stretch
 * of kernel and bias (`sumWeights` adds them up). The relu gradient has been applied to `gradient` by whoever wrote it.
 *
 * @param into gradient of kernel and bias together, or scratch of `splits` times as much.
 * @param biasAt vec4s from the kernel's start to the bias's in it; null where there is no bias.
 */
export function filterGradient(conv: Convolution, into: Region, stretch: number, biasAt: number | null, tile: FilterTile, splits: number, milliseconds: number): Kernel {
  const { kernel, stride, top, left } = conv;
  const flat = kernel === 1 && stride === 1;
  const input = flat ? { ...conv.input, images: 1, height: 1, width: pixelsOf(conv.input) } : conv.input;
  const output = flat ? { ...conv.output, images: 1, height: 1, width: pixelsOf(conv.output) } : conv.output;
  const channelQuads = input.channels.quads;
  const filterQuads = output.channels.quads;
  const channelTiles = Math.ceil(channelQuads / tile.channels);
  const filterGroups = Math.ceil(filterQuads / (tile.filters * tile.threads));
  const kernelTiles = kernel * kernel * channelTiles;
  const rowTiles = kernelTiles + (biasAt === null ? 0 : 1);
  // Splits cut the rows of all images, or the one long row of a pointwise layer.
  const lines = output.images * output.height;
  const chunk = Math.ceil((flat ? output.width : lines) / splits);
  const components = channelQuads === 1 ? Math.min(4, input.channels.count) : 4;
  const quad = (n: number) => (filterQuads % (tile.filters * tile.threads) === 0 ? `(filter0 + ${n}u)` : `min(filter0 + ${n}u, ${filterQuads - 1}u)`);
  const channel = (i: number) => (channelQuads % tile.channels === 0 ? `(channel0 + ${i}u)` : `min(channel0 + ${i}u, ${channelQuads - 1}u)`);
  const range = flat
    ? `let lineFirst = 0u; let lineEnd = 1u; let start = split * ${chunk}u; let to = min(start + ${chunk}u, ${output.width}u);`
    : `let lineFirst = split * ${chunk}u; let lineEnd = min(lineFirst + ${chunk}u, ${lines}u);`;
  // First and last output column whose input column at this tap is inside: x * stride + kx - left in [0, width).
  const clip = flat
    ? ''
    : `let start = (max(${left}u, kx) - kx + ${stride - 1}u) / ${stride}u;
       let to = min(${output.width}u, u32(max(0, ${input.width + left + stride - 1} - i32(kx))) / ${stride}u);`;
  const update = (x: (i: number) => string, g: (n: number) => string) =>
    each(tile.channels, (i) => each(components, (l) => each(tile.filters, (n) => `a${i}_${l}_${n} += ${x(i)}.${'xyzw'[l]} * ${g(n)};`)));
  const step = tile.broadcast
    ? `for (var x = start; x < to; x += 4u) {
        let mine = x + (lane & 3u);
        let live = f32(mine < to);
        let at = sourceLine + min(mine, to - 1u) * ${stride * input.step}u;
        ${each(tile.channels, (i) => `let v${i} = source[at + ${channel(i)}] * live;`)}
        ${each(4, (l) => `{
          let g = gradientLine + min(x + ${l}u, to - 1u) * ${output.step}u;
          ${each(tile.filters, (n) => `let g${n} = gradient[g + ${quad(n)}];`)}
          ${each(tile.channels, (i) => `let x${i} = subgroupBroadcast(v${i}, ${l}u);`)}
          ${update((i) => `x${i}`, (n) => `g${n}`)}
        }`)}
      }`
    : `for (var x = start; x < to; x++) {
        let at = sourceLine + x * ${stride * input.step}u;
        let g = gradientLine + x * ${output.step}u;
        ${each(tile.channels, (i) => `let x${i} = source[at + ${channel(i)}];`)}
        ${each(tile.filters, (n) => `let g${n} = gradient[g + ${quad(n)}];`)}
        ${update((i) => `x${i}`, (n) => `g${n}`)}
      }`;
  const inside = (index: string, end: number, exact: boolean, statement: string) => (exact ? statement : `if (${index} < ${end}u) { ${statement} }`);
  const filterStore = (n: number, statement: string) => inside(`filter0 + ${n}u`, filterQuads, filterQuads % (tile.filters * tile.threads) === 0, statement);
  const sums = `
    let tap = tile / ${channelTiles}u;
    let channel0 = tile % ${channelTiles}u * ${tile.channels}u;
    let ky = tap / ${kernel}u;
    let kx = tap % ${kernel}u;
    ${clip}
    ${each(tile.channels, (i) => each(components, (l) => each(tile.filters, (n) => `var a${i}_${l}_${n} = vec4f(0);`)))}
    for (var line = lineFirst; line < lineEnd; line++) {
      let y = i32(line % ${output.height}u * ${stride}u + ky) - ${top};
      if (u32(y) >= ${input.height}u) { continue; }
      let sourceLine = u32((i32(line / ${output.height}u * ${input.height}u) + y) * ${input.width} + i32(kx) - ${left}) * ${input.step}u + ${input.first}u;
      let gradientLine = ${atPixel(output, `line * ${output.width}u`)};
      ${step}
    }
    ${each(tile.channels, (i) =>
      inside(`channel0 + ${i}u`, channelQuads, channelQuads % tile.channels === 0, each(4, (l) =>
        each(tile.filters, (n) => filterStore(n, `into[split * ${stretch}u + ((tap * ${channelQuads}u + channel0 + ${i}u) * 4u + ${l}u) * ${filterQuads}u + filter0 + ${n}u] = ${l < components ? `a${i}_${l}_${n}` : 'vec4f(0)'};`)),
      )),
    )}`;
  const bias = `
    ${flat ? '' : `let start = 0u; let to = ${output.width}u;`}
    ${each(tile.filters, (n) => `var b${n} = vec4f(0);`)}
    for (var line = lineFirst; line < lineEnd; line++) {
      let gradientLine = ${atPixel(output, `line * ${output.width}u`)};
      for (var x = start; x < to; x++) { ${each(tile.filters, (n) => `b${n} += gradient[gradientLine + x * ${output.step}u + ${quad(n)}];`)} }
    }
    ${each(tile.filters, (n) => filterStore(n, `into[split * ${stretch}u + ${biasAt}u + filter0 + ${n}u] = b${n};`))}`;
  return {
    label: `${conv.name} filter gradient`,
    bindings: [reads('source', regionOf(input)), reads('gradient', regionOf(output)), writes('into', into)],
    threads: tile.threads,
    groups: filterGroups * rowTiles * splits,
    ...(tile.broadcast ? { subgroups: true } : {}),
    flops: flopsOf(conv),
    milliseconds,
    body: `
      let filter0 = (group % ${filterGroups}u * ${tile.threads}u + thread) * ${tile.filters}u;
      let tile = group / ${filterGroups}u % ${rowTiles}u;
      let split = group / ${filterGroups * rowTiles}u;
      ${range}
      ${biasAt === null ? `{ ${sums} }` : `if (tile < ${kernelTiles}u) { ${sums} } else { ${bias} }`}`,
  };
}
