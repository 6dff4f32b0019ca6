import { expect } from 'chai';
import { html } from 'lit';
import { buildGraph } from '../../../src/engine/architectures/index.js';
import { GraphBuilder } from '../../../src/engine/graph/builder.js';
import { chooseLocale } from '../../../src/ui/locales/localization.js';
import '../../../src/ui/model-summary/model-summary.js';
import type { WinnowModelSummary } from '../../../src/ui/model-summary/model-summary.js';
import { allInside, cleanUp, expectAccessible, fixture, inside } from '../support/fixture.js';

const mount = (arch: string | null, width?: number) =>
  fixture<WinnowModelSummary>(html`<winnow-model-summary name=${arch ?? ''} .graph=${arch && buildGraph(arch, { size: 224, classes: 5 })}></winnow-model-summary>`, width);
const cells = (element: WinnowModelSummary) => allInside(element, 'tbody tr').map((row) => [...row.children].map(({ textContent }) => textContent.trim()));

describe('<winnow-model-summary>', () => {
  afterEach(async () => {
    cleanUp();
    await chooseLocale('en');
  });

  it('is accessible in every state', async () => {
    for (const [arch, width] of [[null, 900], ['cnn', 900], ['googlenet', 900], ['googlenet', 320]] as const) {
      await expectAccessible(await mount(arch, width));
      cleanUp();
    }
  });

  it('prints Keras’s table of cnn-light', async () => {
    const element = await mount('cnn-light');
    expect(allInside(element, 'thead th').map(({ textContent }) => textContent)).to.deep.equal(['Layer (type)', 'Output Shape', 'Param #']);
    expect(cells(element)).to.deep.include(['conv2d (Conv2D)', '(None, 112, 112, 8)', '224']);
    expect(cells(element)).to.deep.include(['dense_1 (Dense)', '(None, 5)', '85']);
    const totals = inside(element, 'dl').textContent.replace(/\s+/g, ' ');
    // 51,669 and 7,551,694 are the study's; 201.83 KB is Keras's way of writing 206,676 bytes.
    expect(totals).to.contain('51,669 (201.83 KB)').and.to.contain('7.55').and.to.contain('24');
  });

  it('says what is connected where branches meet', async () => {
    const graph = new GraphBuilder([32, 32, 3], 5).conv(4, 3).concat([(from) => from.conv(4, 1), (from) => from.conv(8, 3)]).globalAvgPool().predictions();
    const element = await fixture<WinnowModelSummary>(html`<winnow-model-summary name="Branches" .graph=${graph}></winnow-model-summary>`);
    expect(cells(element)).to.deep.include(['concatenate (Concatenate)', '(None, 32, 32, 12)', '0', 'conv2d_1, conv2d_2']);
  });

  it('has one row for an inception module', async () => {
    const element = await mount('googlenet');
    expect(cells(element).filter(([name]) => name.includes('Functional')).map(([, , params]) => params)).to.include('163,696');
  });

  it('speaks Korean around Keras’s words', async () => {
    const element = await mount('cnn');
    await chooseLocale('ko');
    await element.updateComplete;
    expect(inside(element, 'dl').textContent).to.contain('전체 파라미터');
    expect(inside(element, 'thead').textContent).to.contain('Output Shape');
  });

  it('scrolls inside itself at 360 pixels', async () => {
    const element = await mount('googlenet', 336);
    expect(element.scrollWidth).to.be.at.most(336);
  });
});
