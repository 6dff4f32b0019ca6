import { css } from 'lit';
import { cards, controls, figures, tables, theme } from '../theme/shared.js';

export const styles = [
  theme,
  cards,
  controls,
  tables,
  figures,
  css`
    :host {
      container-type: inline-size;
    }
    .scroll {
      position: relative;
    }
    slot[name='curves'] {
      display: block;
    }
    :host > * + * {
      margin-top: var(--_space-3);
    }
    .card > header {
      display: flex;
      flex-wrap: wrap;
      justify-content: space-between;
      align-items: flex-start;
      gap: var(--_space-2) var(--_space-3);
      margin-bottom: var(--_space-3);
    }
    .card > header:last-child {
      margin-bottom: 0;
    }
    .buttons {
      display: flex;
      flex-wrap: wrap;
      gap: var(--_space-2);
    }
    .progress .figures {
      grid-template-columns: minmax(270px, 1.8fr) repeat(4, minmax(100px, 1fr));
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
    .charts,
    .below {
      display: grid;
      gap: var(--_space-3);
      grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr));
    }
    pre {
      max-height: 200px;
      margin: 0;
      overflow: auto;
      white-space: pre-wrap;
      overflow-wrap: anywhere;
      color: var(--_muted);
      font: 400 12px / 1.6 var(--_mono);
      border-radius: 4px;
    }
    form {
      display: grid;
      gap: var(--_space-4);
    }
    @container (min-width: 960px) {
      form {
        grid-template-columns: minmax(0, 6fr) minmax(0, 5fr);
        grid-template-rows: auto 1fr;
        gap: var(--_space-4) 40px;
      }
      form > .scroll {
        grid-row: 1 / 3;
      }
      .submit,
      fieldset {
        grid-column: 2;
      }
    }
    .architectures th[scope='row'] {
      padding-block: 0;
    }
    .architectures th > label {
      display: flex;
      gap: 10px;
      align-items: baseline;
      padding-block: 7px;
      font-weight: 500;
      cursor: pointer;
    }
    .architectures small {
      display: block;
      color: var(--_muted);
      font-size: var(--_small);
      font-weight: 400;
    }
    .architectures input {
      flex: none;
      translate: 0 1px;
    }
    .architectures .chosen {
      background: var(--_accent-wash);
    }
    .architectures .chosen small {
      color: var(--_ink);
    }
    .architectures label.option {
      align-items: center;
      padding: 0 0 8px 24px;
      font-weight: 400;
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
      grid-template-columns: repeat(auto-fill, minmax(min(100%, 200px), 1fr));
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
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: var(--_space-2) var(--_space-3);
    }
    summary {
      font-weight: 600;
      cursor: pointer;
    }
    details[open] > summary {
      margin-bottom: var(--_space-3);
    }
    @container (max-width: 480px) {
      .architectures small {
        display: none;
      }
    }
  `,
];
