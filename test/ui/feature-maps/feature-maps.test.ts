import { expect } from 'chai';
import { html } from 'lit';
import { WinnowError, toErrorData } from '../../../src/engine/support/errors.js';
import type { LayerMeasures, NetworkSilence, PaintedCam, PaintedFilters, PaintedMaps, Photo } from '../../../src/workers/contract.js';
import '../../../src/ui/feature-maps/feature-maps.js';
import type { LayerChoice, WinnowFeatureMaps } from '../../../src/ui/feature-maps/feature-maps.js';
import { describeError } from '../../../src/ui/locales/errors.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';
import { allInside, cleanUp, expectAccessible, fixture, inside, nextEvent } from '../support/fixture.js';
import { classes } from '../support/runs.js';

const costs = { params: 224, trainableParams: 224, nonTrainableParams: 0, bytes: 896, macs: 221_184, flops: 450_000, activationBytes: 32_768 };
const layers: LayerChoice[] = [
  { name: 'conv2d', shape: [32, 32, 8], kernel: true, costs },
  { name: 'max_pooling2d', shape: [16, 16, 8] },
  { name: 'block_1x1', shape: [16, 16, 2], group: 'block', kernel: true },
  { name: 'block_output', shape: [16, 16, 2], group: 'block' },
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
/** Of conv2d map 6 is dead, and 1 is dark on half of the photos. */
const silence: NetworkSilence = {
  photos: 128,
  layers: [
    { layer: 'conv2d', kind: 'filters', zeroPhotos: [0, 0.5, 0, 0, 0, 0, 1, 0], zeroPlaces: [0, 0.75, 0, 0, 0, 0, 1, 0.25] },
    { layer: 'block_1x1', kind: 'filters', zeroPhotos: [1, 0], zeroPlaces: [1, 0] },
  ],
};
const eight = (value: number) => Array.from({ length: 8 }, () => value);
/** Filter 1 is worth half of what 0 is, and says what 0 says. */
const measures: LayerMeasures[] = [{
  name: 'conv2d', end: 'conv2d', ...costs, stepMs: 3.25,
  filters: { layer: 'conv2d', zeroPlaces: eight(0), zeroPhotos: eight(0), mean: eight(0.25), redundancy: [0, 0.97, ...eight(0).slice(2)], twin: [null, 0, ...eight(0).slice(2).map(() => null)], magnitude: eight(1), taylor: [4, 1, ...eight(0).slice(2)] },
}];
const camOf = (peak: number): PaintedCam => ({ layer: 'block_output', label: 1, peak, height: 2, width: 2, bitmap: bitmapOf((context) => context.fillRect(0, 0, 9, 9), 9, 9) });
const camError = toErrorData(new WinnowError('gpu-failed', { why: 'no such buffer' }));
const filtersOf = (channel: number | null): PaintedFilters => ({
  layer: 'conv2d', columns: 3, tile: TILE, channels: 3, channel, norms: [1, 2, 3, 4, 5, 6, 7, 8],
  bitmap: bitmapOf((context) => context.fillRect(0, 0, 3 * TILE, 3 * TILE), 3 * TILE, 3 * TILE),
});
const photoOf = (label: number): Photo => ({ index: 7, name: 'bee (7).jpg', label, bitmap: bitmapOf((context) => context.fillRect(0, 0, 20, 20), 20, 20) });

const mount = (part: Partial<WinnowFeatureMaps> = {}, width = 1100) =>
  fixture<WinnowFeatureMaps>(
    html`<winnow-feature-maps
      .layers=${part.layers ?? layers} .layer=${part.layer ?? 'conv2d'} .maps=${part.maps ?? null} .photo=${part.photo ?? null} .classes=${classes}
      .live=${part.live ?? false} .busy=${part.busy ?? false} .error=${part.error ?? null} .view=${part.view ?? 'maps'} .filters=${part.filters ?? null}
      .silence=${part.silence ?? null} .counting=${part.counting ?? false} .measures=${part.measures ?? null} .measuring=${part.measuring ?? 'not'} .epochs=${part.epochs ?? []} .epoch=${part.epoch ?? null} .bestEpoch=${part.bestEpoch ?? null}
      .cam=${part.cam ?? null} .camFailure=${part.camFailure ?? null} .camLayers=${part.camLayers ?? []}
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
      { maps: painted(), photo: photoOf(1), live: true, busy: true, epochs: [1, 2], counting: true },
      { maps: painted(), photo: photoOf(1), silence, measures, measuring: 'done', epochs: [1, 2, 4], epoch: 2, bestEpoch: 4, cam: camOf(3), camLayers: ['conv2d', 'block_output'] },
      { maps: painted(), photo: photoOf(1), camFailure: { layer: 'block_output', label: 1, error: camError }, camLayers: ['conv2d', 'block_output'] },
      { maps: painted(), photo: photoOf(1), silence, view: 'filters', filters: filtersOf(null), cam: camOf(0), camLayers: ['block_output'], layer: 'block_1x1' },
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
    inside(element, '.segmented:last-child button:last-child').click();
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

  it('strikes out and counts the dead ones of a sample, layer by layer and in all', async () => {
    const element = await mount({ maps: painted(), silence });
    expect(allInside(element, '.caution').map((chip) => chip.textContent)).to.deep.equal(['1 dead', '2 dark on this photo']);
    expect(inside(element, '#map-6').getAttribute('aria-label')).to.equal('map 6, dead');
    expect(inside(element, '#map-1').getAttribute('aria-label')).to.equal('map 1, dark');
    expect(allInside(element, '.dead').map((bar) => bar.textContent.trim())).to.deep.equal(['1 of 8 dead', '1 of 2 dead', '1 of 2 dead']);
    expect(inside(element, '.dead-note strong').textContent).to.equal('2 of 10 filters are dead.');
    inside(element, '#map-1').dispatchEvent(new PointerEvent('pointermove', { bubbles: true }));
    await element.updateComplete;
    expect(inside(element, '.readout').textContent).to.equal('map 1, dark · mean output 0 · of 128 photos dark on 50%, zero at 75% of places');
    const lighten = nextEvent(element, 'winnow-lighten');
    inside(element, '.dead-note button').click();
    await lighten;
  });

  it('says what the layer costs and, once they are measured, what its filters are worth', async () => {
    const element = await mount({ maps: painted(), measuring: 'able' });
    const cost = () => inside(element, '.cost').textContent.replace(/\s/g, ' ');
    const button = () => inside<HTMLButtonElement>(element, '.layers button');
    expect(cost()).to.equal('224 params · 221.2 k MACs an image · output 32.8 kB');
    const asked = nextEvent(element, 'winnow-measure');
    button().click();
    await asked;
    Object.assign(element, { measures, measuring: 'done' });
    await element.updateComplete;
    expect(cost()).to.equal('224 params · 221.2 k MACs an image · output 32.8 kB · 3.25 ms in a training step');
    inside(element, '#map-1').dispatchEvent(new PointerEvent('pointermove', { bubbles: true }));
    await element.updateComplete;
    expect(inside(element, '.readout').textContent).to.equal('map 1, dark · mean output 0 · worth 50% of the layer’s best · over validation photos mean 0.25 · correlation 0.97 with 0');
    const saved = nextEvent(element, 'winnow-save-layers');
    button().click();
    await saved;
    element.measuring = 'under-way';
    await element.updateComplete;
    expect(button().disabled).to.equal(true);
    element.measuring = 'not';
    await element.updateComplete;
    expect(button()).to.equal(null);
  });

  it('folds the branches of a block away until one is chosen', async () => {
    const element = await mount({ maps: painted() });
    expect(inside<HTMLDetailsElement>(element, 'details').open).to.equal(false);
    expect(allInside(element, 'details .name').map((name) => name.textContent)).to.deep.equal(['block', '1x1', 'output']);
    element.layer = 'block_1x1';
    await element.updateComplete;
    expect(inside<HTMLDetailsElement>(element, 'details').open).to.equal(true);
  });

  it('goes from epoch to epoch, every map in its place, and plays them', async () => {
    const element = await mount({ maps: painted(), epochs: [1, 2, 4], bestEpoch: 4 });
    const slider = inside<HTMLInputElement>(element, 'input[type=range]');
    expect([slider.value, slider.getAttribute('aria-valuetext')]).to.deep.equal(['3', 'epoch 4, best']);
    const chosen = nextEvent(element, 'winnow-epoch');
    slider.value = '1';
    slider.dispatchEvent(new Event('input'));
    expect(await chosen).to.deep.equal({ epoch: 2 });
    element.epoch = 2;
    element.maps = painted({ activity: [0.9, 0.8, 0, 0, 0, 0, 0, 0] });
    await element.updateComplete;
    expect(shownOrder(element)).to.deep.equal([7, 4, 5, 2, 3, 0, 1, 6]);
    expect(slider.getAttribute('aria-valuetext')).to.equal('epoch 2');

    element.epoch = null;
    await element.updateComplete;
    const played: unknown[] = [];
    element.addEventListener('winnow-epoch', (event) => {
      const { epoch } = (event as CustomEvent<{ epoch: number | null }>).detail;
      played.push(epoch);
      element.epoch = epoch;
      element.maps = painted();
    });
    inside(element, '.play').click();
    while (played.at(-1) !== null) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(played).to.deep.equal([1, 2, 4, null]);
    await element.updateComplete;
    expect(inside(element, '.play').getAttribute('aria-label')).to.equal('Play the epochs');
  });

  it('shows the filters behind the maps, by an input channel or in colours', async () => {
    const element = await mount({ maps: painted() });
    const view = nextEvent(element, 'winnow-view');
    allInside(element, '.tools button')[1].click();
    expect(await view).to.deep.equal({ view: 'filters' });
    element.view = 'filters';
    element.filters = filtersOf(null);
    await element.updateComplete;
    expect(inside(element, '#shown').textContent).to.equal('conv2d, 8 filters');
    expect(shownOrder(element)).to.deep.equal([7, 6, 5, 4, 3, 2, 1, 0]);
    const channel = nextEvent(element, 'winnow-channel');
    const select = inside<HTMLSelectElement>(element, '.channels select');
    expect(Array.from(select.options, ({ text }) => text)).to.deep.equal(['all, as colours', 'red', 'green', 'blue']);
    select.value = '2';
    select.dispatchEvent(new Event('change'));
    expect(await channel).to.deep.equal({ channel: 2 });
  });

  it('shows where the model looked for a class, and asks for another and for another layer', async () => {
    const element = await mount({ maps: painted(), photo: photoOf(1), cam: camOf(2), camLayers: ['conv2d', 'block_output'] });
    expect(allInside(element, '.cam canvas')).to.have.length(2);
    const [label, layer] = allInside<HTMLSelectElement>(element, '.cam select');
    expect([label.value, layer.value]).to.deep.equal(['1', 'block_output']);
    let asked = nextEvent(element, 'winnow-cam');
    label.value = '0';
    label.dispatchEvent(new Event('change'));
    expect(await asked).to.deep.equal({ layer: 'block_output', label: 0 });
    asked = nextEvent(element, 'winnow-cam');
    layer.value = 'conv2d';
    layer.dispatchEvent(new Event('change'));
    expect(await asked).to.deep.equal({ layer: 'conv2d', label: 1 });
    element.cam = camOf(0);
    await element.updateComplete;
    expect(inside(element, '.cam').textContent).to.contain('No place of the photo speaks for bee at this layer.');
  });

  it('says why it cannot show where the model looked, and asks again from there', async () => {
    const element = await mount({ maps: painted(), photo: photoOf(1), camFailure: { layer: 'block_output', label: 1, error: camError }, camLayers: ['conv2d', 'block_output'] });
    expect(inside(element, '.cam [role=alert]').textContent).to.contain(describeError(camError).what);
    expect(allInside(element, '.cam canvas')).to.have.length(0);
    const [label, layer] = allInside<HTMLSelectElement>(element, '.cam select');
    expect([label.value, layer.value, layer.disabled]).to.deep.equal(['1', 'block_output', false]);
    const asked = nextEvent(element, 'winnow-cam');
    layer.value = 'conv2d';
    layer.dispatchEvent(new Event('change'));
    expect(await asked).to.deep.equal({ layer: 'conv2d', label: 1 });
    element.camFailure = null;
    element.cam = camOf(1);
    await element.updateComplete;
    expect(inside(element, '.cam [role=alert]')).to.equal(null);
    expect(allInside(element, '.cam canvas')).to.have.length(2);
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
    const element = await mount({ maps: painted(), photo: photoOf(1), silence, epochs: [1, 2], cam: camOf(1), camLayers: ['conv2d'] }, 320);
    expect(element.scrollWidth).to.be.at.most(320);
    await chooseLocale('ko');
    await element.updateComplete;
    expect(inside(element, '#shown').textContent).to.equal('conv2d, 맵 8개');
    expect(options(element)[0].getAttribute('aria-label')).to.equal('맵 7');
    await chooseLocale('en');
  });
});
