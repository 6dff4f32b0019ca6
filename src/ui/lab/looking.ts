import type { NetworkSilence, PaintedCam, PaintedFilters, PaintedMaps, Photo } from '../../workers/contract.js';
import type { CamFailure, View } from '../feature-maps/feature-maps.js';

/** What is looked at: one layer of one run for one photo. */
export interface Looking {
  readonly run: string;
  readonly layer: string;
  /** Index of the photo in the run's dataset. */
  readonly index: number;
  readonly photo: Photo | null;
  readonly view: View;
  readonly maps: PaintedMaps | null;
  readonly filters: PaintedFilters | null;
  /** Input channel of the filters; null for colours. */
  readonly channel: number | null;
  /** The epoch of `maps` while the run trains; null for the stored best weights. */
  readonly epoch: number | null;
  /** Epochs that can be asked for, and the one that was; null for the best, or for now while the run trains. */
  readonly epochs: readonly number[];
  readonly at: number | null;
  /** Where Grad-CAM is taken, null where the network has no such layer; and the class asked for, null for what the model says. */
  readonly camLayer: string | null;
  readonly label: number | null;
  readonly cam: PaintedCam | null;
  readonly camFailure: CamFailure | null;
  readonly silence: NetworkSilence | null;
  readonly counting: boolean;
  readonly busy: boolean;
}
