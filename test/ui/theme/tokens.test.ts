import { expect } from 'chai';
import { LitElement, html } from 'lit';
import { theme } from '../../../src/ui/theme/shared.js';
import { readColour, type ColourToken } from '../../../src/ui/theme/tokens.js';
import { cleanUp, fixture, inside } from '../support/fixture.js';

class Probe extends LitElement {
  static override styles = theme;
  override render() {
    return html`<div id="inside"></div>`;
  }
}
customElements.define('theme-probe', Probe);

const probe = async (scheme: string) => {
  const element = await fixture<Probe>(html`<theme-probe></theme-probe>`);
  element.style.colorScheme = scheme;
  return element;
};

/** 'rgb(r, g, b)' to WCAG 2's relative luminance. */
function luminance(colour: string): number {
  const [r, g, b] = colour.match(/[\d.]+/g)!.map((part) => {
    const share = Number(part) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

describe('theme', () => {
  afterEach(cleanUp);

  for (const scheme of ['light', 'dark']) {
    it(`keeps WCAG’s contrasts, ${scheme}`, async () => {
      const at = inside(await probe(scheme), '#inside');
      // Washes and controls are no canvas colours; their names are read the same way.
      const colour = (token: string) => readColour(at, token as ColourToken);
      const low: string[] = [];
      const check = (tokens: string[], grounds: string[], least: number) => {
        for (const token of tokens) {
          for (const ground of grounds) {
            const found = contrast(colour(token), colour(ground));
            if (found < least) low.push(`${token} on ${ground}: ${found.toFixed(2)} < ${least}`);
          }
        }
      };
      check(['ink', 'muted', 'accent', 'failure'], ['paper', 'card'], 4.5);
      check(['ink', 'muted', 'accent'], ['accent-wash'], 4.5);
      check(['ink', 'highlight-ink'], ['card', 'highlight-wash'], 4.5);
      check(['ink', 'failure'], ['failure-wash'], 4.5);
      check(['on-accent'], ['accent'], 4.5);
      check(['control', 'highlight', 'series-1', 'series-2', 'series-3', 'series-4', 'series-5'], ['card', 'paper'], 3);
      expect(low).to.deep.equal([]);
    });
  }

  it('gives a canvas colours that it understands, and leaves nothing behind', async () => {
    const at = inside(await probe('dark'), '#inside');
    expect(readColour(at, 'accent')).to.equal('rgb(99, 194, 151)');
    expect(at.childElementCount).to.equal(0);
  });

  it('is restyled from outside', async () => {
    const element = await probe('light');
    element.style.setProperty('--winnow-accent', 'rgb(1, 2, 3)');
    expect(readColour(inside(element, '#inside'), 'accent')).to.equal('rgb(1, 2, 3)');
  });
});
