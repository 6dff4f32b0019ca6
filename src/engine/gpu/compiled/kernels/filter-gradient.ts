import { quotient } from '../arithmetic.js';
import { each, reads, writes, type Kernel, type Region } from '../kernel.js';
import { threadsFor, type FilterTile } from '../tiles.js';
import { atPixel, pixelsOf, regionOf } from '../views.js';
import { flopsOf, paddingFlops, type Convolution } from './convolution.js';
import { probe, type Guard } from './guard.js';

/** Below this (a + 0.5) * (1 / n) is exact, the reciprocal off by the 2.5 ulp that WGSL allows. */
const EXACT_BY_RECIPROCAL = 2 ** 20;

/**
 * Gradient of a convolution's kernel and bias: for each tap, a product of input channels by filters, reduced over output
 * pixels. A thread holds 4 x `tile.channels` input channels by `tile.filters` vec4 of filters, and at each pixel adds an
 * outer product: channels + filters loads for 4 x channels x filters multiply-adds. Where the subgroup shares, its lanes
 * differ in filters only: lanes 0 to 3 load the input of four pixels in a row and broadcast it.
 *
 * A group works at one tap, and walks the pixels that the padding leaves there in one loop without a test: entering a loop
 * costs a software adapter as much as a few pixels, and on a 4 x 4 map a 3 x 3 kernel has a third of its taps in the padding.
 * The bias gradient, a plain sum, is one more row of tiles. Long reductions are split; each split writes a whole stretch of
 * kernel and bias (`sumWeights` adds them up). The relu gradient has been applied to `gradient` by whoever wrote it.
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
  const chunk = Math.ceil(pixelsOf(output) / 4 / splits) * 4;
  const pixels = { first: `split * ${chunk}u`, end: `min((split + 1u) * ${chunk}u, ${pixelsOf(output)}u)` };
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
    ${loop(conv, tile, splits, names, pixels)}
    ${store}
    ${bad?.check(probe(sumNames)) ?? ''}`;
  const bias = `
    ${each(tile.filters, (n) => `var b${n} = vec4f(0);`)}
    for (var pixel = ${pixels.first}; pixel < ${pixels.end}; pixel++) { ${each(tile.filters, (n) => `b${n} += gradient[${atPixel(output, 'pixel')} + ${names.filter(n)}];`)} }
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
    skippedFlops: paddingFlops(conv),
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
  /** WGSL before the loop. */
  readonly bounds: string;
  /** First and one past the last of the split's pixels. */
  readonly first: string;
  readonly end: string;
  /** WGSL that finds a pixel's first quad in the input, `at`, and in the output, `under`. */
  readonly place: (pixel: string) => string;
}

function loop(conv: Convolution, tile: FilterTile, splits: number, names: Names, whole: Pick<Walk, 'first' | 'end'>): string {
  const pointwise = conv.kernel === 1 && conv.stride === 1;
  const { bounds, first, end, place }: Walk = pointwise
    ? { ...whole, bounds: '', place: (pixel) => `let at = ${atPixel(conv.input, pixel)}; let under = ${atPixel(conv.output, pixel)};` }
    : inside(conv, splits);
  return tile.broadcast
    ? `${bounds}
      let end = ${end};
      for (var pixel = ${first}; pixel < end; pixel += 4u) {
        let mine = pixel + (lane & 3u);
        let live = f32(mine < end);
        ${place('min(mine, end - 1u)')}
        ${fourPixels(tile, names)}
      }`
    : `${bounds}
      for (var pixel = ${first}; pixel < ${end}; pixel++) {
        ${place('pixel')}
        ${each(tile.channels, (i) => `let x${i} = source[at + ${names.channel(i)}];`)}
        ${each(tile.filters, (n) => `let g${n} = gradient[under + ${names.filter(n)}];`)}
        ${each(tile.channels, (i) => names.update((part, n) => `x${i}.${part} * g${n}`, i))}
      }`;
}

/** The pixels whose input at this tap is inside, numbered through, image by image; a split is a stretch of them. */
function inside({ input, output, stride, top, left }: Convolution, splits: number): Walk {
  // First output row or column, and the one past the last, whose input is in [0, side): o * stride + k - before.
  const first = (k: string, before: number) => quotient(`max(${before}u, ${k}) - ${k} + ${stride - 1}u`, stride, before + stride);
  const end = (k: string, before: number, side: number, most: number) => `min(${most}u, ${quotient(`u32(max(0, ${side + before + stride - 1} - i32(${k})))`, stride, side + before + stride)})`;
  const divide = (a: string, by: string) => (pixelsOf(output) < EXACT_BY_RECIPROCAL ? `u32(i32((f32(i32(${a})) + 0.5) * per_${by}))` : `${a} / ${by}`);
  return {
    bounds: `
      let x0 = ${first('kx', left)};
      let y0 = ${first('ky', top)};
      let across = max(x0, ${end('kx', left, input.width, output.width)}) - x0;
      let down = max(y0, ${end('ky', top, input.height, output.height)}) - y0;
      let per_across = 1 / f32(i32(across));
      let per_down = 1 / f32(i32(down));
      let count = across * down * ${output.images}u;
      let chunk = (count + ${4 * splits - 1}u) / ${4 * splits}u * 4u;`,
    first: 'split * chunk',
    end: 'min((split + 1u) * chunk, count)',
    place: (pixel) => `
      let number = ${pixel};
      let line = ${divide('number', 'across')};
      let image = ${divide('line', 'down')};
      let x = number - line * across + x0;
      let y = line - image * down + y0;
      let at = ${atPixel(input, `(image * ${input.height}u + y * ${stride}u + ky - ${top}u) * ${input.width}u + x * ${stride}u + kx - ${left}u`)};
      let under = ${atPixel(output, `(image * ${output.height}u + y) * ${output.width}u + x`)};`,
  };
}

/**
 * Four pixels, the lane's own at `at` and `under`, times `live`; WGSL. Each sum is touched once for all four, a component at a time (as
 * dots): registers are few, and the sums many.
 */
function fourPixels(tile: FilterTile, names: Names): string {
  const four = (value: (l: number) => string): string => `vec4f(${[0, 1, 2, 3].map(value).join(', ')})`;
  return `
    ${each(tile.channels, (i) => `let v${i} = source[at + ${names.channel(i)}] * live;`)}
    ${each(4, (l) => `let under${l} = subgroupBroadcast(under, ${l}u); ${each(tile.filters, (n) => `let g${l}_${n} = gradient[under${l} + ${names.filter(n)}];`)}`)}
    ${each(tile.channels, (i) => [
      each(4, (l) => `let x${i}_${l} = subgroupBroadcast(v${i}, ${l}u);`),
      names.update((part, n) => `vec4f(${['x', 'y', 'z', 'w'].map((j) => `dot(${four((l) => `x${i}_${l}.${part}`)}, ${four((l) => `g${l}_${n}.${j}`)})`).join(', ')})`, i),
    ].join('\n'))}`;
}
