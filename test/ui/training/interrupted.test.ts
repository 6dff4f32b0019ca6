import { expect } from 'chai';
import { html } from 'lit';
import '../../../src/ui/training/training.js';
import type { WinnowTraining } from '../../../src/ui/training/training.js';
import { allInside, cleanUp, expectAccessible, fixture, inside, nextEvent } from '../support/fixture.js';
import { gpu, photos, run } from '../support/runs.js';

describe('winnow-training: runs that were interrupted', () => {
  afterEach(cleanUp);

  it('are listed with how far they came, and resumed at a click', async () => {
    const interrupted = ['a', 'b'].map((id) => run(id, { state: { kind: 'interrupted' } }));
    const element = await fixture<WinnowTraining>(html`<winnow-training .data=${photos} .adapter=${gpu} .interrupted=${interrupted}></winnow-training>`, 900);
    await expectAccessible(element);
    const card = inside(element, '[part="interrupted"]');
    expect(card.textContent).to.include('as if nothing had happened').and.to.include(`${interrupted[0].history.length} of ${interrupted[0].settings.epochs} epochs`);
    const buttons = allInside<HTMLButtonElement>(element, '[part="interrupted"] button');
    expect(buttons).to.have.length(2);
    const resumed = nextEvent<{ run: string }>(element, 'winnow-resume-run');
    buttons[1].click();
    expect(await resumed).to.deep.equal({ run: 'b' });
  });

  it('are not spoken of where there are none', async () => {
    const element = await fixture<WinnowTraining>(html`<winnow-training .data=${photos} .adapter=${gpu}></winnow-training>`, 900);
    expect(inside(element, '[part="interrupted"]')).to.equal(null);
  });
});
