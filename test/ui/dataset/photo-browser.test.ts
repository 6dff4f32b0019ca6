import { expect } from 'chai';
import { html } from 'lit';
import '../../../src/ui/dataset/photo-browser.js';
import { twinGroups } from '../../../src/ui/dataset/findings.js';
import type { WinnowPhotoBrowser } from '../../../src/ui/dataset/photo-browser.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';
import { photo } from '../support/fake-lab.js';
import { allInside, cleanUp, expectAccessible, fixture, inside } from '../support/fixture.js';

const classes = ['ant', 'bee'];
const labels = Uint16Array.from({ length: 60 }, (_, index) => index % 2);
const parts = Uint8Array.from({ length: 60 }, (_, index) => (index % 5 === 0 ? 1 : 0));
const twins = twinGroups([{ images: [1, 2], exact: true }, { images: [5, 7], exact: false }], labels, parts);
const suspicion = { run: 'CNN', mistakes: [{ index: 10, truth: 'ant', predicted: 'bee', probability: 0.987 }] };

async function mount(part: Partial<WinnowPhotoBrowser> = {}, width?: number): Promise<{ element: WinnowPhotoBrowser; asked: number[][] }> {
  const asked: number[][] = [];
  const element = await fixture<WinnowPhotoBrowser>(
    html`<winnow-photo-browser .classes=${classes} .images=${60} .labels=${part.labels === undefined ? labels : part.labels} .parts=${parts} .suspicion=${part.suspicion ?? null} .twins=${part.twins ?? []}
      @winnow-browse=${(event: CustomEvent<{ indices: number[] }>) => asked.push(event.detail.indices)}></winnow-photo-browser>`, width);
  return { element, asked };
}
async function choose(element: WinnowPhotoBrowser, id: string, value: string): Promise<void> {
  const select = inside<HTMLSelectElement>(element, `#${id}`);
  select.value = value;
  select.dispatchEvent(new Event('change', { bubbles: true }));
  await element.updateComplete;
}
const range = (element: WinnowPhotoBrowser) => inside(element, '[role=status]').textContent.trim();

describe('<winnow-photo-browser>', () => {
  afterEach(async () => {
    cleanUp();
    await chooseLocale('en');
  });

  it('is accessible in every state', async () => {
    for (const [part, width] of [[{}, 900], [{ labels: null }, 900], [{ suspicion, twins }, 320]] as const) {
      const { element } = await mount(part, width);
      element.photos = await Promise.all([0, 1, 10].map((index) => photo(index, index % 2)));
      await expectAccessible(element);
      if (part === undefined || !('suspicion' in part)) continue;
      for (const show of ['suspects', 'twins']) {
        await choose(element, 'show', show);
        await expectAccessible(element);
      }
      await choose(element, 'class', '1');
      await choose(element, 'show', 'suspects');
      expect(inside(element, '.empty').textContent).to.include('No photo of this class');
      await expectAccessible(element);
    }
  });

  it('asks for a page at a time, of what the filters let through', async () => {
    const { element, asked } = await mount();
    expect(asked).to.deep.equal([Array.from({ length: 24 }, (_, index) => index)]);
    expect(range(element)).to.equal('1 to 24 of 60');
    const [back, next] = allInside<HTMLButtonElement>(element, '.turn button');
    expect(back.getAttribute('aria-disabled')).to.equal('true');
    next.click();
    await element.updateComplete;
    next.click();
    await element.updateComplete;
    expect(range(element)).to.equal('49 to 60 of 60');
    next.click();
    await element.updateComplete;
    expect(asked.length, 'there is no page after the last').to.equal(3);
    await choose(element, 'show', 'validation');
    await choose(element, 'class', '1');
    expect(asked.at(-1)).to.deep.equal([5, 15, 25, 35, 45, 55]);
    expect(range(element)).to.equal('1 to 6 of 6');
  });

  it('shows a photo once it has come, with its class and part, a blank of the same size before', async () => {
    const { element } = await mount();
    expect(allInside(element, '.blank').length).to.equal(24);
    const height = element.offsetHeight;
    element.photos = await Promise.all([0, 1].map((index) => photo(index, index % 2)));
    await element.updateComplete;
    expect(allInside(element, 'canvas').map((canvas) => canvas.getAttribute('aria-label'))).to.deep.equal(['ant: photo (0).jpg', 'bee: photo (1).jpg']);
    expect(inside(element, 'li p').textContent.replace(/\s+/g, ' ').trim()).to.equal('antvalidation');
    expect(element.offsetHeight).to.equal(height);
  });

  it('says for what a network takes a photo, and which photos are the same', async () => {
    const { element, asked } = await mount({ suspicion, twins });
    element.show('suspects');
    await element.updateComplete;
    expect(asked.at(-1)).to.deep.equal([10]);
    expect(inside(element, 'li .caution').textContent).to.equal('taken for bee, 98.7%');
    element.show('twins');
    await element.updateComplete;
    expect(asked.at(-1)).to.deep.equal([5, 7, 1, 2]);
    expect(allInside(element, 'li .small').map(({ textContent }) => textContent)).to.deep.equal([
      'group 1, nearly the same · across the split', 'group 1, nearly the same · across the split', 'group 2, the same file · two classes', 'group 2, the same file · two classes',
    ]);
    expect(element.shadowRoot!.activeElement?.id).to.equal('show');
  });
});
