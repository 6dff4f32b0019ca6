import { css } from 'lit';
import { diagramStyles } from '../model-summary/diagram.js';
import { cards, controls, drawings, figures, pile, tables, theme } from '../theme/shared.js';

export const styles = [
  theme,
  controls,
  cards,
  tables,
  figures,
  drawings,
  diagramStyles,
  pile,
  css`
    .card > header {
      align-items: start;
      margin: 0;
    }
    header > div:first-child {
      flex: 1 1 320px;
      min-width: 0;
    }
    .buttons {
      align-items: end;
    }
    .start progress,
    .start > p,
    .options {
      margin-top: var(--_space-3);
    }
    .buttons label,
    .fields label:not(.check) {
      display: grid;
      gap: var(--_space-1);
    }
    summary {
      cursor: pointer;
      width: fit-content;
      padding: var(--_space-1) 0;
    }
    .fields {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(min(16.25rem, 100%), 1fr));
      gap: var(--_space-3);
      margin-top: var(--_space-2);
    }
    .check {
      display: flex;
      align-items: baseline;
      gap: var(--_space-2);
      font-weight: 400;
    }
    .choice .figures {
      margin: var(--_space-3) 0;
    }
    .choice h2 {
      overflow-wrap: anywhere;
    }
    .chart header > h2 {
      flex: 1 1 auto;
    }
    .drawing {
      margin-top: var(--_space-2);
      min-height: 300px;
      overflow: hidden;
    }
    .way {
      fill: none;
      stroke: var(--_series-1);
      stroke-width: 1.5;
    }
    .limit {
      fill: none;
      stroke: var(--_highlight);
      stroke-width: 1.5;
      stroke-dasharray: 5 4;
    }
    .point {
      cursor: pointer;
    }
    .target {
      fill: transparent;
    }
    .ring {
      fill: none;
      stroke: var(--_ink);
      stroke-width: 2;
    }
    .mark {
      fill: var(--_card);
      stroke-width: 2;
      stroke: var(--_series-1);
    }
    .mark.given {
      stroke: var(--_ink);
    }
    .mark.scratch {
      stroke: var(--_series-3);
    }
    .mark.distil {
      stroke: var(--_series-4);
    }
    .mark.hand {
      stroke: var(--_series-2);
    }
    .mark.random {
      stroke: var(--_series-5);
    }
    .mark.chosen {
      fill: var(--_accent);
    }
    tr.selected > * {
      background: var(--_accent-wash);
    }
    th > button.bare {
      justify-content: start;
      text-align: start;
      padding-inline: 0;
      color: var(--_ink);
      text-decoration: underline;
      text-decoration-color: var(--_control);
      text-underline-offset: 3px;
    }
    .mark-front {
      color: var(--_muted);
      font-size: var(--_small);
      white-space: nowrap;
    }
    .mark-chosen {
      display: block;
      color: var(--_accent);
      font-size: var(--_small);
      white-space: nowrap;
    }
    .under {
      color: var(--_highlight-ink);
    }
    .scroll + p,
    .scroll + p + .buttons {
      margin-top: var(--_space-2);
    }
    code {
      font: var(--_small) var(--_mono);
    }
    .plan {
      display: grid;
      gap: var(--_space-3);
    }
    .plan > h2 {
      margin: 0;
    }
    .given {
      display: flex;
      flex-wrap: wrap;
      gap: var(--_space-3) var(--_space-4);
      align-items: center;
    }
    .given > .figures {
      flex: 1 1 min(100%, 38rem);
    }
    .given > div:first-child {
      flex: 0 1 auto;
      display: grid;
      gap: var(--_space-2);
    }
    .steps {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 13.125rem), 1fr));
      gap: var(--_space-3) var(--_space-4);
      padding-top: var(--_space-3);
      border-top: 1px solid var(--_rule);
      counter-reset: step;
    }
    .steps h3::before {
      counter-increment: step;
      content: counter(step) '. ';
    }
    .cost {
      min-width: 72px;
      margin-top: 2px;
      /* From the right, as the number stands. */
      transform: scaleX(-1);
    }
    .cost rect {
      fill: var(--_accent);
    }
    .strip {
      max-width: 260px;
    }
    .strip rect {
      fill: var(--_accent);
    }
  `,
];
