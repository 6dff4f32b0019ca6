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
    .row {
      --least: 272px;
    }
    .drop {
      align-content: center;
      min-height: 160px;
      padding: var(--_space-3);
    }
    .buttons {
      justify-content: center;
    }
    .buttons > [aria-pressed='true'] {
      background: var(--_accent-wash);
      color: var(--_accent);
      font-weight: 600;
    }
    .picture {
      position: relative;
      min-width: 0;
    }
    img,
    video {
      display: block;
      max-width: 100%;
      max-height: var(--winnow-photo-height, 320px);
      border-radius: 6px;
    }
    canvas {
      position: absolute;
      inset: 0;
      width: 100%;
      height: 100%;
      border-radius: 6px;
      pointer-events: none;
    }
    .best {
      font-size: var(--_title);
      font-weight: 600;
      overflow-wrap: anywhere;
    }
    ol {
      display: grid;
      gap: var(--_space-1);
      margin-block: var(--_space-2);
    }
    ol > li {
      display: grid;
      grid-template-columns: minmax(4rem, 35%) 1fr 4.5rem;
      gap: var(--_space-2);
      align-items: center;
    }
    .name {
      overflow-wrap: anywhere;
    }
    .share {
      text-align: end;
    }
    .note {
      margin-bottom: var(--_space-3);
    }
    details {
      margin-top: var(--_space-3);
      padding-top: var(--_space-2);
      border-top: 1px solid var(--_rule);
    }
    summary {
      width: fit-content;
      cursor: pointer;
      font-weight: 500;
    }
  `,
];
