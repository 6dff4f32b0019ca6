import { css } from 'lit';
import { cards, controls, figures, tables, theme } from '../theme/shared.js';
import { cardStyles } from './card-styles.js';

export const styles = [
  ...theme,
  controls,
  cards,
  tables,
  figures,
  cardStyles,
  css`
    :host {
      container-type: inline-size;
    }
    .columns {
      display: grid;
      gap: var(--_space-3);
      align-items: start;
    }
    .stack {
      display: grid;
      gap: var(--_space-3);
      min-width: 0;
    }
    @container (min-width: 900px) {
      .columns.two {
        grid-template-columns: 21.25rem minmax(0, 1fr);
      }
    }

    .drop {
      padding: var(--_space-4) var(--_space-3);
      border-width: 1.5px;
    }
    .drop strong {
      display: block;
      font-weight: 600;
    }
    .drop .buttons {
      justify-content: center;
    }
    .draw {
      align-items: end;
      margin-top: var(--_space-2);
    }
    .draw label {
      display: grid;
      gap: 2px;
    }
    .draw input {
      width: 7em;
    }
    .add .or {
      margin-top: var(--_space-3);
      padding-top: var(--_space-3);
      border-top: 1px solid var(--_rule);
    }
    @container (min-width: 900px) {
      .large .add {
        display: grid;
        grid-template-columns: minmax(0, 1.7fr) minmax(0, 1fr);
        column-gap: var(--_space-4);
        align-items: center;
      }
      .large .add h2 {
        grid-column: 1 / -1;
      }
      .large .drop {
        padding-block: 64px;
      }
      .large .add .or {
        margin-top: 0;
        padding: 0 var(--_space-2);
        border-top: 0;
      }
    }

    .job p {
      display: flex;
      flex-wrap: wrap;
      gap: 2px var(--_space-3);
      justify-content: space-between;
      margin-top: var(--_space-2);
      min-height: 1.5em;
    }

    .stored {
      display: grid;
      gap: 2px;
      margin-inline: -8px;
    }
    .stored li {
      display: flex;
      align-items: center;
      border-radius: 8px;
    }
    .stored li.selected {
      background: var(--_accent-wash);
    }
    .stored .choose {
      flex: 1;
      display: block;
      min-width: 0;
      padding: 8px;
      border: 0;
      background: transparent;
      text-align: start;
      overflow-wrap: anywhere;
    }
    .stored li.selected .choose > b {
      color: var(--_accent);
    }
    .stored .choose > b {
      display: block;
      font-weight: 600;
    }
    .stored .delete {
      flex: none;
      width: 34px;
      padding: 0;
      color: var(--_muted);
    }
    .stored svg {
      display: block;
      width: 16px;
      height: 16px;
    }

    .key i {
      width: 10px;
      height: 10px;
      border-radius: 2px;
    }
    .classes .bar {
      display: flex;
    }
    .classes .bar > i {
      border-radius: 0;
    }
    i.train {
      background: var(--_accent);
    }
    .bar > i.validation,
    i.validation {
      background: var(--_highlight);
    }
    .bar > i.test,
    i.test {
      background: var(--_series-3);
    }
    .bar > i.unused {
      background: transparent;
    }
    @container (max-width: 439px) {
      .classes .part {
        display: none;
      }
    }
    @container (max-width: 599px) {
      .classes .share {
        display: none;
      }
      .classes :is(th, td) {
        padding-inline: 4px;
      }
    }

    .classes th {
      max-width: 34cqw;
      overflow-wrap: break-word;
    }
    .classes td:nth-child(2) {
      width: 26%;
    }
    @container (min-width: 600px) {
      .classes td:nth-child(2) {
        width: 44%;
      }
    }
    .gallery {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(7.25rem, 1fr));
      gap: var(--_space-3);
    }
    .gallery .photos {
      display: grid;
      grid-template-columns: repeat(2, 1fr);
      gap: 4px;
    }
    .gallery .photos.single {
      grid-template-columns: 1fr;
    }
    .gallery canvas,
    .gallery .blank {
      display: block;
      width: 100%;
      aspect-ratio: 1;
      border-radius: 4px;
      background: var(--_track);
    }
    .gallery figcaption {
      display: flex;
      gap: var(--_space-2);
      justify-content: space-between;
      margin-top: 6px;
      min-width: 0;
    }
    .gallery figcaption b {
      min-width: 0;
      overflow: hidden;
      font-weight: 600;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    @container (min-width: 900px) {
      .gallery.few {
        grid-template-columns: repeat(auto-fit, minmax(7.25rem, 1fr));
      }
    }

    summary {
      cursor: pointer;
      font-weight: 600;
    }
    .refused {
      max-height: 260px;
      margin-top: var(--_space-2);
      overflow: auto;
    }
    .refused td {
      overflow-wrap: anywhere;
    }

    dialog {
      max-width: min(420px, calc(100vw - 32px));
      padding: var(--_space-4);
    }
    dialog h2 {
      margin-bottom: var(--_space-2);
      font-size: 1rem;
    }
    dialog .buttons {
      justify-content: end;
      margin-top: var(--_space-3);
    }
  `,
];
