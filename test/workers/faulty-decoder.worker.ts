import { decoding, decodingChecks } from '../../src/workers/decoders.js';
import { serve } from '../../src/workers/line.js';

/** A decoding thread that a photo of 13 bytes hangs, and one of 14 ends. */
async function meet(photo: Uint8Array): Promise<void> {
  if (photo.length === 13) for (;;);
  if (photo.length === 14) self.close();
  if (photo.length === 14) await new Promise(() => {});
}

serve(
  {
    ready: decoding.ready,
    async pixels(photo: Uint8Array<ArrayBuffer>, size: number) {
      await meet(photo);
      return decoding.pixels(photo, size);
    },
    async draw(photo: Uint8Array<ArrayBuffer>, side: number) {
      await meet(photo);
      return decoding.draw(photo, side);
    },
  },
  decodingChecks,
);
