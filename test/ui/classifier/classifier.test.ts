import { expect } from 'chai';
import { html, nothing } from 'lit';
import '../../../src/ui/classifier/classifier.js';
import type { ClassifierLine, WinnowClassifier } from '../../../src/ui/classifier/classifier.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { WinnowError } from '../../../src/engine/support/errors.js';
import type { Classification, ClassifierWorker, LoadedModel } from '../../../src/workers/contract.js';
import { exampleCard } from '../../engine/exchange/example.js';
import { allInside, cleanUp, expectAccessible, fixture, inside, nextEvent, settled, until } from '../support/fixture.js';

const card = exampleCard(new GraphBuilder([32, 32, 3], 5).flatten().predictions());
const [first, second, third] = card.classes;
const model: LoadedModel = { arch: card.arch, classes: card.classes, size: 32, card, kind: 'webgpu', adapter: 'acme test-1', weightBytes: 1000 };

const answerOf = (best: string): Classification => ({
  top: [{ class: best, probability: 0.75 }, ...card.classes.filter((name) => name !== best).map((name, i) => ({ class: name, probability: 0.1 - i / 100 }))],
  ms: 3.2,
});

/** A worker that answers when it is told to. */
class FakeLine implements ClassifierLine {
  readonly given: Blob[] = [];
  readonly explained: number[] = [];
  readonly bitmaps: ImageBitmap[] = [];
  terminated = 0;
  /** Answers wait for {@link release}. */
  holding = false;
  private held: (() => void)[] = [];

  readonly api: ClassifierWorker = {
    load: async (blob) => {
      await this.wait();
      if ((await blob.text()) === 'broken') throw new WinnowError('model-broken', { source: 'broken.zip', why: 'it is broken' });
      return model;
    },
    classify: async (image) => {
      this.given.push(image);
      const best = this.given.length % 2 === 1 ? first : second;
      await this.wait();
      if (new Uint8Array(await image.arrayBuffer())[0] !== 0x89) throw new WinnowError('image-broken', { source: 'The image' });
      return answerOf(best);
    },
    explain: async (_, label) => {
      this.explained.push(label);
      const bitmap = await createImageBitmap(new ImageData(4, 4));
      this.bitmaps.push(bitmap);
      return bitmap;
    },
    classifyAll: () => Promise.reject(new Error('not asked')),
    measure: () => Promise.reject(new Error('not asked')),
    exportAs: () => Promise.reject(new Error('not asked')),
  };

  terminate(): void {
    this.terminated++;
  }

  release(): void {
    for (const go of this.held.splice(0)) go();
  }

  private wait(): Promise<void> | undefined {
    return this.holding ? new Promise((resolve) => this.held.push(resolve)) : undefined;
  }
}

async function photo(): Promise<File> {
  const canvas = new OffscreenCanvas(48, 32);
  canvas.getContext('2d')!.fillRect(4, 4, 20, 20);
  return new File([await canvas.convertToBlob({ type: 'image/png' })], 'grain.png', { type: 'image/png' });
}

const transferOf = (file: File): DataTransfer => {
  const transfer = new DataTransfer();
  transfer.items.add(file);
  return transfer;
};

describe('<winnow-classifier>', () => {
  let line: FakeLine;
  beforeEach(() => {
    line = new FakeLine();
  });
  afterEach(cleanUp);

  const mount = (source: Blob | null = new Blob(['model']), explain = false) =>
    fixture<WinnowClassifier>(html`<winnow-classifier .open=${async () => line} .model=${source} ?explain=${explain}></winnow-classifier>`, 760);
  async function ready(explain = false): Promise<WinnowClassifier> {
    const element = await mount(undefined, explain);
    await until(() => allInside(element, '.drop').length > 0, 'the model is read');
    return element;
  }
  const text = (element: HTMLElement) => element.shadowRoot!.textContent.replace(/\s+/g, ' ');
  const buttons = (element: HTMLElement) => allInside<HTMLButtonElement>(element, 'button');
  const button = (element: HTMLElement, name: string) => buttons(element).find((each) => each.textContent.trim() === name)!;

  it('is accessible in every state', async () => {
    const empty = await mount(null);
    expect(text(empty)).to.contain('No model yet.');
    await expectAccessible(empty);
    line.holding = true;
    const element = await mount();
    await until(() => text(element).includes('Reading the model'), 'it says that it reads');
    await expectAccessible(element);
    line.release();
    await until(() => text(element).includes('No photo yet.'), 'it is ready');
    await expectAccessible(element);
    const classified = element.classify(await photo());
    await until(() => text(element).includes('Looking at the photo'), 'it is busy');
    await expectAccessible(element);
    line.release();
    await classified;
    line.holding = false;
    await settled(element);
    element.explain = true;
    await until(() => allInside(element, 'canvas').length > 0, 'the heat is there');
    inside<HTMLDetailsElement>(element, 'details').open = true;
    await expectAccessible(element);
    await element.classify(new Blob(['x'], { type: 'text/plain' }));
    await settled(element);
    expect(text(element)).to.contain('could not be decoded');
    await expectAccessible(element);
    const ended = line.terminated;
    const broken = await mount(new Blob(['broken']));
    await until(() => text(broken).includes('it is broken'), 'it says that the model is broken');
    await expectAccessible(broken);
    expect(line.terminated, 'nobody needs its worker').to.equal(ended + 1);
  });

  it('shows classes, share and time, and says them to the page and the form', async () => {
    const form = document.createElement('form');
    const element = await ready();
    element.name = 'variety';
    element.before(form);
    form.append(element);
    const told = nextEvent<{ answer: Classification; photo: Blob }>(element, 'winnow-classified');
    const given = await photo();
    await element.classify(given);
    expect(await told).to.deep.equal({ answer: answerOf(first), photo: given });
    await settled(element);
    expect(allInside(element, 'ol > li').map((row) => row.textContent.replace(/\s+/g, ' ').trim())).to.deep.equal([`${first} 75%`, `${second} 10%`, `${third} 9%`, `${card.classes[3]} 8%`, `${card.classes[4]} 7%`]);
    expect(text(element)).to.contain('3.2 ms on WebGPU, acme test-1');
    expect(element.value).to.equal(first);
    expect(new FormData(form).get('variety')).to.equal(first);
    element.top = 2;
    await settled(element);
    expect(text(element)).to.contain('and 3 more');
    form.reset();
    expect(element.value).to.equal('');
    expect(new FormData(form).has('variety')).to.be.false;
    form.remove();
  });

  it('takes a photo that is chosen, dropped, pasted, or at an address', async () => {
    const element = await ready();
    const file = await photo();
    const ways: [way: string, act: () => void][] = [
      ['chosen', () => {
        const input = inside<HTMLInputElement>(element, 'input[type=file]');
        input.files = transferOf(file).files;
        input.dispatchEvent(new Event('change'));
      }],
      ['dropped', () => inside(element, '.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: transferOf(file), cancelable: true }))],
      ['pasted', () => document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transferOf(file), bubbles: true }))],
      ['at an address', () => (element.photo = URL.createObjectURL(file))],
    ];
    for (const [way, act] of ways) {
      const before = line.given.length;
      const told = nextEvent(element, 'winnow-classified');
      act();
      await told;
      expect(line.given.length, way).to.equal(before + 1);
      expect(new Uint8Array(await line.given.at(-1)!.arrayBuffer()), way).to.deep.equal(new Uint8Array(await file.arrayBuffer()));
    }
  });

  it('fetches a photo whose address is pasted, as text too', async () => {
    const element = await ready();
    const address = new URL('/icon-192.png', location.href);
    for (const type of ['text/uri-list', 'text/plain']) {
      const transfer = new DataTransfer();
      transfer.setData(type, `${address.href}\r\n`);
      const told = nextEvent<{ photo: Blob }>(element, 'winnow-classified');
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true }));
      expect((await told).photo.size, type).to.equal((await (await fetch(address)).blob()).size);
    }
    const words = new DataTransfer();
    words.setData('text/plain', `see ${address.href}`);
    const pasted = new ClipboardEvent('paste', { clipboardData: words, bubbles: true, cancelable: true });
    document.body.dispatchEvent(pasted);
    expect(pasted.defaultPrevented).to.be.false;
    expect(line.given).to.have.length(2);
  });

  it('leaves what is pasted into a field alone', async () => {
    await ready();
    const field = document.createElement('input');
    document.body.append(field);
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transferOf(await photo()), bubbles: true }));
    field.remove();
    expect(line.given).to.be.empty;
  });

  it('shows the answer to the last photo, however late an earlier one comes', async () => {
    const element = await ready();
    line.holding = true;
    const early = element.classify(await photo());
    await until(() => line.given.length === 1, 'the first is looked at');
    const late = element.classify(await photo());
    await until(() => line.given.length === 2, 'the second is looked at');
    line.release();
    await Promise.all([early, late]);
    expect(element.value).to.equal(second);
  });

  it('lays over the photo where the network looked for the class found, and closes what it no longer shows', async () => {
    const element = await ready(true);
    await element.classify(await photo());
    await until(() => allInside(element, 'canvas').length > 0, 'the heat is there');
    expect(line.explained).to.deep.equal([card.classes.indexOf(first)]);
    expect(inside(element, 'canvas').ariaLabel ?? inside(element, 'canvas').getAttribute('aria-label')).to.contain(first);
    button(element, 'Where it looks').click();
    await settled(element);
    expect(allInside(element, 'canvas')).to.be.empty;
    element.clear();
    expect(line.bitmaps.map(({ width }) => width)).to.deep.equal([0]);
  });

  it('shows the card of the model, and tells of it', async () => {
    const element = await mount(null);
    const told = nextEvent<{ model: LoadedModel }>(element, 'winnow-model');
    element.model = new Blob(['model']);
    expect((await told).model).to.equal(model);
    await settled(element);
    for (const fact of [card.arch, card.dataset.name, `seed ${card.settings.seed}`, `Winnow ${card.winnow}`, 'one of its 5 classes']) expect(text(element)).to.contain(fact);
    const about = inside<HTMLDetailsElement>(element, 'details');
    expect(about.open, 'seen before the first photo').to.be.true;
    await element.classify(await photo());
    await settled(element);
    expect(about.open, 'and folded for it').to.be.false;
  });

  it('works by attributes alone, and says so where there is no model', async () => {
    const address = URL.createObjectURL(new Blob(['model']));
    const element = await fixture<WinnowClassifier>(html`<winnow-classifier src=${address} top="1" .open=${async () => line}></winnow-classifier>`);
    await until(() => allInside(element, '.drop').length > 0, 'the model is read');
    expect(element.top).to.equal(1);
    const failed = nextEvent<{ error: { code: string } }>(element, 'winnow-failed');
    element.src = '/nothing-is-here.zip';
    expect((await failed).error.code).to.equal('input-missing');
    await until(() => text(element).includes('does not exist'), 'it says so');
  });

  it('starts no worker where it leaves before it was drawn', async () => {
    let opened = 0;
    const element = document.createElement('winnow-classifier');
    Object.assign(element, { model: new Blob(['model']), open: async () => (opened++, line) });
    document.body.append(element);
    element.remove();
    await element.updateComplete;
    expect(opened).to.equal(0);
    document.body.append(element);
    await until(() => allInside(element, '.drop').length > 0, 'it is back, and the model is read');
    element.remove();
    expect(opened).to.equal(1);
  });

  it('ends its worker with the model, and when it leaves; not when it is moved', async () => {
    const element = await ready();
    element.model = new Blob(['another']);
    await until(() => line.terminated === 1, 'the worker before has ended');
    await until(() => allInside(element, '.drop').length > 0, 'the other is read');
    const elsewhere = document.createElement('div');
    element.before(elsewhere);
    elsewhere.append(element);
    await settled(element);
    expect(line.terminated).to.equal(1);
    element.remove();
    await until(() => line.terminated === 2, 'the worker has ended');
  });

  describe('its camera', () => {
    const { getUserMedia } = MediaDevices.prototype;
    let streams: MediaStream[];
    beforeEach(() => {
      streams = [];
      MediaDevices.prototype.getUserMedia = async () => {
        const canvas = document.createElement('canvas');
        Object.assign(canvas, { width: 64, height: 48 });
        const context = canvas.getContext('2d')!;
        const stream = canvas.captureStream(20);
        const paint = setInterval(() => context.fillRect(Math.random() * 60, 0, 4, 48), 30);
        stream.getTracks()[0].addEventListener('winnow-end', () => clearInterval(paint));
        streams.push(stream);
        return stream;
      };
    });
    afterEach(() => {
      MediaDevices.prototype.getUserMedia = getUserMedia;
    });
    const live = () => streams.some((stream) => stream.getTracks().some(({ readyState }) => readyState === 'live'));

    it('shows what it sees, takes a photo of it, and is off then', async () => {
      const element = await ready();
      button(element, 'Camera').click();
      await until(() => (allInside<HTMLVideoElement>(element, 'video')[0]?.videoWidth ?? 0) > 0, 'the camera is seen');
      expect(live()).to.be.true;
      await expectAccessible(element);
      const told = nextEvent<{ photo: Blob }>(element, 'winnow-classified');
      button(element, 'Take the photo').click();
      const taken = await createImageBitmap((await told).photo);
      expect([taken.width, taken.height]).to.deep.equal([64, 48]);
      taken.close();
      expect(live()).to.be.false;
    });

    it('is off when it is turned off, when the element leaves, and when it left before the camera was allowed', async () => {
      const element = await ready();
      button(element, 'Camera').click();
      await until(live, 'the camera is on');
      await until(() => allInside(element, 'video').length > 0, 'it is seen');
      button(element, 'Camera off').click();
      expect(live()).to.be.false;
      await settled(element);
      button(element, 'Camera').click();
      await until(live, 'the camera is on again');
      element.remove();
      expect(live()).to.be.false;
      const another = await ready();
      button(another, 'Camera').click();
      another.remove();
      await until(() => streams.length === 3 && !live(), 'it was on only until it was seen that nobody looks');
    });

    it('says so where it is not allowed', async () => {
      MediaDevices.prototype.getUserMedia = () => Promise.reject(new DOMException('Permission denied', 'NotAllowedError'));
      const element = await ready();
      button(element, 'Camera').click();
      await until(() => text(element).includes('The camera cannot be used: Permission denied.'), 'it says so');
    });
  });

  it('speaks Korean', async () => {
    const element = await ready();
    await chooseLocale('ko');
    try {
      await settled(element);
      expect(text(element)).to.contain('사진 고르기').and.to.contain('이 모델에 대하여');
    } finally {
      await chooseLocale('en');
    }
  });

  it('can be worded by the page, and disabled', async () => {
    const element = await fixture<WinnowClassifier>(html`<winnow-classifier disabled .open=${async () => line} .model=${new Blob(['model'])}>${nothing}<p slot="prompt">A grain, please.</p></winnow-classifier>`);
    await until(() => allInside(element, '.drop').length > 0, 'the model is read');
    expect(inside<HTMLSlotElement>(element, 'slot[name=prompt]').assignedElements()[0].textContent).to.equal('A grain, please.');
    await element.classify(await photo());
    expect(line.given).to.be.empty;
    expect(button(element, 'Choose a photo').disabled).to.be.true;
    const pasted = new ClipboardEvent('paste', { clipboardData: transferOf(await photo()), bubbles: true, cancelable: true });
    document.body.dispatchEvent(pasted);
    expect(pasted.defaultPrevented, 'it leaves to others what it does not take').to.be.false;
  });

  it('is disabled with the fields around it, and no longer than they are', async () => {
    const element = await ready();
    const fields = document.createElement('fieldset');
    element.before(fields);
    fields.append(element);
    for (const disabled of [true, false, true, false]) {
      fields.disabled = disabled;
      await settled(element);
      expect(button(element, 'Choose a photo').disabled, String(disabled)).to.equal(disabled);
      expect(element.disabled, 'its own attribute is the page’s').to.be.false;
    }
    element.disabled = true;
    fields.disabled = true;
    fields.disabled = false;
    await settled(element);
    expect(button(element, 'Choose a photo').disabled).to.be.true;
  });
});
