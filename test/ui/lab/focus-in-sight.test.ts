import { expect } from 'chai';
import { LitElement, html } from 'lit';
import { FocusInSight } from '../../../src/ui/lab/focus-in-sight.js';
import { cleanUp, until } from '../support/fixture.js';

class Tall extends LitElement {
  readonly focusInSight = new FocusInSight(this);

  protected override render() {
    return html`<div id="late"></div><button>Here</button><div style="height: 3000px"></div>`;
  }
}
customElements.define('test-focus-in-sight', Tall);

describe('the focus, when the page moves under it', () => {
  let host: Tall;
  const button = () => host.renderRoot.querySelector('button')!;
  const inSight = () => {
    const { top, bottom } = button().getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  };
  const frames = async (count: number) => {
    for (let frame = 0; frame < count; frame++) await new Promise(requestAnimationFrame);
  };
  const growAbove = () => (host.renderRoot.querySelector<HTMLElement>('#late')!.style.height = '2000px');

  beforeEach(async () => {
    host = document.createElement('test-focus-in-sight') as Tall;
    document.body.append(host);
    await host.updateComplete;
    button().focus();
    dispatchEvent(new KeyboardEvent('keyup', { key: 'Tab' }));
    await frames(2);
  });

  afterEach(() => {
    host.remove();
    cleanUp();
    scrollTo(0, 0);
  });

  it('is brought back into the window', async () => {
    growAbove();
    await until(inSight, 'the button is in the window again');
    expect(scrollY).to.be.greaterThan(0);
  });

  it('is brought back as often as it leaves, and while the focus goes on by Tab', async () => {
    dispatchEvent(new KeyboardEvent('keydown', { key: 'Shift' }));
    dispatchEvent(new KeyboardEvent('keydown', { key: 'Tab' }));
    growAbove();
    await until(inSight, 'the button is in the window again');
    host.renderRoot.querySelector<HTMLElement>('#late')!.style.height = '5000px';
    await until(inSight, 'and once more');
  });

  for (const [deed, event] of [
    ['turns the wheel', () => new WheelEvent('wheel')],
    ['presses another key', () => new KeyboardEvent('keydown', { key: 'PageUp' })],
    ['points at something', () => new PointerEvent('pointerdown')],
  ] as const) {
    it(`is let go of when a person ${deed}`, async () => {
      dispatchEvent(event());
      growAbove();
      await frames(6);
      expect(inSight()).to.equal(false);
      expect(scrollY).to.equal(0);
    });
  }

  it('is let go of when the page is scrolled, whoever does it', async () => {
    scrollTo(0, 2000);
    await frames(6);
    expect(inSight()).to.equal(false);
    expect(scrollY).to.equal(2000);
    growAbove();
    await frames(6);
    expect(inSight()).to.equal(false);
  });

  it('is let go of with the page', async () => {
    host.remove();
    dispatchEvent(new KeyboardEvent('keyup', { key: 'Tab' }));
    document.body.append(host);
    growAbove();
    await frames(6);
    expect(inSight()).to.equal(false);
  });
});
