import { expect } from 'chai';
import { drawGrain, PHOTO_SIDE } from '../../../../src/engine/data/rice/grain.js';
import { syntheticRice, type SyntheticPhoto } from '../../../../src/engine/data/rice/synthetic.js';
import { varieties, type Variety } from '../../../../src/engine/data/rice/varieties.js';

async function collect(images: number, seed: number): Promise<SyntheticPhoto[]> {
  const photos: SyntheticPhoto[] = [];
  for await (const photo of syntheticRice({ images, seed }).items) photos.push(photo);
  return photos;
}

function draw(variety: Variety, seed: number, index: number): Uint8ClampedArray {
  const pixels = new Uint8ClampedArray(PHOTO_SIDE * PHOTO_SIDE * 4);
  drawGrain(pixels, variety, seed, index);
  return pixels;
}

/** Axes of the ellipse with the same second moments as the bright region: what the literature's features are measured by. */
function measure(pixels: Uint8ClampedArray): { length: number; aspect: number; edge: number } {
  let [count, sumX, sumY, xx, yy, xy, edge] = [0, 0, 0, 0, 0, 0, 0];
  for (let y = 0; y < PHOTO_SIDE; y++) {
    for (let x = 0; x < PHOTO_SIDE; x++) {
      if (pixels[(y * PHOTO_SIDE + x) * 4 + 1] < 60) continue;
      count++;
      sumX += x;
      sumY += y;
      xx += x * x;
      yy += y * y;
      xy += x * y;
      if (x === 0 || y === 0 || x === PHOTO_SIDE - 1 || y === PHOTO_SIDE - 1) edge++;
    }
  }
  const varX = xx / count - (sumX / count) ** 2;
  const varY = yy / count - (sumY / count) ** 2;
  const cov = xy / count - (sumX / count) * (sumY / count);
  const spread = Math.hypot(varX - varY, 2 * cov);
  const length = 4 * Math.sqrt((varX + varY + spread) / 2);
  return { length, aspect: length / (4 * Math.sqrt((varX + varY - spread) / 2)), edge };
}

describe('drawGrain', () => {
  for (const [label, variety] of varieties.entries()) {
    it(`draws ${variety.name} with the axes of the literature, whole and on black`, () => {
      const grains = Array.from({ length: 40 }, (_, i) => draw(variety, 3, i * 5 + label));
      const measures = grains.map(measure);
      const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
      const spread = (values: number[]) => Math.sqrt(mean(values.map((value) => (value - mean(values)) ** 2)));
      const lengths = measures.map((one) => one.length);
      const aspects = measures.map((one) => one.aspect);
      expect(mean(lengths)).to.be.closeTo(variety.length[0], 0.06 * variety.length[0]);
      expect(mean(aspects)).to.be.closeTo(variety.aspect[0], 0.07 * variety.aspect[0]);
      expect(spread(aspects)).to.be.within(0.5 * variety.aspect[1], 2 * variety.aspect[1]);
      expect(Math.max(...measures.map((one) => one.edge)), 'pixels on the border').to.equal(0);
      for (const pixels of grains) {
        expect([...pixels.subarray(0, 4)]).to.deep.equal([0, 0, 0, 255]);
        expect(new Set(pixels.filter((_, at) => at % 4 === 3))).to.deep.equal(new Set([255]));
      }
    });
  }

  it('gives the same pixels for the same seed and index, whatever was in the buffer', () => {
    const once = draw(varieties[1], 8, 21);
    const again = new Uint8ClampedArray(PHOTO_SIDE * PHOTO_SIDE * 4).fill(77);
    drawGrain(again, varieties[1], 8, 21);
    expect(again).to.deep.equal(once);
    expect(draw(varieties[1], 9, 21)).to.not.deep.equal(once);
    expect(draw(varieties[1], 8, 26)).to.not.deep.equal(once);
  });
});

describe('syntheticRice', () => {
  it('gives JPEGs of the five varieties in turn, named as in the Rice Image Dataset', async () => {
    const { classes, total } = syntheticRice({ images: 12, seed: 1 });
    expect(classes).to.deep.equal(['Arborio', 'Basmati', 'Ipsala', 'Jasmine', 'Karacadag']);
    expect(total).to.equal(12);
    const photos = await collect(12, 1);
    expect(photos).to.have.length(12);
    expect([0, 1, 4, 5, 11].map((at) => photos[at].path)).to.deep.equal(['Arborio/Arborio (1).jpg', 'Basmati/Basmati (1).jpg', 'Karacadag/Karacadag (1).jpg', 'Arborio/Arborio (2).jpg', 'Basmati/Basmati (3).jpg']);
    for (const [index, { bytes }] of photos.entries()) {
      expect([...bytes.subarray(0, 3)]).to.deep.equal([0xff, 0xd8, 0xff]);
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/jpeg' }));
      expect([bitmap.width, bitmap.height]).to.deep.equal([PHOTO_SIDE, PHOTO_SIDE]);
      const context = new OffscreenCanvas(PHOTO_SIDE, PHOTO_SIDE).getContext('2d')!;
      context.drawImage(bitmap, 0, 0);
      bitmap.close();
      const decoded = context.getImageData(0, 0, PHOTO_SIDE, PHOTO_SIDE).data;
      const drawn = draw(varieties[index % 5], 1, index);
      const difference = decoded.reduce((sum, value, at) => sum + Math.abs(value - drawn[at]), 0) / decoded.length;
      expect(difference).to.be.below(2);
    }
  });

  it('starts with the same photos whatever the number, and with others for another seed', async () => {
    const few = await collect(3, 5);
    const more = await collect(9, 5);
    expect(more.slice(0, 3)).to.deep.equal(few);
    expect((await collect(1, 6))[0].bytes).to.not.deep.equal(few[0].bytes);
  });

  it('ends when whoever reads it stops early', async () => {
    let read = 0;
    for await (const photo of syntheticRice({ images: 1000, seed: 1 }).items) {
      expect(photo.bytes.length).to.be.above(500);
      if (++read === 5) break;
    }
    expect(read).to.equal(5);
  });
});
