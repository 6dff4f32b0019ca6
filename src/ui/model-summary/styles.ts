import { css } from 'lit';
import { cards, tables, theme } from '../theme/shared.js';
import { diagramStyles } from './diagram.js';

export const styles = [
  ...theme,
  cards,
  tables,
  diagramStyles,
  css`
    :host {
      container-type: inline-size;
    }
    .drawing {
      display: flex;
      flex-wrap: wrap;
      gap: var(--_space-2) var(--_space-4);
      align-items: center;
      margin-block: var(--_space-3);
    }
    .drawing > .diagram {
      width: auto;
      height: auto;
      max-height: 110px;
      flex: 0 1 auto;
    }
    .scroll {
      margin-top: var(--_space-2);
    }
    tbody th {
      white-space: nowrap;
      font-weight: 500;
    }
    .type {
      color: var(--_muted);
      font-weight: 400;
    }
    .shape {
      white-space: nowrap;
    }
    .connected {
      color: var(--_muted);
      overflow-wrap: anywhere;
    }
    @container (max-width: 480px) {
      table {
        font-size: 0.75rem;
      }
      th,
      td {
        padding-inline: 3px;
      }
      .type {
        display: block;
      }
    }
    .facts {
      padding: var(--_space-2) var(--_space-2) 0;
      border-top: 1px solid var(--_rule);
    }
    dd {
      white-space: nowrap;
    }
  `,
];
