import { expect } from 'chai';
import { html } from 'lit';
import { WinnowError, toErrorData } from '../../../src/engine/support/errors.js';
import type { PaintedMaps, Photo } from '../../../src/workers/contract.js';
import '../../../src/ui/feature-maps/feature-maps.js';
import type { LayerChoice, WinnowFeatureMaps } from '../../../src/ui/feature-maps/feature-maps.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';
import { allInside, cleanUp, expectAccessible, fixture, inside, nextEvent } from '../support/fixture.js';
import { classes } from '../support/runs.js';

const layers: LayerChoice[] = [
  { name: 'conv2d', shape: [32, 32, 8], dead: 3 },
  { name: 'max_pooling2d', shape: [16, 16, 8] },
  { name: 'dense', shape: [3] },
];
const TILE = 4;
const bitmaps: ImageBitmap[] = [];

function bitmapOf(draw: (context: OffscreenCanvasRenderingContext2D) => void, width: number, height: number): ImageBitmap {
  const canvas = new OffscreenCanvas(width, height);
  draw(canvas.getContext('2d')!);
  const bitmap = canvas.transferToImageBitmap();
  bitmaps.push(bitmap);
  return bitmap;
}

/** Map i of 8 is painted in red 30 * i; maps 1 and 6 are dark. */
function painted(rest: Partial<PaintedMaps> = {}): PaintedMaps {
  const bitmap = bitmapOf((context) => {
    for (let map = 0; map < 8; map++) {
      context.fillStyle = `rgb(${30 * map} 0 90)`;
      context.fillRect((map % 3) * TILE, Math.floor(map / 3) * TILE, TILE, TILE);
    }
  }, 3 * TILE, 3 * TILE);
  return { layer: 'conv2d', shape: [32, 32, 8], bitmap, columns: 3, tile: TILE, activity: [0.1, 0, 0.3, 0.2, 0.5, 0.4, 0, 0.6], dark: [1, 6], probabilities: [0.2, 0.7, 0.1], ...rest };
}
const photoOf = (label: number): Photo => ({ index: 7, name: 'bee (7).jpg', label, bitmap: bitmapOf((context) => context.fillRect(0, 0, 20, 20), 20, 20) });

const mount = (part: Partial<WinnowFeatureMaps> = {}, width = 1100) =>
  fixture<WinnowFeatureMaps>(
    html`<winnow-feature-maps
      .layers=${part.layers ?? layers} .layer=${part.layer ?? 'conv2d'} .maps=${part.maps ?? null} .photo=${part.photo ?? null} .classes=${classes}
      .live=${part.live ?? false} .busy=${part.busy ?? false} .error=${part.error ?? null} .deadOver=${part.deadOver ?? 0}
    ></winnow-feature-maps>`,
    width,
  );
const options = (element: WinnowFeatureMaps) => allInside(element, '[role=option]');
const shownOrder = (element: WinnowFeatureMaps) => options(element).map(({ dataset }) => Number(dataset.map));

/** Colour in the middle of the option that shows a map. */
function colourOf(element: WinnowFeatureMaps, map: number): number[] {
  const canvas = inside<HTMLCanvasElement>(element, '#grid canvas');
  const box = inside(element, `#map-${map}`).getBoundingClientRect();
  const frame = canvas.getBoundingClientRect();
  const scale = canvas.width / frame.width;
  const [x, y] = [(box.left + box.width / 2 - frame.left) * scale, (box.top + box.height / 2 - frame.top) * scale];
  return [...canvas.getContext('2d')!.getImageData(Math.round(x), Math.round(y), 1, 1).data];
}

describe('<winnow-feature-maps>', () => {
  afterEach(() => {
    cleanUp();
    for (const bitmap of bitmaps.splice(0)) bitmap.close();
  });

  it('is accessible in every state', async () => {
    const states: Partial<WinnowFeatureMaps>[] = [
      { layers: [] },
      { busy: true },
      { maps: painted(), photo: photoOf(1), live: true, busy: true, deadOver: 100 },
      { maps: painted(), photo: photoOf(0) },
      { error: toErrorData(new WinnowError('gpu-lost', { why: 'it slept' })) },
    ];
    for (const state of states) {
      await expectAccessible(await mount(state));
      cleanUp();
    }
    const element = await mount({ maps: painted(), photo: photoOf(1) });
    options(element)[0].click();
    await element.updateComplete;
    await expectAccessible(element);
  });

  it('shows each map where its option is, by activity or by index', async () => {
    const element = await mount({ maps: painted() });
    expect(shownOrder(element)).to.deep.equal([7, 4, 5, 2, 3, 0, 1, 6]);
    for (const map of [7, 4, 0]) expect(colourOf(element, map)).to.deep.equal([30 * map, 0, 90, 255]);
    allInside(element, '.segmented button')[1].click();
    await element.updateComplete;
    expect(shownOrder(element)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
    for (const map of [0, 2, 7]) expect(colourOf(element, map)).to.deep.equal([30 * map, 0, 90, 255]);
  });

  it('marks and counts the dark ones', async () => {
    const element = await mount({ maps: painted() });
    expect(inside(element, '.caution').textContent).to.equal('2 dark on this photo');
    expect(colourOf(element, 6)).to.deep.equal([23, 25, 26, 255]);
    expect(inside(element, '#map-6').getAttribute('aria-label')).to.equal('map 6, dark');
  });

  it('keeps every map in its place while it trains', async () => {
    const element = await mount({ maps: painted(), live: true });
    element.maps = painted({ activity: [0.9, 0.8, 0, 0, 0, 0, 0, 0], dark: [2, 3, 4, 5, 6, 7] });
    await element.updateComplete;
    expect(shownOrder(element)).to.deep.equal([7, 4, 5, 2, 3, 0, 1, 6]);
    expect(inside(element, '#map-7').getAttribute('aria-label')).to.equal('map 7, dark');
    element.live = false;
    element.maps = painted({ activity: [0.9, 0.8, 0, 0, 0, 0, 0, 0], dark: [2, 3, 4, 5, 6, 7] });
    await element.updateComplete;
    expect(shownOrder(element)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('is walked by keys, and enlarges', async () => {
    const element = await mount({ maps: painted() });
    const grid = inside(element, '#grid');
    const key = async (target: HTMLElement, name: string) => {
      target.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
      await element.updateComplete;
    };
    expect(grid.getAttribute('aria-activedescendant')).to.equal('map-7');
    await key(grid, 'ArrowRight');
    expect(grid.getAttribute('aria-activedescendant')).to.equal('map-4');
    expect(inside(element, '.readout').textContent).to.equal('map 4 · mean output 0.5');
    await key(grid, 'Enter');
    const dialog = inside<HTMLDialogElement>(element, 'dialog');
    expect(dialog.open).to.equal(true);
    expect(inside(element, '#enlarged').textContent).to.equal('conv2d, map 4');
    const pixel = () => [...inside<HTMLCanvasElement>(element, 'dialog canvas').getContext('2d')!.getImageData(256, 256, 1, 1).data];
    expect(pixel()).to.deep.equal([120, 0, 90, 255]);
    await key(dialog, 'ArrowRight');
    expect(inside(element, '#enlarged').textContent).to.equal('conv2d, map 5');
    expect(pixel()).to.deep.equal([150, 0, 90, 255]);
    dialog.close();
  });

  it('asks for another layer and another photo', async () => {
    const element = await mount({ maps: painted(), photo: photoOf(1) });
    const layer = nextEvent(element, 'winnow-layer');
    inside<HTMLInputElement>(element, 'input[value=dense]').click();
    expect(await layer).to.deep.equal({ layer: 'dense' });
    const photo = nextEvent(element, 'winnow-photo');
    allInside<HTMLButtonElement>(element, '.photo button')[0].click();
    expect(await photo).to.deep.equal({ step: -1 });
  });

  it('says whether the model is right', async () => {
    const element = await mount({ maps: painted(), photo: photoOf(1) });
    expect(inside(element, '.verdict').textContent.trim()).to.equal('Right: bee');
    expect(allInside(element, '.answers li').map((item) => item.textContent.trim().replace(/\s+/g, ' '))).to.deep.equal(['bee0.700', 'ant0.200', 'cat0.100']);
    element.photo = photoOf(2);
    await element.updateComplete;
    expect(inside(element, '.verdict').textContent.trim()).to.equal('Wrong: it is cat');
  });

  it('lives on when its owner closes a bitmap', async () => {
    const maps = painted();
    const element = await mount({ maps });
    maps.bitmap.close();
    element.parentElement!.style.width = '500px';
    element.requestUpdate();
    await element.updateComplete;
    expect(options(element)).to.have.length(8);
  });

  it('keeps within 320 pixels, and speaks Korean', async () => {
    const element = await mount({ maps: painted(), photo: photoOf(1), deadOver: 100 }, 320);
    expect(element.scrollWidth).to.be.at.most(320);
    await chooseLocale('ko');
    await element.updateComplete;
    expect(inside(element, '#shown').textContent).to.equal('conv2d, 맵 8개');
    expect(options(element)[0].getAttribute('aria-label')).to.equal('맵 7');
    await chooseLocale('en');
  });
});
