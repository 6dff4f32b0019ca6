import { quotient } from '../arithmetic.js';
import { each, reads, writes, type Kernel, type Region } from '../kernel.js';
import { threadsFor, type FilterTile } from '../tiles.js';
import { atPixel, pixelsOf, regionOf } from '../views.js';
import { flopsOf, type Convolution } from './convolution.js';
import { probe, type Guard } from './guard.js';

/** Maps no wider than this are walked pixel by pixel, not line by line: entering a loop costs a software adapter as much as a few pixels. */
const NARROW = 8;

/** How the reduction over output pixels is walked, and so what a split is a stretch of. */
export function walkOf({ kernel, stride, output }: Convolution): 'pixels' | 'lines' {
  return (kernel === 1 && stride === 1) || output.width <= NARROW ? 'pixels' : 'lines';
}

/**
 * Gradient of a convolution's kernel and bias: for each tap, a product of input channels by filters, reduced over output
 * pixels. A thread holds 4 x `tile.channels` input channels by `tile.filters` vec4 of filters, and at each pixel adds an
 * outer product: channels + filters loads for 4 x channels x filters multiply-adds. Where the subgroup shares, its lanes
 * differ in filters only: lanes 0 to 3 load the input of four pixels in a row and broadcast it.
 *
 * A group works at one tap. On a wide map it walks lines, of which it knows before the loop which pixels the padding
 * leaves, so the loop has no test; on a narrow one all pixels in a row, those in the padding times zero. The bias gradient,
 * a plain sum, is one more row of tiles. Long reductions are split; each split writes a whole stretch of kernel and bias
 * (`sumWeights` adds them up). The relu gradient has been applied to `gradient` by whoever wrote it.
 *
 * @param into gradient of kernel and bias together, or scratch of `splits` times as much.
 * @param stretch vec4s of one split in it.
 * @param biasAt vec4s from the kernel's start to the bias's; null where there is no bias.
 * @param bad checks what it writes; null where a second pass will.
 */
export function filterGradient(conv: Convolution, into: Region, stretch: number, biasAt: number | null, tile: FilterTile, splits: number, bad: Guard | null, milliseconds: number): Kernel {
  const { input, output, kernel } = conv;
  const channelQuads = input.channels.quads;
  const filterQuads = output.channels.quads;
  const channelTiles = Math.ceil(channelQuads / tile.channels);
  const threads = threadsFor(tile.threads, Math.ceil(filterQuads / tile.filters));
  const filterGroups = Math.ceil(filterQuads / (tile.filters * threads));
  const filtersFit = filterQuads % (tile.filters * threads) === 0;
  const channelsFit = channelQuads % tile.channels === 0;
  const kernelTiles = kernel * kernel * channelTiles;
  const rowTiles = kernelTiles + (biasAt === null ? 0 : 1);
  const groups = filterGroups * rowTiles * splits;
  // A lone quad of channels may have components that are always zero.
  const components = channelQuads === 1 ? Math.min(4, input.channels.count) : 4;
  const names: Names = {
    filter: (n) => (filtersFit ? `(filter0 + ${n}u)` : `min(filter0 + ${n}u, ${filterQuads - 1}u)`),
    channel: (i) => (channelsFit ? `(channel0 + ${i}u)` : `min(channel0 + ${i}u, ${channelQuads - 1}u)`),
    update: (term, i) => each(components, (l) => each(tile.filters, (n) => `a${i}_${l}_${n} += ${term('xyzw'[l], n)};`)),
  };
  const walk = walkOf(conv) === 'pixels' ? overPixels(conv, tile, splits, names) : overLines(conv, tile, splits, names);
  const storeFilter = (n: number, statement: string) => (filtersFit ? statement : `if (filter0 + ${n}u < ${filterQuads}u) { ${statement} }`);
  const at = (i: number, l: number, n: number) => `into[split * ${stretch}u + ((tap * ${channelQuads}u + channel0 + ${i}u) * 4u + ${l}u) * ${filterQuads}u + filter0 + ${n}u]`;
  const store = each(tile.channels, (i) => {
    const statements = each(4, (l) => each(tile.filters, (n) => storeFilter(n, `${at(i, l, n)} = ${l < components ? `a${i}_${l}_${n}` : 'vec4f(0)'};`)));
    return channelsFit ? statements : `if (channel0 + ${i}u < ${channelQuads}u) { ${statements} }`;
  });
  const sumNames = Array.from({ length: tile.channels * components * tile.filters }, (_, k) => `a${Math.floor(k / tile.filters / components)}_${Math.floor(k / tile.filters) % components}_${k % tile.filters}`);
  const sums = `
    let tap = ${quotient('tile', channelTiles, rowTiles)};
    let channel0 = (tile - tap * ${channelTiles}u) * ${tile.channels}u;
    let ky = ${quotient('tap', kernel, kernel ** 2)};
    let kx = tap - ky * ${kernel}u;
    ${each(tile.channels, (i) => each(components, (l) => each(tile.filters, (n) => `var a${i}_${l}_${n} = vec4f(0);`)))}
    ${walk.sums}
    ${store}
    ${bad?.check(probe(sumNames)) ?? ''}`;
  const bias = `
    ${each(tile.filters, (n) => `var b${n} = vec4f(0);`)}
    for (var pixel = ${walk.first}; pixel < ${walk.end}; pixel++) { ${each(tile.filters, (n) => `b${n} += gradient[${atPixel(output, 'pixel')} + ${names.filter(n)}];`)} }
    ${each(tile.filters, (n) => storeFilter(n, `into[split * ${stretch}u + ${biasAt}u + filter0 + ${n}u] = b${n};`))}
    ${bad?.check(probe(Array.from({ length: tile.filters }, (_, n) => `b${n}`))) ?? ''}`;
  return {
    label: `${conv.name} filter gradient`,
    bindings: [reads('source', regionOf(input)), reads('gradient', regionOf(output)), writes('into', into), ...(bad?.bindings ?? [])],
    ...(bad === null ? {} : { declarations: bad.declarations }),
    threads,
    groups,
    ...(tile.broadcast ? { subgroups: true } : {}),
    flops: flopsOf(conv),
    milliseconds,
    body: `
      let row = ${quotient('group', filterGroups, groups)};
      let filter0 = ((group - row * ${filterGroups}u) * ${threads}u + thread) * ${tile.filters}u;
      let split = ${quotient('row', rowTiles, groups)};
      let tile = row - split * ${rowTiles}u;
      ${biasAt === null ? sums : `if (tile < ${kernelTiles}u) { ${sums} } else { ${bias} }`}`,
  };
}

interface Names {
  /** WGSL of the quad of the tile's n-th filters, and of its i-th channels. */
  readonly filter: (n: number) => string;
  readonly channel: (i: number) => string;
  /** Adds to the sums of the i-th channels a term for each component and filters. */
  readonly update: (term: (component: string, n: number) => string, i: number) => string;
}

interface Walk {
  readonly sums: string;
  /** The split's pixels, first and one past the last. */
  readonly first: string;
  readonly end: string;
}

/**
 * Four pixels, the lane's own at `at`, times `live`; WGSL. Each sum is touched once for all four, a component at a time (as
 * dots): registers are few, and the sums many.
 */
function fourPixels(tile: FilterTile, names: Names, gradientAt: (l: number) => string): string {
  const four = (value: (l: number) => string): string => `vec4f(${[0, 1, 2, 3].map(value).join(', ')})`;
  return `
    ${each(tile.channels, (i) => `let v${i} = source[at + ${names.channel(i)}] * live;`)}
    ${each(4, (l) => `let at${l} = ${gradientAt(l)}; ${each(tile.filters, (n) => `let g${l}_${n} = gradient[at${l} + ${names.filter(n)}];`)}`)}
    ${each(tile.channels, (i) => [
      each(4, (l) => `let x${i}_${l} = subgroupBroadcast(v${i}, ${l}u);`),
      names.update((part, n) => `vec4f(${['x', 'y', 'z', 'w'].map((j) => `dot(${four((l) => `x${i}_${l}.${part}`)}, ${four((l) => `g${l}_${n}.${j}`)})`).join(', ')})`, i),
    ].join('\n'))}`;
}

function overPixels(conv: Convolution, tile: FilterTile, splits: number, names: Names): Walk {
  const { input, output, kernel, stride, top, left } = conv;
  const pixels = pixelsOf(output);
  const chunk = Math.ceil(pixels / 4 / splits) * 4;
  const [first, end] = [`split * ${chunk}u`, `min((split + 1u) * ${chunk}u, ${pixels}u)`];
  const pointwise = kernel === 1 && stride === 1;
  const place = (pixel: string) =>
    pointwise
      ? `let at = ${atPixel(input, pixel)}; let inside = true;`
      : `let line = ${quotient(pixel, output.width, pixels)};
         let image = ${quotient('line', output.height, pixels)};
         let y = i32((line - image * ${output.height}u) * ${stride}u + ky) - ${top};
         let x = i32((${pixel} - line * ${output.width}u) * ${stride}u + kx) - ${left};
         let inside = (u32(y) < ${input.height}u) & (u32(x) < ${input.width}u);
         let at = select(0u, ${atPixel(input, `image * ${input.height * input.width}u + u32(y * ${input.width} + x)`)}, inside);`;
  const sums = tile.broadcast
    ? `for (var p = ${first}; p < ${end}; p += 4u) {
        let pixel = min(p + (lane & 3u), ${pixels - 1}u);
        ${place('pixel')}
        let live = f32(inside & (p + (lane & 3u) < ${end}));
        ${fourPixels(tile, names, (l) => atPixel(output, `min(p + ${l}u, ${pixels - 1}u)`))}
      }`
    : `for (var pixel = ${first}; pixel < ${end}; pixel++) {
        ${place('pixel')}
        ${each(tile.channels, (i) => `let x${i} = source[at + ${names.channel(i)}]${pointwise ? '' : ' * f32(inside)'};`)}
        ${each(tile.filters, (n) => `let g${n} = gradient[${atPixel(output, 'pixel')} + ${names.filter(n)}];`)}
        ${each(tile.channels, (i) => names.update((part, n) => `x${i}.${part} * g${n}`, i))}
      }`;
  return { sums, first, end };
}

function overLines(conv: Convolution, tile: FilterTile, splits: number, names: Names): Walk {
  const { input, output, stride, top, left } = conv;
  const lines = output.images * output.height;
  const chunk = Math.ceil(lines / splits);
  const [firstLine, endLine] = [`split * ${chunk}u`, `min((split + 1u) * ${chunk}u, ${lines}u)`];
  // First output row or column, and the one past the last, whose input at this tap is inside: o * stride + k - before in [0, side).
  const first = (k: string, before: number) => quotient(`max(${before}u, ${k}) - ${k} + ${stride - 1}u`, stride, before + stride);
  const end = (k: string, before: number, side: number, most: number) => `min(${most}u, ${quotient(`u32(max(0, ${side + before + stride - 1} - i32(${k})))`, stride, side + before + stride)})`;
  const pixels = tile.broadcast
    ? `for (var x = x0; x < x1; x += 4u) {
        let mine = x + (lane & 3u);
        let live = f32(mine < x1);
        let at = sourceLine + min(mine, x1 - 1u) * ${stride * input.step}u;
        ${fourPixels(tile, names, (l) => `gradientLine + min(x + ${l}u, x1 - 1u) * ${output.step}u`)}
      }`
    : `for (var x = x0; x < x1; x++) {
        let at = sourceLine + x * ${stride * input.step}u;
        let g = gradientLine + x * ${output.step}u;
        ${each(tile.channels, (i) => `let x${i} = source[at + ${names.channel(i)}];`)}
        ${each(tile.filters, (n) => `let g${n} = gradient[g + ${names.filter(n)}];`)}
        ${each(tile.channels, (i) => names.update((part, n) => `x${i}.${part} * g${n}`, i))}
      }`;
  const sums = `
    let lineFirst = i32(${firstLine});
    let lineEnd = i32(${endLine});
    let rowFirst = i32(${first('ky', top)});
    let rowEnd = i32(${end('ky', top, input.height, output.height)});
    let x0 = ${first('kx', left)};
    let x1 = ${end('kx', left, input.width, output.width)};
    for (var image = i32(${quotient('u32(lineFirst)', output.height, lines + chunk * splits)}); image * ${output.height} < lineEnd; image++) {
      let y0 = max(rowFirst, lineFirst - image * ${output.height});
      let y1 = min(rowEnd, lineEnd - image * ${output.height});
      var sourceLine = u32(((image * ${input.height} + y0 * ${stride} + i32(ky) - ${top}) * ${input.width} + i32(kx) - ${left}) * ${input.step} + ${input.first});
      var gradientLine = ${atPixel(output, `u32(image * ${output.height} + y0) * ${output.width}u`)};
      for (var y = y0; y < y1; y++) {
        ${pixels}
        sourceLine += ${stride * input.width * input.step}u;
        gradientLine += ${output.width * output.step}u;
      }
    }`;
  return { sums, first: `${firstLine} * ${output.width}u`, end: `${endLine} * ${output.width}u` };
}
