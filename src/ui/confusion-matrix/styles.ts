import { css } from 'lit';
import { cards, controls, tables, theme } from '../theme/shared.js';

export const styles = [
  theme,
  cards,
  controls,
  tables,
  css`
    .matrix {
      width: auto;
    }
    .matrix th,
    .matrix td {
      padding: 5px 6px;
    }
    .matrix [scope='colgroup'] {
      color: var(--_muted);
    }
    .class {
      max-width: 12ch;
      overflow: hidden;
      text-overflow: ellipsis;
      text-align: end;
    }
    tbody th {
      white-space: nowrap;
    }
    .cell {
      min-width: 5ch;
      border: 2px solid var(--_card);
      border-radius: 5px;
      text-align: end;
    }
    .right {
      background: color-mix(in srgb, var(--_accent) var(--tint), var(--_card));
      font-weight: 600;
    }
    .mistake {
      background: color-mix(in srgb, var(--_highlight) var(--tint), var(--_card));
    }
    .none {
      color: var(--_muted);
    }
    .cell:has(button) {
      padding: 0;
    }
    td button.bare {
      width: 100%;
      min-height: 30px;
      padding: 3px 6px;
      border: 0;
      border-radius: 4px;
      color: inherit;
      font-weight: inherit;
      justify-content: flex-end;
    }
    td button.bare[aria-disabled='true'] {
      color: var(--_muted);
      cursor: default;
    }
    td button.bare:hover:not([aria-disabled='true']) {
      background: transparent;
      text-decoration: underline;
    }
    .edge {
      color: var(--_muted);
      text-align: end;
      white-space: nowrap;
    }
    .scroll + p {
      margin-top: var(--_space-2);
    }
  `,
];
