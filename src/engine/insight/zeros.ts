/** Places of one photo at which each map is exactly zero: where a relu lets nothing through. @param data [places, maps]. */
export function zeroPlaces(data: Float32Array, maps: number): Uint32Array<ArrayBuffer> {
  const zeros = new Uint32Array(maps);
  for (let i = 0, map = 0; i < data.length; i++) {
    if (data[i] === 0) zeros[map]++;
    if (++map === maps) map = 0;
  }
  return zeros;
}

/** How silent each map of a layer is over a sample of photos; one entry a map. A map is dark on a photo where all of its places are zero, and dead where it is dark on every photo. */
export interface Silence {
  /** Share of all places of all photos at which the map is exactly zero, 0 to 1. */
  readonly zeroPlaces: readonly number[];
  /** Share of the photos on which the map is dark, 0 to 1. */
  readonly zeroPhotos: readonly number[];
}

/** Takes the maps of one layer, photo by photo. */
export class SilenceCount {
  photos = 0;
  /** Of all photos so far. */
  places = 0;
  private readonly zeros: Float64Array;
  private readonly dark: Float64Array;

  constructor(private readonly maps: number) {
    this.zeros = new Float64Array(maps);
    this.dark = new Float64Array(maps);
  }

  /** @param data of one photo, [height, width, maps] or [maps]. */
  add(data: Float32Array): void {
    const places = data.length / this.maps;
    zeroPlaces(data, this.maps).forEach((count, map) => {
      this.zeros[map] += count;
      if (count === places) this.dark[map]++;
    });
    this.photos++;
    this.places += places;
  }

  result(): Silence {
    const share = (of: Float64Array, all: number): number[] => Array.from(of, (value) => value / all);
    return { zeroPlaces: share(this.zeros, this.places), zeroPhotos: share(this.dark, this.photos) };
  }
}

/** Maps that were dark on every photo. */
export function deadMaps({ zeroPhotos }: Silence): number[] {
  return zeroPhotos.flatMap((share, map) => (share === 1 ? [map] : []));
}
