/** Bytes of an archive that are held for reading, all windows together. */
export const WINDOW_BUDGET = 8 * 2 ** 20;
const MAX_WINDOW = 2 ** 20;
const MIN_WINDOW = 2 ** 13;

/**
 * A Blob read in windows: a read of a Blob costs about a millisecond whatever its length, so small files that lie side
 * by side are read together. The least recently used windows are let go.
 */
export class BlobWindows {
  private readonly windows = new Map<number, Promise<Uint8Array<ArrayBuffer>>>();
  private readonly windowBytes: number;

  /** @param places how many places of the blob are read in turn (one a class): each gets a window of its own. */
  constructor(
    private readonly blob: Blob,
    places: number,
  ) {
    this.windowBytes = Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, 2 ** Math.floor(Math.log2(WINDOW_BUDGET / (places + 1)))));
  }

  /** Bytes [start, start + length), fewer where the blob ends. May be a view of a window: copy what is kept. */
  async read(start: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const end = Math.min(start + length, this.blob.size);
    if (end <= start) return new Uint8Array(0);
    const first = Math.floor(start / this.windowBytes);
    const last = Math.floor((end - 1) / this.windowBytes);
    if (last - first > 1) return new Uint8Array(await this.blob.slice(start, end).arrayBuffer());
    const offset = start - first * this.windowBytes;
    const head = (await this.window(first)).subarray(offset, offset + end - start);
    if (first === last) return head;
    const joined = new Uint8Array(end - start);
    joined.set(head);
    joined.set((await this.window(last)).subarray(0, joined.length - head.length), head.length);
    return joined;
  }

  private window(number: number): Promise<Uint8Array<ArrayBuffer>> {
    const held = this.windows.get(number);
    this.windows.delete(number);
    const start = number * this.windowBytes;
    const window = held ?? this.blob.slice(start, start + this.windowBytes).arrayBuffer().then((buffer) => new Uint8Array(buffer));
    this.windows.set(number, window);
    if (this.windows.size * this.windowBytes > WINDOW_BUDGET) this.windows.delete(this.windows.keys().next().value!);
    return window;
  }
}
