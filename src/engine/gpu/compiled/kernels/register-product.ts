import { quotient } from '../arithmetic.js';
import { each, reads, type Kernel } from '../kernel.js';
import { threadsFor, type ProductTile } from '../tiles.js';
import { regionOf } from '../views.js';
import { multiply, placeFunction, storeSums, type Product } from './product.js';

/**
 * A thread holds `tile.rows` x `tile.columns` vec4 of sums in registers, and for four steps of the reduction loads rows +
 * 4 x columns vec4 for 4 x rows x columns multiply-adds of a vec4. Threads side by side along the rows have the weights in
 * common, along the columns the input: there, four lanes load one each and broadcast it, which leaves a quarter of those
 * loads. Positions in the padding read quad 0 times zero, so control flow stays uniform. The body of the inner loop is
 * kept short, and its conditions without branches: a software adapter's machine code for it must fit the first-level
 * instruction cache, and its compiler takes seconds over branches among so many live sums.
 */
export function registerProduct(p: Product): Kernel {
  const { conv, tile, source, epilogue, splits, weights } = p;
  const rowTiles = Math.ceil(p.rows / tile.rows);
  const columnTiles = Math.ceil(p.columns / tile.columns);
  const threads = threadsFor(tile.threads, tile.across === 'rows' ? rowTiles : columnTiles);
  const rowGroups = tile.across === 'rows' ? Math.ceil(rowTiles / threads) : rowTiles;
  const columnGroups = tile.across === 'columns' ? Math.ceil(columnTiles / threads) : columnTiles;
  const phases = p.phases?.count ?? 1;
  const chunk = Math.ceil(p.depth / splits);
  const ragged = {
    rows: p.rows < rowGroups * tile.rows * (tile.across === 'rows' ? threads : 1),
    columns: p.columns < columnGroups * tile.columns * (tile.across === 'columns' ? threads : 1),
  };
  const sharesInput = tile.broadcast && tile.across === 'columns';
  const sharesWeights = tile.broadcast && tile.across === 'rows';
  // Where the lanes share the input, each works out one of every four rows.
  const places = sharesInput ? tile.rows / 4 : tile.rows;
  const rowOf = (m: number) => (sharesInput ? `row + ${4 * m}u + (lane & 3u)` : `row + ${m}u`);
  const load = (m: number) => `source[o${m} + c]${p.padded ? ` * k${m}` : ''}`;
  const column = (n: number) => (ragged.columns ? `min(column + ${n}u, ${p.columns - 1}u)` : `(column + ${n}u)`);
  const weight = (l: string, n: number) => `weights[${weights.at(l, column(n))}]`;
  const inner = `
    let w = ${weights.base};
    ${sharesInput
      ? [each(places, (m) => `let q${m} = ${load(m)};`), each(tile.rows, (m) => `let p${m} = subgroupBroadcast(q${Math.floor(m / 4)}, ${m % 4}u);`)].join('\n')
      : each(tile.rows, (m) => `let p${m} = ${load(m)};`)}
    ${sharesWeights ? each(tile.columns, (n) => `let w${n} = ${weight('(lane & 3u)', n)};`) : ''}
    ${each(tile.columns, (n) => [
      each(weights.order === 'dots' ? 4 : p.components, (l) => `let w${n}_${l} = ${sharesWeights ? `subgroupBroadcast(w${n}, ${l}u)` : weight(`${l}u`, n)};`),
      multiply(p, n),
    ].join('\n'))}`;
  const groups = rowGroups * columnGroups * phases * splits;
  const own = (direction: ProductTile['across'], at: string): string => (tile.across === direction ? `(${at} * ${threads}u + thread)` : at);
  return {
    label: `${conv.name} ${p.label}`,
    bindings: [reads('source', regionOf(source)), reads('weights', conv.weights), ...epilogue.bindings.filter(({ name }) => name !== 'weights')],
    declarations: placeFunction(p),
    threads,
    groups,
    ...(tile.broadcast ? { subgroups: true } : {}),
    flops: p.flops,
    milliseconds: p.milliseconds,
    body: `
      let beyondRows = ${quotient('group', rowGroups, groups)};
      let beyondColumns = ${quotient('beyondRows', columnGroups, groups)};
      let row = ${own('rows', `(group - beyondRows * ${rowGroups}u)`)} * ${tile.rows}u;
      let column = ${own('columns', `(beyondRows - beyondColumns * ${columnGroups}u)`)} * ${tile.columns}u;
      ${splits > 1 ? `let split = ${quotient('beyondColumns', phases, groups)};` : ''}
      ${phases > 1 ? `let phase = ${splits > 1 ? `beyondColumns - split * ${phases}u` : 'beyondColumns'};` : 'const phase = 0u;'}
      ${p.phases?.setup ?? ''}
      ${each(places, (m) => `let r${m} = min(${rowOf(m)}, ${p.rows - 1}u); ${p.setup(m)}`)}
      ${each(tile.rows, (m) => each(tile.columns, (n) => `var a${m}_${n} = vec4f(0);`))}
      ${loop('ky', p.taps.y, p.taps.end, p.taps.step, loop('kx', p.taps.x, p.taps.end, p.taps.step, `
        ${each(places, (m) => `let s${m} = place(${p.locate(m)}); ${p.padded ? `let k${m} = f32(s${m} >= 0);` : ''} let o${m} = u32(max(s${m}, 0));`)}
        ${splits > 1 ? `for (var c = split * ${chunk}u; c < min((split + 1u) * ${chunk}u, ${p.depth}u); c++) { ${inner} }` : loop('c', '0u', p.depth, 1, inner)}`))}
      ${storeSums(p, ragged)}`,
  };
}

/** WGSL of a loop, or of its one turn: entering a loop moves every live sum. */
function loop(index: string, first: string, end: number, step: number, body: string): string {
  return first === '0u' && end <= step ? `{ const ${index} = 0u; ${body} }` : `for (var ${index} = ${first}; ${index} < ${end}u; ${index} += ${step}u) { ${body} }`;
}
