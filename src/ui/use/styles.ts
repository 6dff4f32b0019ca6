import { css } from 'lit';
import { cards, controls, figures, theme } from '../theme/shared.js';

export const styles = [
  theme,
  cards,
  controls,
  figures,
  css`
    :host {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--_space-3);
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
    .card.over {
      border-color: var(--_accent);
      background: var(--_accent-wash);
    }
    .row {
      display: flex;
      flex-wrap: wrap;
      gap: var(--_space-2);
      align-items: center;
    }
    .row > select {
      flex: 1 1 260px;
      min-width: 0;
    }
    .pair {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: var(--_space-3);
    }
    @container (min-width: 720px) {
      .pair {
        grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
      }
    }
    .counts {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
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
