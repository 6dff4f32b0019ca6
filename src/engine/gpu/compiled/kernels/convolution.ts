import { quotient } from '../arithmetic.js';
import { each, reads, type Kernel, type Region } from '../kernel.js';
import { threadsFor, type ProductTile } from '../tiles.js';
import { pixelsOf, regionOf, type View } from '../views.js';
import type { Epilogue } from './epilogue.js';

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
 * channels. A thread holds `tile.rows` x `tile.columns` vec4 of sums in registers, and for four channels loads rows + 4 x
 * columns vec4 for 4 x rows x columns multiply-adds. Threads side by side along the rows have the weights in common, along
 * the columns the input: there, four lanes load one each and broadcast it, which leaves a quarter of those loads. Rows are flattened over images, so odd sides waste nothing; positions in the padding
 * read pixel 0 times zero, so control flow stays uniform. The body of the inner loop is kept short: a software adapter's
 * machine code for it must fit the first-level instruction cache.
 */
export function convolutionForward(conv: Convolution, epilogue: Epilogue, tile: ProductTile, splits: number, milliseconds: number): Kernel {
  const { input, output, kernel, stride, top, left } = conv;
  const columns = output.channels.quads;
  const padded = top > 0 || left > 0 || (output.height - 1) * stride + kernel > input.height || (output.width - 1) * stride + kernel > input.width;
  // A lone quad of channels may have components that are always zero.
  const components = input.channels.quads === 1 ? Math.min(4, input.channels.count) : 4;
  const filters = columns;
  const setup = located(tile, (m, row) => `
    let r${m} = min(${row}, ${pixelsOf(output) - 1}u);
    ${inImage(m, output.height, output.width, pixelsOf(output))}
    let b${m} = i${m} * ${input.height * input.width}u;
    let y${m} = i32(v${m} * ${stride}u) - ${top};
    let x${m} = i32(u${m} * ${stride}u) - ${left};`);
  const weightAt = (component: string, n: number) => `weights[w + ${component} * ${filters}u + ${column(n, tile, columns)}]`;
  return product({
    conv,
    label: 'forward',
    epilogue,
    tile,
    splits,
    milliseconds,
    rows: pixelsOf(output),
    columns,
    depth: input.channels.quads,
    source: input,
    setup,
    taps: { y: [`0u`, kernel], x: [`0u`, kernel], step: 1 },
    locate: (m) => `b${m}, y${m} + i32(ky), x${m} + i32(kx)`,
    padded,
    weightBase: `((ky * ${kernel}u + kx) * ${input.channels.quads}u + c) * ${4 * filters}u`,
    inner: [
      shared(tile, (n) => weightAt('(lane & 3u)', n)),
      each(tile.columns, (n) => [
        each(components, (l) => `let w${n}_${l} = ${weight(tile, n, l, weightAt(`${l}u`, n))};`),
        // Each sum is touched once for all components: registers are few, and the sums many.
        each(tile.rows, (m) => `a${m}_${n} += ${Array.from({ length: components }, (_, l) => `p${m}.${'xyzw'[l]} * w${n}_${l}`).join(' + ')};`),
      ].join('\n')),
    ].join('\n'),
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
  const phased = { height: Math.ceil(input.height / stride), width: Math.ceil(input.width / stride) };
  const rows = input.images * phased.height * phased.width;
  const padded = kernel > 1 || stride > 1;
  const setup = [
    `let phaseY = phase / ${stride}u; let phaseX = phase % ${stride}u;`,
    `let firstY = (phaseY + ${top}u) % ${stride}u; let firstX = (phaseX + ${left}u) % ${stride}u;`,
    `let reachY = (phaseY + ${top}u) / ${stride}u; let reachX = (phaseX + ${left}u) / ${stride}u;`,
    located(tile, (m, row) => `
      let r${m} = min(${row}, ${rows - 1}u);
      ${inImage(m, phased.height, phased.width, rows)}
      let b${m} = i${m} * ${output.height * output.width}u;
      let y${m} = i32(v${m} + reachY);
      let x${m} = i32(u${m} + reachX);`),
  ].join('\n');
  const weightAt = (component: string, n: number) => `weights[w + (${column(n, tile, columns)} * 4u + ${component}) * ${filters}u]`;
  const dots = (m: number, n: number, weight: (l: number) => string) => `a${m}_${n} += vec4f(${[0, 1, 2, 3].map((l) => `dot(p${m}, ${weight(l)})`).join(', ')});`;
  return product({
    conv,
    label: 'input gradient',
    epilogue,
    tile,
    splits,
    milliseconds,
    rows,
    columns,
    depth: filters,
    source: output,
    phases: stride * stride,
    setup,
    taps: { y: ['firstY', kernel], x: ['firstX', kernel], step: stride },
    locate: (m) => `b${m}, y${m} - i32(${quotient('ky', stride, kernel)}), x${m} - i32(${quotient('kx', stride, kernel)})`,
    padded,
    weightBase: `(ky * ${kernel}u + kx) * ${4 * columns * filters}u + c`,
    inner: [
      shared(tile, (n) => weightAt('(lane & 3u)', n)),
      each(tile.columns, (n) => [
        each(4, (l) => `let w${n}_${l} = ${weight(tile, n, l, weightAt(`${l}u`, n))};`),
        each(tile.rows, (m) => dots(m, n, (l) => `w${n}_${l}`)),
      ].join('\n')),
    ].join('\n'),
    ...(stride === 1
      ? {}
      : {
          pixel: `(i * ${input.height}u + inputY) * ${input.width}u + inputX`,
          inside: `(inputY < ${input.height}u) & (inputX < ${input.width}u)`,
          spread: `
            let r = min(at, ${rows - 1}u);
            ${inImage('', phased.height, phased.width, rows)}
            let inputY = v * ${stride}u + phaseY;
            let inputX = u * ${stride}u + phaseX;`,
        }),
  });
}

interface Product {
  readonly conv: Convolution;
  readonly label: string;
  readonly epilogue: Epilogue;
  readonly tile: ProductTile;
  readonly splits: number;
  readonly milliseconds: number;
  readonly rows: number;
  readonly columns: number;
  /** Quads of the reduction at one tap. */
  readonly depth: number;
  readonly source: View;
  readonly phases?: number;
  readonly setup: string;
  readonly taps: { readonly y: readonly [first: string, end: number]; readonly x: readonly [first: string, end: number]; readonly step: number };
  /** Image base, y and x of the source pixel of row m at the tap. */
  readonly locate: (m: number) => string;
  readonly padded: boolean;
  readonly weightBase: string;
  readonly inner: string;
  /** Where rows are not the output's pixels in order: the pixel of row `at`, whether there is one, and what both need. */
  readonly pixel?: string;
  readonly inside?: string;
  readonly spread?: string;
}

/** WGSL: image i, line v and place u in it of row r, of images of so many pixels. */
function inImage(m: number | string, height: number, width: number, rows: number): string {
  const line = quotient(`r${m}`, width, rows);
  return `
    let l${m} = ${line};
    let i${m} = ${quotient(`l${m}`, height, rows)};
    let v${m} = l${m} - i${m} * ${height}u;
    let u${m} = r${m} - l${m} * ${width}u;`;
}

/** Locations that a thread works out: one a row, or where the lanes share the input, one of every four rows. */
const locations = (tile: ProductTile): number => (sharesInput(tile) ? tile.rows / 4 : tile.rows);
const sharesInput = (tile: ProductTile): boolean => tile.broadcast && tile.across === 'columns';
const sharesWeights = (tile: ProductTile): boolean => tile.broadcast && tile.across === 'rows';

function located(tile: ProductTile, line: (m: number, row: string) => string): string {
  return each(locations(tile), (m) => line(m, sharesInput(tile) ? `row + ${4 * m}u + (lane & 3u)` : `row + ${m}u`));
}

/** A lane's own row of the four of the weights. */
function shared(tile: ProductTile, at: (n: number) => string): string {
  return sharesWeights(tile) ? each(tile.columns, (n) => `let w${n} = ${at(n)};`) : '';
}

function weight(tile: ProductTile, n: number, l: number, load: string): string {
  return sharesWeights(tile) ? `subgroupBroadcast(w${n}, ${l}u)` : load;
}

function product(p: Product): Kernel {
  const { conv, tile, source, epilogue, splits } = p;
  const rowTiles = Math.ceil(p.rows / tile.rows);
  const columnTiles = Math.ceil(p.columns / tile.columns);
  const threads = threadsFor(tile.threads, tile.across === 'rows' ? rowTiles : columnTiles);
  const rowGroups = tile.across === 'rows' ? Math.ceil(rowTiles / threads) : rowTiles;
  const columnGroups = tile.across === 'columns' ? Math.ceil(columnTiles / threads) : columnTiles;
  const phases = p.phases ?? 1;
  const chunk = Math.ceil(p.depth / splits);
  const ragged = p.rows < rowGroups * tile.rows * (tile.across === 'rows' ? threads : 1);
  const { height, width } = source;
  const locate = each(locations(tile), (m) =>
    p.padded
      ? `let s${m} = place(${p.locate(m)}); let k${m} = f32(s${m} >= 0); let o${m} = u32(max(s${m}, 0));`
      : `let o${m} = u32(place(${p.locate(m)}));`,
  );
  const offset = `(i32(image) + y * ${width} + x) * ${source.step} + ${source.first}`;
  const place = `fn place(image: u32, y: i32, x: i32) -> i32 { return ${p.padded ? `select(-1, ${offset}, (u32(y) < ${height}u) & (u32(x) < ${width}u))` : offset}; }`;
  const load = (m: number) => `source[o${m} + c]${p.padded ? ` * k${m}` : ''}`;
  const loads = sharesInput(tile)
    ? [each(locations(tile), (m) => `let q${m} = ${load(m)};`), each(tile.rows, (m) => `let p${m} = subgroupBroadcast(q${Math.floor(m / 4)}, ${m % 4}u);`)].join('\n')
    : each(tile.rows, (m) => `let p${m} = ${load(m)};`);
  const columnsFit = p.columns % (tile.columns * (tile.across === 'columns' ? threads : 1)) === 0;
  const store = each(tile.rows, (m) => {
    const inside = [ragged ? `at < ${p.rows}u` : '', p.inside ?? ''].filter((test) => test !== '').map((test) => `(${test})`).join(' & ');
    const write = each(tile.columns, (n) => {
      const statement = epilogue.write('pixel', `(column + ${n}u)`, `a${m}_${n}`);
      return columnsFit ? statement : `if (column + ${n}u < ${p.columns}u) { ${statement} }`;
    });
    return `{ let at = row + ${m}u; ${p.spread ?? ''} ${inside === '' ? '' : `if (${inside})`} { let pixel = ${p.pixel ?? 'at'}; ${write} } }`;
  });
  const [rowAt, columnAt] = [`group % ${rowGroups}u`, `group / ${rowGroups}u % ${columnGroups}u`];
  return {
    label: `${conv.name} ${p.label}`,
    bindings: [reads('source', regionOf(source)), reads('weights', conv.weights), ...epilogue.bindings.filter(({ name }) => name !== 'weights')],
    declarations: place,
    threads,
    groups: rowGroups * columnGroups * phases * splits,
    ...(tile.broadcast ? { subgroups: true } : {}),
    flops: flopsOf(conv),
    milliseconds: p.milliseconds,
    body: `
      let row = ${tile.across === 'rows' ? `(${rowAt} * ${threads}u + thread)` : `(${rowAt})`} * ${tile.rows}u;
      let column = ${tile.across === 'columns' ? `(${columnAt} * ${threads}u + thread)` : `(${columnAt})`} * ${tile.columns}u;
      ${phases > 1 ? `let phase = group / ${rowGroups * columnGroups}u % ${phases}u;` : 'const phase = 0u;'}
      ${splits > 1 ? `let split = group / ${rowGroups * columnGroups * phases}u;` : ''}
      ${p.setup}
      ${each(tile.rows, (m) => each(tile.columns, (n) => `var a${m}_${n} = vec4f(0);`))}
      for (var ky = ${p.taps.y[0]}; ky < ${p.taps.y[1]}u; ky += ${p.taps.step}u) {
      for (var kx = ${p.taps.x[0]}; kx < ${p.taps.x[1]}u; kx += ${p.taps.step}u) {
        ${locate}
        for (var c = ${splits > 1 ? `split * ${chunk}u` : '0u'}; c < ${splits > 1 ? `min((split + 1u) * ${chunk}u, ${p.depth}u)` : `${p.depth}u`}; c++) {
          let w = ${p.weightBase};
          ${loads}
          ${p.inner}
        }
      }}
      ${store}`,
  };
}

/** WGSL: the n-th column of the tile, held inside the matrix. */
function column(n: number, tile: ProductTile, columns: number): string {
  const exact = columns % (tile.columns * (tile.across === 'columns' ? threadsFor(tile.threads, Math.ceil(columns / tile.columns)) : 1)) === 0;
  return exact ? `(column + ${n}u)` : `min(column + ${n}u, ${columns - 1}u)`;
}

/** Of the product, taps in the padding included. */
export function flopsOf({ input, output, kernel }: Convolution): number {
  return 2 * pixelsOf(output) * output.channels.count * kernel * kernel * input.channels.count;
}
