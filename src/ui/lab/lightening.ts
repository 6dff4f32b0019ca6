import type { LightenResult } from '../../workers/contract.js';
import type { LightenWork } from '../lighten/lighten.js';

/** The Lighten place's part of the state. */
export interface Lightening {
  /** The run that was chosen to be lightened; null for the newest. */
  readonly origin: string | null;
  readonly work: LightenWork | null;
  readonly result: LightenResult | null;
}

export const noLightening: Lightening = { origin: null, work: null, result: null };
