import { css } from 'lit';
import { cards, controls, drawings, figures, tables, theme } from '../theme/shared.js';

export const styles = [
  theme,
  cards,
  controls,
  tables,
  figures,
  drawings,
  css`
    :host {
      container-type: inline-size;
    }
    :host > * + * {
      margin-top: var(--_space-3);
    }
    .top,
    .pair {
      display: grid;
      gap: var(--_space-3);
      grid-template-columns: minmax(0, 1fr);
    }
    @container (min-width: 900px) {
      .top {
        grid-template-columns: minmax(0, 8fr) minmax(0, 7fr);
      }
      .pair {
        grid-template-columns: repeat(2, minmax(0, 1fr));
      }
    }
    .group label {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      min-width: 0;
      gap: var(--_space-2);
    }
    .group p {
      margin-top: 4px;
    }
    .drawing {
      height: 360px;
    }
    .under {
      fill: var(--_failure);
      color: var(--_failure);
    }
    rect.under {
      fill-opacity: 0.06;
    }
    .floor {
      stroke: var(--_failure);
      stroke-dasharray: 2 3;
    }
    .floor-text {
      fill: var(--_failure);
      font-size: 0.6875rem;
    }
    .front-line {
      fill: none;
      stroke: var(--_accent);
      stroke-width: 1.5;
      stroke-dasharray: 4 3;
    }
    .interval {
      stroke: var(--_control);
      stroke-width: 1.5;
    }
    .point {
      fill: var(--_card);
      stroke: var(--_control);
      stroke-width: 1.75;
    }
    .point.front {
      fill: var(--_accent);
      stroke: var(--_card);
    }
    .ring {
      fill: none;
      stroke: var(--_accent);
      stroke-width: 1.5;
    }
    .name {
      font-size: 12px;
    }
    text.name {
      fill: var(--_muted);
      paint-order: stroke;
      stroke: var(--_card);
      stroke-width: 3px;
      stroke-linejoin: round;
    }
    text.name.front {
      fill: var(--_ink);
      font-weight: 600;
    }
    .key {
      margin-top: var(--_space-2);
    }
    .sentence {
      margin-bottom: var(--_space-2);
      font-size: 1.0625rem;
      font-weight: 500;
      line-height: 1.45;
    }
    .conclusion p + p.muted {
      margin-top: var(--_space-2);
    }
    .axes,
    .downloads {
      display: flex;
      flex-wrap: wrap;
      gap: var(--_space-2);
      min-width: 0;
    }
    .rule {
      display: flex;
      flex-wrap: wrap;
      align-items: end;
      gap: var(--_space-2);
      min-width: 0;
      margin: var(--_space-3) 0;
      padding: 0;
      border: 0;
    }
    .rule label {
      display: grid;
      grid-template-columns: minmax(0, 1fr);
      gap: 2px;
      min-width: 0;
    }
    .rule input {
      width: 11ch;
    }
    .rule p {
      flex-basis: 100%;
    }
    .conclusion .figures {
      padding-top: var(--_space-3);
      border-top: 1px solid var(--_rule);
    }
    [part='table'] {
      min-width: 980px;
    }
    [part='table'] :is(th, td):not(.actions) {
      padding-inline: 6px;
    }
    .narrow {
      min-width: 620px;
    }
    .disagree {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: var(--_space-2) var(--_space-3);
      margin-top: var(--_space-2);
    }
    thead button {
      min-height: 28px;
      padding: 2px 0;
      border: 0;
      color: inherit;
      font-weight: 400;
      gap: 3px;
    }
    thead [aria-sort] button {
      color: var(--_ink);
      font-weight: 600;
    }
    /* The arrow stands in room that is always there: nothing moves when the order changes. */
    .arrow {
      width: 1ch;
    }
    th.name {
      position: sticky;
      left: 0;
      min-width: 130px;
      max-width: 240px;
      background: var(--_card);
      font-size: inherit;
      overflow-wrap: anywhere;
    }
    td small,
    th small {
      display: block;
      font-size: var(--_small);
    }
    td b {
      font-weight: 400;
    }
    .perturbed b {
      font-weight: 600;
    }
    .failed {
      color: var(--_failure);
    }
    .chosen > *,
    .chosen > :is(th.name, .actions) {
      background: var(--_accent-wash);
    }
    .chosen > th {
      font-weight: 600;
    }
    .chosen .muted {
      color: inherit;
    }
    .mark {
      color: var(--_accent);
      font-size: var(--_small);
    }
    .narrow tbody :is(th, td) {
      white-space: nowrap;
    }
    /* Every row has two lines, so the buttons may take two as well before the table grows wider than its card. */
    .actions {
      min-width: 116px;
      padding-inline-end: 0;
      text-align: end;
    }
    .actions button {
      white-space: nowrap;
      min-height: 28px;
      padding: 2px 4px;
      font-size: var(--_small);
      font-weight: 400;
    }
    /* In reach also where the table goes on beyond its card; on a telephone name and buttons would leave no room for a number. */
    @container (min-width: 760px) {
      .actions {
        position: sticky;
        right: 0;
        background: var(--_card);
      }
    }
    @container (min-width: 1300px) {
      .actions {
        white-space: nowrap;
      }
    }
    .caveats {
      display: grid;
      gap: 2px;
      margin-top: var(--_space-3);
    }
    .kinds {
      display: grid;
      grid-template-columns: repeat(auto-fit, minmax(4.75rem, 1fr));
      gap: var(--_space-2);
      margin-top: 4px;
    }
    h3 {
      margin-top: var(--_space-3);
    }
    dialog {
      max-width: min(92vw, 440px);
      padding: var(--_space-4);
    }
    dialog.photos {
      width: min(94vw, 1000px);
      max-width: none;
    }
    dialog.photos > header {
      display: flex;
      justify-content: space-between;
      align-items: start;
      gap: var(--_space-3);
      margin-bottom: var(--_space-3);
    }
    .gallery {
      display: grid;
      grid-template-columns: repeat(auto-fill, minmax(8.25rem, 1fr));
      gap: var(--_space-3);
    }
    .gallery li {
      display: grid;
      align-content: start;
      gap: 2px;
      min-width: 0;
      overflow-wrap: anywhere;
    }
    .thumb {
      display: block;
      aspect-ratio: 1;
      border-radius: 6px;
      background: var(--_track);
      overflow: hidden;
    }
    .thumb canvas {
      display: block;
      width: 100%;
      height: 100%;
    }
    .buttons {
      justify-content: flex-end;
      margin-top: var(--_space-3);
    }
    .pair details {
      margin-top: var(--_space-2);
    }
    .pair summary {
      padding-block: 6px;
      font-weight: 600;
      cursor: pointer;
    }
  `,
];
