import { css } from 'lit';

/**
 * Design tokens. Each reads a public custom property first (`--winnow-accent`), so a page that embeds an element can restyle it
 * from outside; without one, the theme follows the inherited `color-scheme`. Elements use only the private `--_…` names.
 * Text on a wash keeps at least 4.5:1, marks and control borders 3:1.
 *
 * @cssproperty --winnow-paper - Background behind cards.
 * @cssproperty --winnow-card - Background of cards.
 * @cssproperty --winnow-ink - Text.
 * @cssproperty --winnow-muted - Text of less weight.
 * @cssproperty --winnow-rule - Lines between things.
 * @cssproperty --winnow-control - Borders of fields and buttons.
 * @cssproperty --winnow-track - What a bar or a progress has yet to fill.
 * @cssproperty --winnow-accent - The one accent colour: links, the next step, bars, the chosen thing, what is right.
 * @cssproperty --winnow-accent-wash - The accent as a background.
 * @cssproperty --winnow-on-accent - Text on the accent.
 * @cssproperty --winnow-highlight - Marks of what is best, dead, mistaken or to be careful of.
 * @cssproperty --winnow-highlight-ink - The same hue for text.
 * @cssproperty --winnow-highlight-wash - The same hue as a background.
 * @cssproperty --winnow-failure - What went wrong.
 * @cssproperty --winnow-failure-wash - The same hue as a background.
 * @cssproperty --winnow-series-1 - The first curve or point.
 * @cssproperty --winnow-series-2 - The second.
 * @cssproperty --winnow-series-3 - The third.
 * @cssproperty --winnow-series-4 - The fourth.
 * @cssproperty --winnow-series-5 - The fifth.
 * @cssproperty --winnow-sans - Font of the text.
 * @cssproperty --winnow-mono - Font of code and logs.
 * @cssproperty --winnow-radius - Roundness of cards.
 */
export const tokens = css`
  :host {
    --_paper: var(--winnow-paper, light-dark(#fbfaf7, #131614));
    --_card: var(--winnow-card, light-dark(#ffffff, #1a1e1b));
    --_ink: var(--winnow-ink, light-dark(#1b1f1d, #e9ece9));
    --_muted: var(--winnow-muted, light-dark(#5f6661, #98a19b));
    --_rule: var(--winnow-rule, light-dark(#e6e3dc, #2a302c));
    /* Borders that mark a control, so that it is seen as one. */
    --_control: var(--winnow-control, light-dark(#848b86, #737c76));
    --_track: var(--winnow-track, light-dark(#efede7, #262b28));
    --_accent: var(--winnow-accent, light-dark(#27734f, #63c297));
    --_accent-wash: var(--winnow-accent-wash, light-dark(#e3f0ea, #1d3328));
    --_on-accent: var(--winnow-on-accent, light-dark(#ffffff, #10201a));
    /* Best, dead, caution: the mark, and the same hue for text. */
    --_highlight: var(--winnow-highlight, light-dark(#b9770e, #e0a94a));
    --_highlight-ink: var(--winnow-highlight-ink, light-dark(#8a5805, #e0a94a));
    --_highlight-wash: var(--winnow-highlight-wash, light-dark(#fbf1dd, #33291a));
    --_failure: var(--winnow-failure, light-dark(#b3402e, #ef8573));
    --_failure-wash: var(--winnow-failure-wash, light-dark(#fbeae6, #38201b));

    --_series-1: var(--winnow-series-1, light-dark(#27734f, #63c297));
    --_series-2: var(--winnow-series-2, light-dark(#b9770e, #e0a94a));
    --_series-3: var(--winnow-series-3, light-dark(#3e63b8, #8aa8f0));
    --_series-4: var(--winnow-series-4, light-dark(#9a4f8b, #d190c4));
    --_series-5: var(--winnow-series-5, light-dark(#6a716c, #98a19b));

    --_sans: var(--winnow-sans, system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK KR', 'Noto Sans KR', sans-serif);
    --_mono: var(--winnow-mono, ui-monospace, 'SF Mono', 'Cascadia Mono', 'DejaVu Sans Mono', 'Noto Sans Mono CJK KR', monospace);
    --_small: 0.8125rem;
    --_body: 0.875rem;
    --_title: 1.25rem;
    --_figure: 1.625rem;

    --_radius: var(--winnow-radius, 10px);
    --_space-1: 4px;
    --_space-2: 8px;
    --_space-3: 16px;
    --_space-4: 24px;
  }
`;

/** The tokens that a canvas needs, resolved to colours that it understands. */
export type ColourToken = 'paper' | 'card' | 'ink' | 'muted' | 'rule' | 'track' | 'accent' | 'highlight' | 'highlight-ink' | 'failure'
  | 'series-1' | 'series-2' | 'series-3' | 'series-4' | 'series-5';

/** Resolves a token where `element` (inside the shadow root of an element that has {@link tokens}) stands, in the theme of the moment. */
export function readColour(element: HTMLElement, token: ColourToken): string {
  const probe = document.createElement('span');
  probe.style.color = `var(--_${token})`;
  probe.hidden = true;
  element.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}
