import { css } from 'lit';
import { cards, controls, figures, theme } from '../theme/shared.js';

export const styles = [
  theme,
  cards,
  controls,
  figures,
  css`
    :host {
      container-type: inline-size;
    }
    .columns {
      display: grid;
      gap: var(--_space-3);
      align-items: start;
      grid-template-columns: minmax(0, 1fr);
    }
    .side {
      display: grid;
      gap: var(--_space-3);
      align-items: start;
      min-width: 0;
    }
    .body {
      display: grid;
      grid-template-columns: minmax(110px, 2fr) 3fr;
      gap: var(--_space-2) var(--_space-3);
    }
    @container (min-width: 40rem) {
      .columns {
        grid-template-columns: minmax(12.5rem, 15rem) minmax(0, 1fr);
      }
      .side {
        grid-column: 1 / -1;
        grid-template-columns: repeat(2, minmax(0, 1fr));
      }
    }
    @container (min-width: 60rem) {
      .columns {
        grid-template-columns: minmax(12.5rem, 15.75rem) minmax(0, 1fr) minmax(12.5rem, 15rem);
      }
      .side {
        grid-column: auto;
        grid-template-columns: minmax(0, 1fr);
      }
      .body {
        grid-template-columns: minmax(0, 1fr);
      }
    }
    @container (min-width: 90rem) {
      .columns {
        grid-template-columns: 20rem minmax(0, 1fr) 22rem;
      }
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
    .list {
      display: grid;
      max-height: 220px;
      margin-inline: -10px;
      padding: 2px;
      overflow-y: auto;
      /* A shade at an end where the list goes on; at the end itself the card's colour scrolls over it. */
      --shade: color-mix(in srgb, var(--_ink) 16%, transparent);
      background:
        linear-gradient(var(--_card) 40%, transparent) top / 100% 24px no-repeat local,
        linear-gradient(transparent, var(--_card) 60%) bottom / 100% 24px no-repeat local,
        linear-gradient(var(--shade), transparent) top / 100% 10px no-repeat scroll,
        linear-gradient(transparent, var(--shade)) bottom / 100% 10px no-repeat scroll;
    }
    @container (min-width: 40rem) {
      .list {
        max-height: 640px;
      }
    }
    .list label {
      position: relative;
    }
    .list :is(label, summary) {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto;
      align-items: baseline;
      gap: 2px var(--_space-2);
      padding: 6px 8px;
      border-radius: 7px;
      cursor: pointer;
    }
    .list :is(label, summary):hover {
      background: var(--_track);
    }
    .list .chosen {
      background: var(--_accent-wash);
      font-weight: 600;
    }
    .list .chosen .bar {
      background: var(--_card);
    }
    .list .chosen .shape,
    .list .chosen .dead {
      color: var(--_ink);
    }
    .list .chosen .name::before {
      content: '';
      position: absolute;
      inset: 6px auto 6px 0;
      width: 3px;
      border-radius: 2px;
      background: var(--_accent);
    }
    .list label:has(:focus-visible) {
      outline: 2px solid var(--_accent);
      outline-offset: -1px;
    }
    .name {
      overflow-wrap: anywhere;
    }
    .shape {
      font-size: var(--_small);
      font-weight: 400;
      white-space: nowrap;
    }
    .dead {
      grid-column: 1 / -1;
      display: grid;
      grid-template-columns: minmax(40px, 90px) 1fr;
      align-items: center;
      gap: var(--_space-2);
      color: var(--_muted);
      font-weight: 400;
    }
    .list summary .name::before {
      content: '▸';
      display: inline-block;
      width: 1em;
      color: var(--_muted);
    }
    .list [open] > summary .name::before {
      content: '▾';
    }
    .list details > label {
      margin-inline-start: 14px;
    }
    .layers > p {
      margin-top: var(--_space-2);
    }
    .card > header {
      min-height: 36px;
      margin: 0;
    }
    .title {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 4px var(--_space-2);
      min-width: 0;
    }
    .tools {
      display: flex;
      flex-wrap: wrap;
      gap: var(--_space-2);
    }
    .cost {
      margin-top: 6px;
    }
    .segmented button {
      padding: 3px 10px;
      font-size: var(--_small);
      font-weight: 400;
    }
    progress {
      height: 3px;
      margin-block: var(--_space-2);
    }
    progress.idle {
      visibility: hidden;
    }
    .room {
      min-height: 240px;
      max-height: max(480px, 78vh);
      margin-inline: -5px;
      padding: 5px;
      overflow-y: auto;
      scrollbar-gutter: stable;
    }
    #grid {
      position: relative;
      display: grid;
      width: fit-content;
      border-radius: 4px;
      cursor: zoom-in;
    }
    #grid.stale {
      opacity: 0.45;
    }
    #grid canvas {
      position: absolute;
      inset: 0;
      pointer-events: none;
    }
    [role='option'] {
      border-radius: 3px;
    }
    [role='option']:hover {
      outline: 2px solid var(--_ink);
    }
    #grid:focus-visible {
      outline-offset: 4px;
    }
    #grid:focus-visible .active {
      outline: 3px solid var(--_accent);
      outline-offset: 1px;
    }
    .channels {
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: 4px var(--_space-2);
      margin-bottom: var(--_space-2);
    }
    .channels select {
      min-height: 28px;
      margin-inline-start: 6px;
      padding: 2px 8px;
      font-size: inherit;
    }
    .film {
      display: grid;
      grid-template-columns: auto auto minmax(0, 1fr) auto;
      align-items: center;
      gap: 2px var(--_space-2);
      margin-top: var(--_space-2);
      padding-top: var(--_space-2);
      border-top: 1px solid var(--_rule);
    }
    .film input {
      width: 100%;
      margin: 0;
    }
    .film output {
      grid-column: 3;
      color: var(--_muted);
      text-align: center;
    }
    .play {
      grid-row: 1 / span 2;
      width: 34px;
      padding: 0;
      font-size: 0.75rem;
    }
    .readout {
      min-height: 1.5em;
      margin-top: var(--_space-2);
    }
    .frame {
      display: grid;
      align-self: start;
      aspect-ratio: 1;
      max-width: 24rem;
      border-radius: 6px;
      background: #000;
      overflow: hidden;
    }
    .cam .frame canvas {
      grid-area: 1 / 1;
    }
    .cam .note,
    .cam .note + .fields {
      grid-column: 1 / -1;
    }
    .fields {
      display: grid;
      align-content: start;
      gap: var(--_space-2);
    }
    .fields label {
      display: grid;
      gap: 2px;
      font-size: var(--_small);
    }
    .fields select {
      width: 100%;
      min-width: 0;
    }
    .dead-note button {
      margin-top: var(--_space-2);
    }
    .frame .empty {
      align-self: center;
      color: #b9c0bb;
    }
    .frame canvas {
      width: 100%;
      height: 100%;
      object-fit: contain;
    }
    .file {
      min-height: 1.5em;
      overflow-wrap: anywhere;
    }
    .buttons {
      margin-block: var(--_space-2);
    }
    .verdict {
      margin-bottom: 4px;
    }
    .wrong {
      color: var(--_failure);
    }
    .answers {
      display: grid;
      gap: 6px;
      max-width: 24rem;
    }
    .answers li {
      display: grid;
      grid-template-columns: minmax(0, 1fr) auto;
      gap: 2px var(--_space-2);
      overflow-wrap: anywhere;
    }
    .answers b {
      font-weight: 400;
    }
    .answers .true {
      font-weight: 600;
    }
    .answers .bar {
      grid-column: 1 / -1;
      height: 5px;
    }
    .answers li:not(.true) i {
      background: var(--_control);
    }
    dialog {
      max-width: min(92vw, 560px);
      padding: var(--_space-3);
    }
    dialog::backdrop {
      background: rgb(0 0 0 / 55%);
    }
    dialog canvas {
      display: block;
      width: min(512px, 100%);
      margin-top: var(--_space-2);
      border-radius: 6px;
      image-rendering: pixelated;
    }
    /* A canvas hears nothing of a new theme: this changes its colour with it, and the end of its transition calls for a redraw. */
    .theme-probe {
      position: absolute;
      color: var(--_highlight);
      transition: color 1ms;
    }
  `,
];
