import { quotient } from '../arithmetic.js';
import { each, type Region } from '../kernel.js';
import type { ProductTile } from '../tiles.js';
import type { View } from '../views.js';
import type { Epilogue } from './epilogue.js';

/** A matrix product whose left side is gathered from a tensor, tap by tap; what its two users differ in. */
export interface Product {
  readonly conv: { readonly name: string; readonly weights: Region };
  readonly label: string;
  readonly flops: number;
  readonly epilogue: Epilogue;
  readonly tile: ProductTile;
  readonly splits: number;
  readonly milliseconds: number;
  /** Of one phase. */
  readonly rows: number;
  /** In vec4s. */
  readonly columns: number;
  /** Quads of the reduction at one tap, and how many components of each can be other than zero. */
  readonly depth: number;
  readonly components: number;
  readonly source: View;
  /** WGSL that works out where row `r{m}` lies: what `locate` needs. */
  readonly setup: (m: number) => string;
  readonly taps: { readonly y: string; readonly x: string; readonly end: number; readonly step: number };
  /** WGSL: image base, y and x of the source pixel of row m at the tap (ky, kx). */
  readonly locate: (m: number) => string;
  /** Whether a source pixel may be outside. */
  readonly padded: boolean;
  readonly weights: {
    /** WGSL of `w`, from ky, kx and the quad c of the reduction. */
    readonly base: string;
    /** WGSL: index of component l and a column, from `w`. */
    readonly at: (l: string, column: string) => string;
    /** What a loaded vec4 holds: four columns at one component of the reduction, or four components at one of a column's four. */
    readonly order: 'components' | 'dots';
  };
  readonly phases?: {
    readonly count: number;
    readonly setup: string;
    /** Where rows are not the output's pixels in order: which pixel row `at` is, if it is one. */
    readonly spread?: { readonly setup: string; readonly inside: string; readonly pixel: string };
  };
}

/** WGSL: image i, line v and place u in it of row r, of images of so many pixels. */
export function inImage(m: number | string, height: number, width: number, rows: number): string {
  return `
    let l${m} = ${quotient(`r${m}`, width, rows)};
    let i${m} = ${quotient(`l${m}`, height, rows)};
    let v${m} = l${m} - i${m} * ${height}u;
    let u${m} = r${m} - l${m} * ${width}u;`;
}

/** WGSL function `place`: index of a source pixel's first quad; -1 outside. */
export function placeFunction({ source, padded }: Product): string {
  const { height, width, step, first } = source;
  const offset = `(i32(image) + y * ${width} + x) * ${step} + ${first}`;
  return `fn place(image: u32, y: i32, x: i32) -> i32 { return ${padded ? `select(-1, ${offset}, (u32(y) < ${height}u) & (u32(x) < ${width}u))` : offset}; }`;
}

/**
 * WGSL: multiply-adds of one quad of the reduction onto `a{m}_{n}`, from `p{m}` and `w{n}_{l}`. Each sum is touched once for
 * all four, and a component at a time: as dots it keeps one value alive where a scaled vec4 keeps four, and registers are few.
 */
export function multiply({ tile, components, weights }: Product, n: number): string {
  if (components === 1) return each(tile.rows, (m) => `a${m}_${n} += p${m}.x * w${n}_0;`);
  const parts = 'xyzw'.slice(0, components);
  const across = (j: string): string => `vec${components}f(${Array.from(parts, (_, l) => `w${n}_${l}.${j}`).join(', ')})`;
  const column = (j: number): string => (weights.order === 'dots' ? `w${n}_${j}` : across('xyzw'[j]));
  return each(tile.rows, (m) => `a${m}_${n} += vec4f(${[0, 1, 2, 3].map((j) => `dot(p${m}.${parts}, ${column(j)})`).join(', ')});`);
}

/** WGSL that hands the sums to the epilogue; row0 and column are the thread's first. @param ragged whether a row may be beyond the last, and a column. */
export function storeSums({ tile, rows, columns, epilogue, phases }: Product, ragged: { readonly rows: boolean; readonly columns: boolean }): string {
  const spread = phases?.spread;
  const tests = [...(ragged.rows ? [`(at < ${rows}u)`] : []), ...(spread ? [spread.inside] : [])];
  // Beyond the last column it reads what is not written.
  const shared = epilogue.shared;
  const load = shared === undefined ? '' : each(tile.columns, (n) => `let shared${n} = ${shared(ragged.columns ? `min(column + ${n}u, ${columns - 1}u)` : `(column + ${n}u)`)};`);
  return load + each(tile.rows, (m) => {
    const write = each(tile.columns, (n) => {
      const statement = epilogue.write('pixel', `(column + ${n}u)`, `a${m}_${n}`, shared === undefined ? undefined : `shared${n}`);
      return ragged.columns ? `if (column + ${n}u < ${columns}u) { ${statement} }` : statement;
    });
    return `{ let at = row + ${m}u; ${spread?.setup ?? ''} ${tests.length === 0 ? '' : `if (${tests.join(' & ')})`} { let pixel = ${spread?.pixel ?? 'at'}; ${write} } }`;
  });
}
