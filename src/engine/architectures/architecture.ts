import type { LayerGraph } from '../graph/types.js';

/** A number that a person may choose, one of `values`. */
export interface ArchitectureOption {
  readonly name: string;
  readonly title: string;
  readonly values: readonly number[];
  readonly default: number;
}

export interface BuildRequest {
  /** Side of the square RGB input, pixels. */
  readonly size: number;
  readonly classes: number;
  /** A value for each of the architecture's options. */
  readonly options: Readonly<Record<string, number>>;
}

/** What each network's file exports by default. */
export interface Architecture {
  readonly id: string;
  readonly title: string;
  /** Where it comes from, and what was changed. */
  readonly paper: string;
  readonly options: readonly ArchitectureOption[];
  /** Sides of the input that it takes, pixels. */
  readonly sides: { readonly least: number; readonly most: number };
  build(request: BuildRequest): LayerGraph;
}

/** The sides that Winnow trains on; five halvings leave 32 pixels one. */
export const allSides = { least: 32, most: 512 };
