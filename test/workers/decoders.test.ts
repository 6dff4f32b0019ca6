import { expect } from 'chai';
import { decodeToPixels } from '../../src/engine/data/decode.js';
import { Decoders, type Decoding, type StartThread } from '../../src/workers/decoders.js';
import { openWorker } from '../../src/workers/line.js';
import { png } from '../engine/data/photos.js';

describe('decoding threads', () => {
  let started = 0;
  const start: StartThread = (failed) => {
    started++;
    return openWorker<Decoding>('decoder', new Worker(new URL('./faulty-decoder.worker.ts', import.meta.url), { type: 'module' }), failed);
  };
  const never: StartThread = (failed) => openWorker<Decoding>('decoder', new Worker('/no-such-decoder.js', { type: 'module' }), failed);
  let decoders: Decoders;
  const open = (threads: number, with_ = start) => {
    started = 0;
    decoders = new Decoders(with_, threads, 1000);
    return decoders;
  };
  afterEach(() => decoders.dispose());
  const outcome = (decoded: Promise<Uint8Array>) => decoded.then((pixels) => pixels[0], () => 'broken');

  it('give what this thread would, each photo its own', async () => {
    const pool = open(2);
    const photos = await Promise.all(Array.from({ length: 40 }, (_, shade) => png(shade * 6)));
    // Each a view of a larger buffer, as photos in a shard are.
    const shard = new Uint8Array(photos.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    const views = photos.map((photo) => {
      shard.set(photo, at);
      return shard.subarray(at, (at += photo.length));
    });
    const decoded = await Promise.all(views.map((photo) => pool.pixels(photo, 5)));
    for (const [i, pixels] of decoded.entries()) expect([...pixels]).to.deep.equal([...(await decodeToPixels(photos[i], 5))]);
    expect(shard.length, 'still here').to.be.above(0);
    const bitmap = await pool.draw(photos[0], 9);
    expect([bitmap.width, bitmap.height]).to.deep.equal([9, 9]);
    bitmap.close();
    expect(started).to.equal(2);
  });

  it('a photo that hangs or ends its thread is broken; those beside it and after it are not', async () => {
    const pool = open(2);
    const good = await png(77);
    expect(await outcome(pool.pixels(good, 3)), 'threads have started').to.equal(77);
    const photos = Array.from({ length: 24 }, (_, i) => (i === 2 ? new Uint8Array(13) : i === 9 ? new Uint8Array(14) : i === 20 ? new Uint8Array(9) : good));
    const outcomes = await Promise.all(photos.map((photo) => outcome(pool.pixels(photo, 3))));
    expect(outcomes).to.deep.equal(photos.map(({ length }) => (length === good.length ? 77 : 'broken')));
    expect(started, 'threads thrown away').to.be.at.least(4);
    expect(await outcome(pool.pixels(good, 3)), 'afterwards').to.equal(77);
  });

  it('where threads do not start, photos are decoded here', async () => {
    const pool = open(2, never);
    const good = await png(9);
    expect(await Promise.all([good, new Uint8Array(9), good].map((photo) => outcome(pool.pixels(photo, 3))))).to.deep.equal([9, 'broken', 9]);
    const bitmap = await pool.draw(good, 4);
    bitmap.close();
  });
});
