import { WinnowError } from '../../src/engine/support/errors.js';
import { argumentsOf, plain, type Checks } from '../../src/workers/checks.js';
import { serve, transfer } from '../../src/workers/line.js';

/** A worker that fails in every way in which one can. */
class Faulty {
  private served = 0;

  async add(a: number, b: number): Promise<number> {
    return a + b;
  }

  async calls(): Promise<number> {
    return ++this.served;
  }

  async pixels(): Promise<Uint8Array<ArrayBuffer>> {
    const pixels = Uint8Array.of(1, 2, 3);
    return transfer(pixels, [pixels.buffer]);
  }

  async refuse(): Promise<void> {
    throw new WinnowError('class-too-small', { class: 'c', count: 1, least: 2 });
  }

  async fullDisk(): Promise<void> {
    throw new DOMException('no room', 'QuotaExceededError');
  }

  async stumble(): Promise<void> {
    throw new TypeError('a bug');
  }

  async hang(): Promise<void> {
    await new Promise(() => {});
  }

  /** Ends without a word, as a crash does. */
  async vanish(): Promise<void> {
    self.close();
    await new Promise(() => {});
  }

  async explode(): Promise<void> {
    setTimeout(() => {
      throw new Error('nobody caught this');
    });
    await new Promise(() => {});
  }

  async serveOn(port: MessagePort): Promise<void> {
    serve<Faulty>(this, checks, port);
  }
}
export type FaultyWorker = Faulty;

const none = argumentsOf();
const checks: Checks<Faulty> = {
  add: argumentsOf(plain, plain), calls: none, pixels: none, refuse: none, fullDisk: none, stumble: none, hang: none, vanish: none, explode: none, serveOn: argumentsOf((port) => port instanceof MessagePort),
};
serve<Faulty>(new Faulty(), checks);
