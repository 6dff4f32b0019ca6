import { expect } from 'chai';
import { html } from 'lit';
import { packHits } from '../../../src/engine/comparison/paired.js';
import { packPredictions } from '../../../src/engine/comparison/predictions.js';
import { WinnowError, toErrorData } from '../../../src/engine/support/errors.js';
import { defaultSettings } from '../../../src/engine/support/settings.js';
import type { RunRecord } from '../../../src/engine/storage/records.js';
import '../../../src/ui/comparison/comparison.js';
import type { WinnowComparison } from '../../../src/ui/comparison/comparison.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';
import { allInside, cleanUp, expectAccessible, fixture, inside, nextEvent, until } from '../support/fixture.js';
import { result, run, software } from '../support/runs.js';

const of = (id: string, arch: string, rest: Partial<RunRecord> = {}) => run(id, { settings: { ...defaultSettings, arch, size: 64 }, ...rest });
const done = (id: string, arch: string, accuracy: number, perturbed: number, rest: Partial<RunRecord> = {}) => of(id, arch, { state: { kind: 'done', result: result(accuracy, perturbed) }, ...rest });
const cnn = done('a', 'cnn', 0.99, 0.71);
const final = done('b', 'cnn-final', 0.98, 0.95);
const custom = done('c', 'vgg-custom', 0.99, 0.995);
const failed = of('d', 'googlenet', { state: { kind: 'failed', error: toErrorData(new WinnowError('not-finite', { epoch: 2, step: 7 })) } });
const running = of('e', 'mobilenet');

const mount = (runs: readonly RunRecord[], width = 1200) => fixture<WinnowComparison>(html`<winnow-comparison .runs=${runs}></winnow-comparison>`, width);
const text = (element: HTMLElement, selector: string) => inside(element, selector)?.textContent.trim().replace(/\s+/g, ' ') ?? null;
const names = (element: WinnowComparison) => allInside(element, '.title').map((each) => each.textContent);
const drawn = (element: WinnowComparison) => until(() => inside(element, '.drawing svg') !== null, 'the scatter is drawn');

describe('<winnow-comparison>', () => {
  afterEach(cleanUp);

  it('is accessible in every state', async () => {
    const elsewhere = done('f', 'cnn', 0.9, 0.9, { dataset: 'others', datasetName: 'Others' });
    for (const runs of [[], [cnn], [running], [failed], [cnn, final, custom, failed, running], [{ ...cnn, synthetic: true, adapter: software }, elsewhere]]) {
      const element = await mount(runs);
      if (runs.some(({ state }) => state.kind === 'done')) await drawn(element);
      await expectAccessible(element);
      cleanUp();
    }
  });

  it('sorts by a column, first to its best, then turned round', async () => {
    const element = await mount([cnn, final, custom, failed]);
    expect(names(element)).to.deep.equal(['VGG custom', 'CNN final', 'CNN', 'GoogLeNet']);
    const header = () => allInside(element, 'thead th').find((each) => each.textContent.includes('Params'))!;
    header().querySelector('button')!.click();
    await element.updateComplete;
    expect(header().getAttribute('aria-sort')).to.equal('ascending');
    expect(names(element)).to.deep.equal(['CNN final', 'VGG custom', 'CNN', 'GoogLeNet']);
    header().querySelector('button')!.click();
    await element.updateComplete;
    expect(header().getAttribute('aria-sort')).to.equal('descending');
    expect(names(element)).to.deep.equal(['GoogLeNet', 'CNN', 'VGG custom', 'CNN final']);
  });

  it('concludes in words, by the floor that is set', async () => {
    const element = await mount([cnn, final, custom]);
    expect(text(element, '.sentence')).to.match(/^CNN final is the efficient one: 0\.9500 on perturbed photos for [\d.]+ M FLOPs an image, 7\.\d+ times cheaper than VGG custom, which is 4\.5 points better\.$/);
    expect(text(element, '.conclusion .muted')).to.include('CNN reached 0.9900 there and falls under the floor');
    expect(text(element, 'tr.chosen th')).to.equal('CNN final chosen on the front');
    const floor = inside<HTMLInputElement>(element, '#floor');
    floor.value = '0.96';
    floor.dispatchEvent(new Event('change'));
    await element.updateComplete;
    expect(text(element, 'tr.chosen th')).to.equal('VGG custom chosen on the front');
    floor.value = '1';
    floor.dispatchEvent(new Event('change'));
    await element.updateComplete;
    expect(text(element, '.sentence')).to.include('No model reaches 1.00');
  });

  it('draws accuracy against any cost', async () => {
    const element = await mount([cnn, final, custom, failed]);
    await drawn(element);
    const points = () => allInside<SVGCircleElement>(element, '.drawing .point').map((point) => Number(point.getAttribute('cx')));
    expect(points()).to.have.length(3);
    const before = points();
    const axis = allInside<HTMLSelectElement>(element, '.axes select')[1];
    axis.value = 'params';
    axis.dispatchEvent(new Event('change'));
    await element.updateComplete;
    expect(points()).not.to.deep.equal(before);
    expect(allInside(element, '.drawing .name').map((each) => each.textContent)).to.have.members(['CNN', 'CNN final', 'VGG custom']);
  });

  it('draws accuracy on validation photos as well, and on test photos where there are some', async () => {
    const element = await mount([cnn, final, custom]);
    await drawn(element);
    const heights = () => allInside<SVGCircleElement>(element, '.drawing .point').map((point) => Number(point.getAttribute('cy')));
    const before = heights();
    const [measure] = allInside<HTMLSelectElement>(element, '.axes select');
    expect(Array.from(measure.options, ({ value }) => value)).to.deep.equal(['perturbed', 'validation']);
    measure.value = 'validation';
    measure.dispatchEvent(new Event('change'));
    await element.updateComplete;
    // CNN, under the floor on perturbed photos, stands where VGG custom does on validation.
    expect(heights()).not.to.deep.equal(before);
    expect(heights()[0]).to.equal(heights()[2]);
    expect(inside(element, '.drawing svg').getAttribute('aria-label')).to.contain('Accuracy on validation photos against FLOPs');
  });

  it('chooses by the other rule: the smallest within a margin of the best', async () => {
    const small = done('s', 'cnn-light', 0.98, 0.99);
    const element = await mount([cnn, final, custom, small]);
    expect(text(element, 'tr.chosen th')).to.equal('CNN light chosen on the front');
    const rule = inside<HTMLSelectElement>(element, '.rule select');
    rule.value = 'margin';
    rule.dispatchEvent(new Event('change'));
    await element.updateComplete;
    expect(text(element, '.sentence')).to.match(/^CNN light is the smallest of the 2 within 0\.5 points of the best: 0\.9900 on perturbed photos with [\d,]+ params; VGG custom is 0\.5 points better\.$/);
    const margin = inside<HTMLInputElement>(element, '#margin');
    expect(margin.value).to.equal('0.5');
    margin.value = '0.1';
    margin.dispatchEvent(new Event('change'));
    await element.updateComplete;
    expect(text(element, 'tr.chosen th')).to.equal('VGG custom chosen on the front');
    const report = nextEvent(element, 'winnow-report');
    inside(element, '.downloads button').click();
    expect(await report).to.deep.equal({ format: 'html', runs: ['a', 'b', 'c', 's'], rule: { kind: 'margin', floor: 0.9, margin: 0.001 } });
  });

  it('says what it would cost to be wrong, in mistakes and in arithmetic', async () => {
    const element = await mount([cnn, final, custom]);
    expect(text(element, '.conclusion p:nth-of-type(3)')).to.match(/^If that is wrong: CNN final makes 45 more mistakes in 1,000 perturbed photos than VGG custom\. To take VGG custom for nothing costs 7\.\d+ times the FLOPs and [\d.]+ kB to download instead of [\d.]+ kB\.$/);
  });

  it('opens the photos of a cell, and those on which two models disagree', async () => {
    const answers = (predicted: number[]) => packPredictions({ indices: [4, 7, 9, 12], truth: [0, 0, 1, 2], predicted }, 3);
    const judged = (id: string, arch: string, perturbed: number, predicted: number[]) =>
      of(id, arch, { state: { kind: 'done', result: result(0.99, perturbed, { predictions: answers(predicted), confusion: [[1, 1, 0], [0, 1, 0], [0, 0, 1]] }) } });
    const element = await mount([judged('b', 'cnn-final', 0.95, [0, 1, 1, 2]), judged('c', 'vgg-custom', 0.99, [0, 0, 2, 2])]);
    let asked = nextEvent(element, 'winnow-photos');
    const matrix = inside(element, 'winnow-confusion-matrix');
    const cell = matrix.shadowRoot!.querySelector<HTMLElement>('[data-at="0 1"]')!;
    expect(cell.getAttribute('aria-label')).to.equal('1 photo of ant, taken for bee');
    cell.click();
    expect(await asked).to.deep.equal({ dataset: 'photos', indices: [7] });
    await element.updateComplete;
    const dialog = inside<HTMLDialogElement>(element, 'dialog.photos');
    await until(() => dialog.open, 'the photos are shown');
    expect(text(element, '#listed')).to.equal('CNN final: 1 photo of ant, taken for bee');
    element.photos = [{ index: 7, name: 'ant/7.jpg', label: 0, bitmap: await createImageBitmap(new ImageData(4, 4)) }];
    await element.updateComplete;
    expect(text(element, '.gallery li')).to.equal('ant/7.jpg');
    await expectAccessible(element);
    dialog.close();

    expect(text(element, '.disagree span')).to.equal('They take 2 photos for different classes.');
    asked = nextEvent(element, 'winnow-photos');
    inside(element, '.disagree button').click();
    expect(await asked).to.deep.equal({ dataset: 'photos', indices: [7, 9] });
    await element.updateComplete;
    expect(text(element, '.gallery li:last-child .muted')).to.equal('Is bee. CNN final: bee; VGG custom: cat.');
    dialog.close();
  });

  it('tells two models apart photo by photo, with the interval of the difference', async () => {
    const hits = (right: number) => packHits(Array.from({ length: 200 }, (_, i) => i < right));
    const judged = (id: string, arch: string, perturbed: number, right: number) => of(id, arch, { state: { kind: 'done', result: result(0.99, perturbed, { hits: { validation: hits(198), perturbed: hits(right) } }) } });
    const element = await mount([judged('b', 'cnn-final', 0.95, 180), judged('c', 'vgg-custom', 0.99, 198)]);
    expect(allInside(element, '[part=pair] tbody tr').map((row) => row.textContent.trim().replace(/\s+/g, ' '))).to.deep.equal([
      'Validation 200 0 0 0.0 (−1.4 … +1.4) 1.000 may be chance',
      'Perturbed test 200 0 18 −9.0 (−13.1 … −4.7) < 0.001 VGG custom is better',
    ]);
    expect(text(element, '[part=pair] > p')).to.include('trained before answers were kept');
  });

  it('compares only what can be compared', async () => {
    const other = done('f', 'cnn-light', 0.9, 0.9, { settings: { ...defaultSettings, arch: 'cnn-light', size: 64, seed: 2, limit: 500 } });
    const element = await mount([cnn, final, other]);
    const select = inside<HTMLSelectElement>(element, '.group select');
    expect([...select.options].map((option) => option.text)).to.deep.equal(['Photos: 2 runs, seed 1, validation 20%', 'Photos: 1 run, seed 2, validation 20%, at most 500 photos']);
    expect(names(element)).to.deep.equal(['CNN final', 'CNN']);
    select.value = select.options[1].value;
    select.dispatchEvent(new Event('change'));
    await element.updateComplete;
    expect(names(element)).to.deep.equal(['CNN light']);
  });

  it('says what the numbers rest on', async () => {
    expect(text(await mount([cnn]), '.caveats')).to.include('uses the validation photos').and.not.to.include('synthetic');
    cleanUp();
    expect(text(await mount([{ ...cnn, synthetic: true, adapter: software }]), '.caveats')).to.include('synthetic').and.to.include('software adapter');
  });

  it('shows the mistakes of two models, of any two', async () => {
    const element = await mount([cnn, final, custom]);
    const labels = () => allInside(element, 'winnow-confusion-matrix').map((each) => each.getAttribute('label'));
    expect(labels()).to.deep.equal(['Confusion matrix of CNN final', 'Confusion matrix of VGG custom']);
    const second = allInside<HTMLSelectElement>(element, '.pair select')[1];
    second.value = 'a';
    second.dispatchEvent(new Event('change'));
    await element.updateComplete;
    expect(labels()).to.deep.equal(['Confusion matrix of CNN final', 'Confusion matrix of CNN']);
  });

  it('says by McNemar’s test whether the better one is better, and shows classes and confident mistakes', async () => {
    const images = 100;
    const hits = (from: number, to: number) => packHits(Array.from({ length: images }, (_, i) => i >= from && i < to));
    const judged = (id: string, arch: string, accuracy: number, perturbed: ReturnType<typeof hits>) => {
      const details = { topK: { k: 2, accuracy: 0.999 }, calibrationError: 0.021, perClass: [{ precision: 0.91, recall: 0.82, f1: 0.86, images: 80 }, { precision: null, recall: 0, f1: null, images: 80 }, { precision: 1, recall: 1, f1: 1, images: 80 }] };
      const base = result(0.99, accuracy, { hits: { validation: perturbed, perturbed }, mistakes: [{ index: 3, name: 'bee/7.jpg', truth: 'bee', predicted: 'ant', probability: 0.977 }] });
      return of(id, arch, { state: { kind: 'done', result: { ...base, validation: { ...base.validation, ...details } } } });
    };
    const surely = await mount([judged('b', 'cnn-final', 0.91, hits(0, 91)), judged('c', 'vgg-custom', 0.99, hits(0, 99))]);
    expect(text(surely, '.conclusion .muted')).to.include('Photo by photo VGG custom is surely better: McNemar’s test gives p = 0.004.');
    expect(text(surely, '.sentence')).to.include('which is 8 points better');
    const [classes, misses] = allInside<HTMLDetailsElement>(surely, '.pair details');
    expect(classes.textContent.replace(/\s+/g, ' ')).to.include('Top 2: 0.9990, calibration error 0.0210').and.include('ant0.91000.82000.8600').and.include('bee–0.0000–');
    expect(misses.textContent).to.include('bee/7.jpg').and.include('0.9770');
    classes.open = misses.open = true;
    await expectAccessible(surely);
    cleanUp();

    const chance = await mount([judged('b', 'cnn-final', 0.95, hits(5, 100)), judged('c', 'vgg-custom', 0.99, hits(0, 99))]);
    expect(text(chance, '.conclusion .muted')).to.include('VGG custom is no surer');
    expect(text(chance, '.sentence')).to.include('may be chance');
  });

  it('looks, exports, and deletes once that is confirmed', async () => {
    const element = await mount([cnn, failed, running]);
    const press = (label: string) => inside<HTMLButtonElement>(element, `[aria-label="${label}"]`).click();
    const look = nextEvent(element, 'winnow-look');
    press('Look into CNN');
    expect(await look).to.deep.equal({ run: 'a' });
    const asFile = nextEvent(element, 'winnow-export');
    press('Export CNN');
    expect(await asFile).to.deep.equal({ run: 'a' });
    expect(inside(element, '[aria-label="Delete MobileNet v1"]'), 'a run under way').to.equal(null);
    let deleted: unknown = null;
    element.addEventListener('winnow-delete-run', (event) => (deleted = (event as CustomEvent).detail));
    press('Delete GoogLeNet');
    await until(() => inside<HTMLDialogElement>(element, 'dialog').open, 'the dialog is open');
    allInside<HTMLButtonElement>(element, 'dialog button')[0].click();
    expect(deleted).to.equal(null);
    press('Delete GoogLeNet');
    await until(() => inside<HTMLDialogElement>(element, 'dialog').open, 'the dialog is open again');
    allInside<HTMLButtonElement>(element, 'dialog button')[1].click();
    expect(deleted).to.deep.equal({ run: 'd' });
  });

  it('keeps within 320 pixels, and speaks Korean', async () => {
    const element = await mount([cnn, final, custom, failed], 320);
    await drawn(element);
    expect(element.scrollWidth).to.be.at.most(320);
    expect(document.documentElement.scrollWidth).to.be.at.most(document.documentElement.clientWidth);
    await chooseLocale('ko');
    await element.updateComplete;
    expect(text(element, '.conclusion h2')).to.equal('결론');
    await chooseLocale('en');
  });
});
