import { css } from 'lit';
import { tokens } from './tokens.js';

const base = css`
  :host {
    display: block;
    color: var(--_ink);
    font: 400 var(--_body) / 1.5 var(--_sans);
    font-variant-numeric: tabular-nums;
  }
  /* Korean breaks between words, not within them. */
  :host(:lang(ko)) {
    word-break: keep-all;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  p,
  figure,
  ul,
  ol,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }
  h2,
  h3 {
    font-size: var(--_body);
    font-weight: 600;
    line-height: 1.4;
  }
  ul,
  ol {
    list-style: none;
  }
  a {
    color: var(--_accent);
  }
  .muted {
    color: var(--_muted);
  }
  .small {
    font-size: var(--_small);
  }
  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: -1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation-duration: 0.01ms !important;
      animation-iteration-count: 1 !important;
      transition-duration: 0.01ms !important;
    }
  }
`;

/** `button` (quiet), `button.primary` (the next step), `button.danger`, `button.bare` (no border), `.buttons` (some of them), `.segmented` (a group of toggles), fields. */
export const controls = css`
  button,
  .button,
  select,
  input:not([type='checkbox'], [type='radio'], [type='range']) {
    min-height: 34px;
    padding: 5px 12px;
    border: 1px solid var(--_control);
    border-radius: 7px;
    background: var(--_card);
    color: var(--_ink);
    font: inherit;
    line-height: 1.4;
  }
  button,
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: var(--_space-2);
    font-weight: 500;
    text-decoration: none;
    cursor: pointer;
  }
  button:hover:not(:disabled, [aria-disabled='true']),
  .button:hover {
    background: var(--_track);
  }
  button:disabled,
  button[aria-disabled='true'] {
    color: var(--_muted);
    border-color: var(--_rule);
    cursor: not-allowed;
  }
  button.primary,
  .button.primary {
    background: var(--_accent);
    border-color: var(--_accent);
    color: var(--_on-accent);
  }
  button.primary:hover:not(:disabled, [aria-disabled='true']),
  .button.primary:hover {
    background: color-mix(in srgb, var(--_accent) 88%, var(--_ink));
  }
  button.primary:disabled,
  button.primary[aria-disabled='true'] {
    background: var(--_track);
    border-color: var(--_rule);
    color: var(--_muted);
  }
  button.danger {
    border-color: var(--_failure);
    color: var(--_failure);
  }
  button.bare {
    border-color: transparent;
    background: transparent;
  }
  .buttons {
    display: flex;
    flex-wrap: wrap;
    gap: var(--_space-2);
  }
  .segmented {
    display: inline-flex;
    border: 1px solid var(--_control);
    border-radius: 7px;
    overflow: clip;
    overflow-clip-margin: 4px;
  }
  .segmented > button {
    min-height: 32px;
    border: 0;
    border-radius: 6px;
    background: transparent;
  }
  .segmented > button[aria-pressed='true'],
  .segmented > button[aria-checked='true'] {
    background: var(--_accent-wash);
    color: var(--_accent);
    font-weight: 600;
  }
  select,
  input {
    max-width: 100%;
  }
  input[type='checkbox'],
  input[type='radio'],
  input[type='range'] {
    accent-color: var(--_accent);
  }
  input[type='range'] {
    min-height: 24px;
  }
  [aria-invalid='true'] {
    border-color: var(--_failure) !important;
  }
  label {
    font-weight: 500;
  }
`;

/**
 * `.card` with `h2` or `header`; `.row` (beside each other where each has its `--least`, else below); `.drop` (a drop zone, `.over` while something is
 * held over it); `dl.facts` and `ul.limits` (a model's); `.note` (caution) and `.note.failure`; `.chip`; `.empty` (a state with nothing to show, in words).
 */
export const cards = css`
  .card {
    padding: var(--_space-3);
    border: 1px solid var(--_rule);
    border-radius: var(--_radius);
    background: var(--_card);
    min-width: 0;
  }
  .card > h2,
  .card > header {
    margin-bottom: var(--_space-2);
  }
  .card > header {
    display: flex;
    flex-wrap: wrap;
    gap: var(--_space-2) var(--_space-3);
    align-items: center;
    justify-content: space-between;
  }
  .row {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, var(--least, 380px)), 1fr));
    gap: var(--_space-3);
  }
  .row > * {
    min-width: 0;
  }
  .drop {
    display: grid;
    gap: var(--_space-3);
    justify-items: center;
    border: 1px dashed var(--_control);
    border-radius: var(--_radius);
    text-align: center;
  }
  .drop.over,
  .card.over {
    border-color: var(--_accent);
    background: var(--_accent-wash);
  }
  .facts {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(min(100%, 18.125rem), 1fr));
    gap: 2px var(--_space-4);
    margin-top: var(--_space-2);
  }
  .facts > div {
    display: flex;
    gap: var(--_space-2);
    justify-content: space-between;
  }
  .facts dt {
    color: var(--_muted);
  }
  .facts dd {
    text-align: end;
    overflow-wrap: anywhere;
  }
  .limits {
    margin-top: var(--_space-2);
    padding-inline-start: 1.2em;
    list-style: disc;
    color: var(--_muted);
  }
  .note {
    padding: 12px var(--_space-3);
    border-radius: var(--_radius);
    background: var(--_highlight-wash);
    min-width: 0;
    overflow-wrap: anywhere;
  }
  .note > strong:first-child {
    display: block;
    color: var(--_highlight-ink);
  }
  .note.failure {
    background: var(--_failure-wash);
  }
  .note.failure > strong:first-child {
    color: var(--_failure);
  }
  .chip {
    display: inline-flex;
    align-items: center;
    gap: 6px;
    min-width: 0;
    padding: 3px 10px;
    border: 1px solid var(--_rule);
    border-radius: 99px;
    background: var(--_card);
    color: var(--_muted);
    font-size: var(--_small);
    white-space: nowrap;
  }
  .chip.caution {
    border-color: transparent;
    background: var(--_highlight-wash);
    color: var(--_highlight-ink);
  }
  .empty {
    padding: var(--_space-4) var(--_space-3);
    color: var(--_muted);
    text-align: center;
  }
  .empty > * + * {
    margin-top: var(--_space-3);
  }
`;

/** Tables: `td.number` and `th.number` line up at the right; wrap a wide one in `.scroll` (give it tabindex="0", a role and a name). */
export const tables = css`
  .scroll {
    overflow-x: auto;
    /* A shade at an end where the table goes on; at the end itself the card's colour scrolls over it. */
    --shade: color-mix(in srgb, var(--_ink) 16%, transparent);
    background:
      linear-gradient(to right, var(--_card) 40%, transparent) left / 24px 100% no-repeat local,
      linear-gradient(to left, var(--_card) 40%, transparent) right / 24px 100% no-repeat local,
      linear-gradient(to right, var(--shade), transparent) left / 10px 100% no-repeat scroll,
      linear-gradient(to left, var(--shade), transparent) right / 10px 100% no-repeat scroll;
    /* Holds what is hidden from sight in its cells: it would widen the page. */
    position: relative;
    border-radius: 4px;
  }
  table {
    width: 100%;
    border-collapse: collapse;
  }
  caption {
    padding-bottom: var(--_space-2);
    font-weight: 600;
    text-align: start;
  }
  th,
  td {
    padding: 6px var(--_space-2);
    border-bottom: 1px solid var(--_rule);
    text-align: start;
    vertical-align: baseline;
    font-weight: 400;
  }
  thead th {
    color: var(--_muted);
    white-space: nowrap;
  }
  tbody tr:last-child > * {
    border-bottom: 0;
  }
  .number {
    text-align: end;
    white-space: nowrap;
  }
`;

/** `.figures > .figure` with `<b>` (the big number) over `<span>` (what it is); `.bar > i` or a `progress` (a share, 0 to 1, as width); `.key` (what colours and marks mean). */
export const figures = css`
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(8.125rem, 1fr));
    gap: var(--_space-3);
  }
  .figure > b {
    display: block;
    /* On a telephone 1 hr 25 min must fit into half a card. */
    font-size: clamp(1.25rem, 6vw, var(--_figure));
    font-weight: 600;
    line-height: 1.25;
    white-space: nowrap;
  }
  .figure > span {
    color: var(--_muted);
    font-size: var(--_small);
  }
  .key {
    display: flex;
    flex-wrap: wrap;
    gap: 2px 14px;
  }
  .key > li {
    display: inline-flex;
    gap: 6px;
    align-items: center;
  }
  .bar {
    display: block;
    height: 6px;
    border-radius: 3px;
    background: var(--_track);
    overflow: hidden;
  }
  .bar > i {
    display: block;
    height: 100%;
    border-radius: 3px;
    background: var(--_accent);
  }
  .bar.highlight > i {
    background: var(--_highlight);
  }
  progress {
    appearance: none;
    display: block;
    width: 100%;
    height: 6px;
    border: 0;
    border-radius: 3px;
    background: var(--_track);
    overflow: hidden;
  }
  progress::-webkit-progress-bar {
    background: var(--_track);
  }
  progress::-webkit-progress-value {
    border-radius: 3px;
    background: var(--_accent);
  }
  progress::-moz-progress-bar {
    border-radius: 3px;
    background: var(--_accent);
  }
  progress:indeterminate {
    background: linear-gradient(90deg, transparent, var(--_accent), transparent) 0 0 / 40% 100% no-repeat var(--_track);
    animation: passing 1.2s linear infinite alternate;
  }
  progress:indeterminate::-webkit-progress-bar {
    background: transparent;
  }
  @keyframes passing {
    to {
      background-position: 100% 0;
    }
  }
  dialog {
    border: 1px solid var(--_rule);
    border-radius: var(--_radius);
    background: var(--_card);
    color: var(--_ink);
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 45%);
  }
`;

/** A drawing of accuracy against a cost: lines of its `.grid`, and the words of a `.tick`. */
export const drawings = css`
  svg {
    display: block;
    overflow: visible;
  }
  .grid {
    stroke: var(--_rule);
  }
  .tick {
    fill: var(--_muted);
    font-size: 0.6875rem;
  }
`;

/** An element that is a pile of cards. */
export const pile = css`
  :host {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: var(--_space-3);
  }
`;

/** What every element of the lab begins with: `static override styles = [theme, …]`. */
export const theme = [tokens, base];
