import { expect } from 'chai';
import { html } from 'lit';
import '../../../src/ui/confusion-matrix/confusion-matrix.js';
import type { WinnowConfusionMatrix } from '../../../src/ui/confusion-matrix/confusion-matrix.js';
import { confusions, precision, recall } from '../../../src/ui/confusion-matrix/confusions.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';
import { allInside, cleanUp, expectAccessible, fixture, inside, nextEvent } from '../support/fixture.js';
import { classes } from '../support/runs.js';

const matrix = [[78, 1, 1], [0, 80, 0], [4, 0, 76]];
const many = Array.from({ length: 40 }, (_, row) => Array.from({ length: 40 }, (_, column) => (row === column ? 90 : column === row + 1 ? row : 0)));

const mount = (values: readonly (readonly number[])[], names: readonly string[], width = 700) =>
  fixture<WinnowConfusionMatrix>(html`<winnow-confusion-matrix .matrix=${values} .classes=${names} label="Of CNN"></winnow-confusion-matrix>`, width);
const rows = (element: WinnowConfusionMatrix) => allInside(element, 'tbody tr').map((row) => [...row.children].map((cell) => cell.textContent.trim()));

describe('<winnow-confusion-matrix>', () => {
  afterEach(cleanUp);

  it('is accessible in every state', async () => {
    for (const element of [await mount([], []), await mount(matrix, classes), await mount(many, many.map((_, index) => `class ${index}`))]) await expectAccessible(element);
  });

  it('has a row a class, with recall and precision at the edges', async () => {
    const element = await mount(matrix, classes);
    expect(rows(element)).to.deep.equal([
      ['ant', '78', '1', '1', '0.975'],
      ['bee', '0', '80', '0', '1.000'],
      ['cat', '4', '0', '76', '0.950'],
      ['Precision', '0.951', '0.988', '0.987', ''],
    ]);
    expect(inside(element, 'p').textContent).to.equal('6 of 240 photos are taken for another class.');
  });

  it('opens its cells: one stop for tab, arrows between them, and nothing where there are no photos', async () => {
    const element = await mount(matrix, classes);
    element.openable = true;
    await element.updateComplete;
    await expectAccessible(element);
    expect(allInside(element, '[tabindex="0"][data-at]').map((cell) => cell.getAttribute('aria-label'))).to.deep.equal(['78 photos of ant, recognised']);
    const press = async (key: string) => {
      inside(element, '[tabindex="0"][data-at]').dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
      await element.updateComplete;
    };
    await press('ArrowUp');
    await press('ArrowDown');
    const empty = inside(element, '[tabindex="0"][data-at]');
    expect([empty.getAttribute('aria-label'), empty.getAttribute('aria-disabled')]).to.deep.equal(['0 photos of bee, taken for ant', 'true']);
    let opened = 0;
    element.addEventListener('winnow-cell', () => opened++);
    empty.click();
    expect(opened).to.equal(0);
    await press('ArrowDown');
    const asked = nextEvent(element, 'winnow-cell');
    inside(element, '[tabindex="0"][data-at]').click();
    expect(await asked).to.deep.equal({ actual: 2, predicted: 0 });

    const list = await mount(many, many.map((_, index) => `class ${index}`));
    list.openable = true;
    await list.updateComplete;
    await expectAccessible(list);
    const first = nextEvent(list, 'winnow-cell');
    inside(list, 'td button').click();
    expect(await first).to.deep.equal({ actual: 38, predicted: 39 });
  });

  it('tells right from mistake, and tints by share', async () => {
    const element = await mount(matrix, classes);
    const cells = allInside(element, '.cell');
    expect(cells.map(({ classList }) => classList[1])).to.deep.equal(['right', 'mistake', 'mistake', 'none', 'right', 'none', 'mistake', 'none', 'right']);
    const tint = (index: number) => Number.parseInt(cells[index].style.getPropertyValue('--tint'), 10);
    expect(tint(6)).to.be.greaterThan(tint(1));
    expect(tint(0)).to.be.greaterThan(tint(6));
  });

  it('lists the most frequent mistakes where a table would be too large', async () => {
    const element = await mount(many, many.map((_, index) => `class ${index}`));
    expect(rows(element)).to.have.length(38);
    expect(rows(element)[0]).to.deep.equal(['class 38', 'class 39', '38', '0.297']);
  });

  it('counts nothing where there is nothing', () => {
    expect(confusions(matrix).map(({ actual, predicted, count }) => [actual, predicted, count])).to.deep.equal([[2, 0, 4], [0, 1, 1], [0, 2, 1]]);
    expect([recall([[0, 0], [1, 0]], 0), precision([[0, 0], [1, 0]], 1)]).to.deep.equal([NaN, NaN]);
    expect(precision([[0, 0], [1, 0]], 0)).to.equal(0);
  });

  it('speaks Korean', async () => {
    await chooseLocale('ko');
    expect(inside(await mount(matrix, classes), '.edge').textContent).to.equal('재현율');
    await chooseLocale('en');
  });
});
