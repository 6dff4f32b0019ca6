import { css } from 'lit';
import { diagramStyles } from '../model-summary/diagram.js';
import { cards, controls, figures, tables, theme } from '../theme/shared.js';

export const styles = [
  theme,
  cards,
  controls,
  tables,
  figures,
  diagramStyles,
  css`
    :host {
      container-type: inline-size;
    }
    slot[name='curves'] {
      display: block;
    }
    :host > * + * {
      margin-top: var(--_space-3);
    }
    .card > header {
      align-items: flex-start;
      margin-bottom: var(--_space-3);
    }
    .card > header:last-child {
      margin-bottom: 0;
    }
    .progress .figures {
      grid-template-columns: minmax(16.875rem, 1.8fr) repeat(4, minmax(6.25rem, 1fr));
      align-items: start;
    }
    @container (max-width: 860px) {
      .progress .figures {
        grid-template-columns: repeat(2, minmax(0, 1fr));
      }
      .bar-line {
        grid-column: 1 / -1;
      }
    }
    .bar-line {
      padding-top: 8px;
    }
    .bar-line p {
      display: flex;
      flex-wrap: wrap;
      justify-content: space-between;
      gap: 0 var(--_space-2);
      margin-bottom: 6px;
    }
    @container (min-width: 1000px) {
      .below:has([part='queue']) {
        grid-template-columns: minmax(0, 1.4fr) minmax(0, 1fr);
      }
    }
    /* Its words change with the first epoch that ends; Pause beside it stays where it is. */
    [part='progress'] .buttons > :last-child {
      min-width: 9.75rem;
    }
    pre {
      /* Ten whole lines. */
      height: 12rem;
      margin: 0;
      /* Held to its end, whatever comes and however the window changes. */
      display: flex;
      flex-direction: column-reverse;
      overflow: auto;
      white-space: pre-wrap;
      overflow-wrap: anywhere;
      color: var(--_muted);
      font: 400 0.75rem / 1.6 var(--_mono);
      border-radius: 4px;
    }
    pre > code {
      margin-block-end: auto;
      font: inherit;
    }
    .curve-tools {
      display: flex;
      flex-wrap: wrap;
      gap: var(--_space-2) var(--_space-4);
      align-items: center;
      justify-content: space-between;
      min-height: 30px;
      margin-bottom: var(--_space-2);
      font-size: var(--_small);
    }
    .smoothing,
    .overlay {
      display: flex;
      flex-wrap: wrap;
      gap: var(--_space-2);
      align-items: center;
    }
    .smoothing input {
      width: 120px;
    }
    .overlay > span {
      font-weight: 500;
    }
    .overlay .chip {
      min-height: 26px;
      border-color: var(--_control);
      border-radius: 99px;
      font-weight: 400;
    }
    .overlay .chip[aria-pressed='true'] {
      border-color: var(--_accent);
      background: var(--_accent-wash);
      color: var(--_accent);
      font-weight: 600;
    }
    .order {
      display: inline-flex;
      gap: 2px;
      margin-block: -4px;
    }
    .order button {
      min-height: 30px;
      padding: 2px 8px;
    }
    form {
      display: grid;
      gap: var(--_space-4);
    }
    /* Clear of the bar above and of a narrow window's places below. */
    form :is(input, select, summary, button) {
      scroll-margin-block: 88px 72px;
    }
    .over-cards {
      display: flex;
      flex-wrap: wrap;
      gap: var(--_space-1) var(--_space-4);
      align-items: baseline;
      justify-content: space-between;
      margin-bottom: var(--_space-2);
    }
    .arch-cards {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 16em), 1fr));
      gap: var(--_space-2);
    }
    .arch {
      display: flex;
      flex-direction: column;
      gap: var(--_space-2);
      padding: 10px 12px 12px;
      border: 1px solid var(--_rule);
      border-radius: 8px;
      min-width: 0;
    }
    .arch:hover {
      border-color: var(--_control);
    }
    .arch.chosen {
      border-color: var(--_accent);
      background: var(--_accent-wash);
    }
    .arch.chosen .muted,
    .arch.chosen dt {
      color: var(--_ink);
    }
    .arch > label:first-child {
      display: grid;
      gap: 6px;
      cursor: pointer;
    }
    .arch-name {
      display: flex;
      gap: 8px;
      align-items: center;
      font-weight: 600;
    }
    .arch-name input {
      flex: none;
      margin: 0;
      width: 16px;
      height: 16px;
    }
    .drawing {
      display: block;
      height: 60px;
    }
    .costs {
      display: grid;
      grid-template-columns: repeat(2, minmax(0, 1fr));
      gap: 4px var(--_space-2);
    }
    .costs > div {
      display: flex;
      flex-direction: column-reverse;
      justify-content: flex-end;
    }
    .costs dd {
      font-weight: 600;
      white-space: nowrap;
    }
    .costs dt {
      color: var(--_muted);
      font-size: 0.75rem;
    }
    .costs + p {
      margin-top: var(--_space-2);
      font-size: 0.75rem;
    }
    .arch label.option {
      display: flex;
      gap: var(--_space-2);
      align-items: center;
      font-weight: 400;
    }
    .measure {
      display: flex;
      flex-wrap: wrap;
      gap: var(--_space-2) var(--_space-3);
      align-items: center;
      margin-top: calc(-1 * var(--_space-2));
    }
    fieldset {
      min-width: 0;
      margin: 0;
      padding: 0;
      border: 0;
    }
    legend {
      padding: 0 0 var(--_space-2);
      font-weight: 600;
    }
    .fields {
      display: grid;
      gap: var(--_space-3) var(--_space-4);
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 12.5rem), 1fr));
    }
    .entry {
      display: flex;
      align-items: center;
      gap: var(--_space-2);
      margin-block: 2px 4px;
    }
    .entry input {
      width: 12ch;
    }
    .entry select,
    .entry input[type='file'] {
      width: 100%;
      min-width: 0;
    }
    fieldset details {
      margin-top: var(--_space-3);
    }
    fieldset summary {
      padding-block: 3px;
    }
    fieldset details > p {
      margin-bottom: var(--_space-3);
    }
    .advice p:not(:last-child) {
      margin-bottom: var(--_space-2);
    }
    .wrong {
      color: var(--_failure);
    }
    .submit {
      position: sticky;
      top: 0;
      z-index: 1;
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: var(--_space-2) var(--_space-3);
      margin: -8px 0 -12px;
      padding-block: 8px;
      background: var(--_card);
    }
    summary {
      font-weight: 600;
      cursor: pointer;
    }
    details[open] > summary {
      margin-bottom: var(--_space-3);
    }
  `,
];
