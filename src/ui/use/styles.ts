import { css } from 'lit';
import { cards, controls, figures, pile, theme } from '../theme/shared.js';

export const styles = [
  theme,
  cards,
  controls,
  figures,
  pile,
  css`
    :host {
      container-type: inline-size;
    }
    .card {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--_space-2);
      align-content: start;
    }
    .card > h2 {
      margin: 0;
    }
    .card > button {
      justify-self: start;
    }
    .buttons {
      align-items: center;
    }
    .buttons > select {
      flex: 1 1 260px;
      min-width: 0;
    }
    .row {
      --least: 352px;
    }
    .counts {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(9.375rem, 1fr));
      gap: 2px var(--_space-3);
    }
    .counts > li {
      display: flex;
      gap: var(--_space-2);
      justify-content: space-between;
      overflow-wrap: anywhere;
    }
    .forms > li {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto auto;
      gap: var(--_space-3);
      align-items: center;
      padding-block: 10px;
      border-top: 1px solid var(--_rule);
    }
    .forms > li:first-child {
      border-top: 0;
    }
    .forms b {
      display: block;
      font-weight: 600;
    }
    .size {
      white-space: nowrap;
    }
    @container (max-width: 520px) {
      .forms > li {
        grid-template-columns: minmax(0, 1fr) auto;
      }
      .forms > li > div {
        grid-column: 1 / -1;
      }
    }
  `,
];
