import { each, reads, type Kernel } from '../kernel.js';
import { SQUARE } from '../tiles.js';
import { regionOf } from '../views.js';
import { multiply, placeFunction, storeSums, type Product } from './product.js';

/** Quads of the reduction that are staged at once. */
const STAGED = 4;
const THREADS = SQUARE * SQUARE;

/**
 * The same product as a GPU with fast workgroup memory wants it: 8 x 8 threads stage a block of the input (a row or more a
 * thread) and of the weights for sixteen steps of the reduction, and each computes `tile.rows` x `tile.columns` vec4 from
 * them. Every value is loaded from global memory once a block of 8 x rows by 8 x columns vec4, in place of once a thread.
 */
export function squareProduct(p: Product): Kernel {
  const { conv, tile, source, epilogue, splits, weights } = p;
  const [blockRows, blockColumns] = [tile.rows * SQUARE, tile.columns * SQUARE];
  const rowGroups = Math.ceil(p.rows / blockRows);
  const columnGroups = Math.ceil(p.columns / blockColumns);
  const phases = p.phases?.count ?? 1;
  const chunk = Math.ceil(p.depth / splits);
  const places = Math.ceil(blockRows / THREADS);
  const dots = weights.order === 'dots';
  // Of the weights, vec4s in the order they are computed with: [quad, component, column].
  const stagedWeights = STAGED * 4 * blockColumns;
  const load = (m: number, q: number) => `f32(c + ${q}u < end)${p.padded ? ` * k${m}` : ''} * source[o${m} + min(c + ${q}u, ${p.depth - 1}u)]`;
  return {
    label: `${conv.name} ${p.label}`,
    bindings: [reads('source', regionOf(source)), reads('weights', conv.weights), ...epilogue.bindings.filter(({ name }) => name !== 'weights')],
    declarations: `${placeFunction(p)}
      var<workgroup> inputs: array<vec4f, ${STAGED * blockRows}>;
      var<workgroup> columns: array<vec4f, ${stagedWeights}>;`,
    threads: THREADS,
    groups: rowGroups * columnGroups * phases * splits,
    flops: p.flops,
    milliseconds: p.milliseconds,
    body: `
      let row0 = group % ${rowGroups}u * ${blockRows}u;
      let column0 = group / ${rowGroups}u % ${columnGroups}u * ${blockColumns}u;
      ${phases > 1 ? `let phase = group / ${rowGroups * columnGroups}u % ${phases}u;` : 'const phase = 0u;'}
      ${splits > 1 ? `let split = group / ${rowGroups * columnGroups * phases}u;` : 'const split = 0u;'}
      let mine = vec2u(thread / ${SQUARE}u * ${tile.rows}u, thread % ${SQUARE}u * ${tile.columns}u);
      let row = row0 + mine.x;
      let column = column0 + mine.y;
      ${p.phases?.setup ?? ''}
      ${each(places, (m) => `let r${m} = min(row0 + thread + ${m * THREADS}u, ${p.rows - 1}u); ${p.setup(m)}`)}
      ${each(tile.rows, (m) => each(tile.columns, (n) => `var a${m}_${n} = vec4f(0);`))}
      let end = min((split + 1u) * ${chunk}u, ${p.depth}u);
      for (var ky = ${p.taps.y}; ky < ${p.taps.end}u; ky += ${p.taps.step}u) {
      for (var kx = ${p.taps.x}; kx < ${p.taps.end}u; kx += ${p.taps.step}u) {
        ${each(places, (m) => `let s${m} = place(${p.locate(m)}); ${p.padded ? `let k${m} = f32(s${m} >= 0);` : ''} let o${m} = u32(max(s${m}, 0));`)}
        for (var first = split * ${chunk}u; first < end; first += ${STAGED}u) {
          {
            let c = first;
            ${each(places, (m) => {
              const stage = each(STAGED, (q) => `inputs[${q * blockRows + m * THREADS}u + thread] = ${load(m, q)};`);
              return blockRows % THREADS === 0 ? stage : `if (thread + ${m * THREADS}u < ${blockRows}u) { ${stage} }`;
            })}
          }
          for (var i = thread; i < ${stagedWeights}u; i += ${THREADS}u) {
            // Neighbours in the group read neighbours in memory.
            ${dots
              ? `let q = i % ${STAGED}u; let l = i / ${STAGED}u % 4u; let n = i / ${4 * STAGED}u;`
              : `let n = i % ${blockColumns}u; let l = i / ${blockColumns}u % 4u; let q = i / ${4 * blockColumns}u;`}
            let c = min(first + q, ${p.depth - 1}u);
            let w = ${weights.base};
            columns[(q * 4u + l) * ${blockColumns}u + n] = weights[${weights.at('l', `min(column0 + n, ${p.columns - 1}u)`)}];
          }
          workgroupBarrier();
          for (var q = 0u; q < ${STAGED}u; q++) {
            ${each(tile.rows, (m) => `let p${m} = inputs[q * ${blockRows}u + mine.x + ${m}u];`)}
            ${each(tile.columns, (n) => [each(dots ? 4 : p.components, (l) => `let w${n}_${l} = columns[(q * 4u + ${l}u) * ${blockColumns}u + mine.y + ${n}u];`), multiply(p, n)].join('\n'))}
          }
          workgroupBarrier();
        }
      }}
      ${storeSums(p, { rows: p.rows % blockRows !== 0, columns: p.columns % blockColumns !== 0 })}`,
  };
}
