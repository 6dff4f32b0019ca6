/** What the loader is held against: the browser's own decode and resize, and the pixels read back, with the photos in memory already. */
const IN_FLIGHT = 4;

addEventListener('message', (event: MessageEvent<{ photos: Uint8Array<ArrayBuffer>[]; size: number }>) => {
  const { photos, size } = event.data;
  const canvas = new OffscreenCanvas(size, size);
  const context = canvas.getContext('2d', { alpha: false, willReadFrequently: true })!;
  let next = 0;
  let sum = 0;
  const work = async (): Promise<void> => {
    while (next < photos.length) {
      const bitmap = await createImageBitmap(new Blob([photos[next++]]), { resizeWidth: size, resizeHeight: size });
      context.drawImage(bitmap, 0, 0);
      bitmap.close();
      sum += context.getImageData(0, 0, size, size).data[0];
    }
  };
  void Promise.all(Array.from({ length: IN_FLIGHT }, work)).then(() => postMessage(sum));
});
