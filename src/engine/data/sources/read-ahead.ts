/** At most so many files, and so many of their bytes, are on their way at once. */
export const AHEAD_FILES = 32;
export const AHEAD_BYTES = 8 * 2 ** 20;

/** `read` of each item, in order, later ones begun while earlier ones are awaited. One file may exceed the bytes alone. */
export async function* readAhead<I, T>(items: Iterable<I>, bytesOf: (item: I) => number, read: (item: I) => Promise<T>): AsyncGenerator<T> {
  const pending: { result: Promise<T>; bytes: number }[] = [];
  let bytesAhead = 0;
  for (const item of items) {
    const bytes = bytesOf(item);
    while (pending.length > 0 && (pending.length >= AHEAD_FILES || bytesAhead + bytes > AHEAD_BYTES)) {
      const first = pending.shift()!;
      yield await first.result;
      bytesAhead -= first.bytes;
    }
    const result = read(item);
    // Its failure is met when its turn comes; until then it is not unhandled.
    result.catch(() => {});
    pending.push({ result, bytes });
    bytesAhead += bytes;
  }
  for (const { result } of pending) yield await result;
}
