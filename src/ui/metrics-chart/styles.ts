import { css } from 'lit';
import { cards, controls, tables, theme } from '../theme/shared.js';

export const styles = [
  theme,
  cards,
  controls,
  tables,
  css`
    .card {
      position: relative;
      display: grid;
      gap: var(--_space-2);
    }
    .card > header {
      flex-wrap: nowrap;
      align-items: stretch;
      margin: 0;
    }
    .legend {
      display: flex;
      flex-wrap: wrap;
      gap: 2px 14px;
      /* The legend comes with the first epoch; the plot does not move down for it. */
      min-height: 20px;
      font-size: var(--_small);
    }
    .legend li {
      display: inline-flex;
      align-items: center;
      gap: 6px;
      min-width: 0;
    }
    .legend span {
      overflow-wrap: anywhere;
    }
    .legend b {
      min-width: 6ch;
      font-weight: 600;
    }
    .swatch {
      flex: none;
    }
    .swatch line {
      stroke: currentcolor;
    }
    .swatch path {
      fill: currentcolor;
      stroke: var(--_card);
    }
    .series-1 {
      color: var(--_series-1);
    }
    .series-2 {
      color: var(--_series-2);
    }
    .series-3 {
      color: var(--_series-3);
    }
    .series-4 {
      color: var(--_series-4);
    }
    .series-5 {
      color: var(--_series-5);
    }
    .plot {
      position: relative;
      height: var(--winnow-chart-height, clamp(220px, 9vw, 360px));
      min-width: 0;
    }
    .mount {
      position: absolute;
      inset: 0;
      overflow: hidden;
    }
    .plot .empty {
      position: absolute;
      inset: 0;
      display: grid;
      place-content: center;
    }
    .u-cursor-x {
      border-color: var(--_control) !important;
    }
    .controls {
      display: flex;
      flex: none;
      gap: var(--_space-1);
    }
    .controls button {
      min-height: 26px;
      padding: 1px 8px;
      color: var(--_muted);
      font-size: var(--_small);
      font-weight: 400;
    }
    .controls button[aria-pressed='true'],
    .controls button[aria-expanded='true'] {
      border-color: var(--_accent);
      color: var(--_accent);
    }
    #table.scroll {
      max-height: 320px;
      overflow: auto;
    }
    .best {
      color: var(--_highlight-ink);
      font-size: var(--_small);
    }
    /* A canvas hears nothing of a new theme: this changes its colour with it, and the end of its transition calls for a redraw. */
    .theme-probe {
      position: absolute;
      color: var(--_ink);
      background: var(--_card);
      transition:
        color 1ms,
        background-color 1ms;
    }
  `,
];
