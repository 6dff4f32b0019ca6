import { css } from 'lit';
import { cards, controls, theme } from '../theme/shared.js';

const shell = css`
  :host {
    display: grid;
    grid-template: auto minmax(0, 1fr) / 188px minmax(0, 1fr);
    grid-template-areas: 'header header' 'nav main';
    min-height: 100vh;
    min-height: 100dvh;
    background: var(--_paper);
  }
  .skip {
    position: absolute;
    inset: 6px auto auto 6px;
    z-index: 3;
  }
  .skip:not(:focus) {
    clip-path: inset(50%);
  }

  header {
    grid-area: header;
    display: flex;
    align-items: center;
    gap: var(--_space-2) 18px;
    min-height: 52px;
    padding: 8px 20px;
    border-bottom: 1px solid var(--_rule);
  }
  .name {
    width: 150px;
    font-size: 1.0625rem;
    font-weight: 700;
  }
  .chips {
    display: flex;
    flex: 1;
    flex-wrap: wrap;
    gap: 6px 14px;
    min-width: 0;
  }
  .chips > * {
    max-width: 100%;
    overflow: hidden;
  }
  .chips .data > span {
    min-width: 0;
    overflow: hidden;
    text-overflow: ellipsis;
  }
  .chips .narrow,
  .chips svg {
    display: none;
  }
  .chips svg {
    flex: none;
    width: 12px;
    height: 12px;
  }
  .dot {
    flex: none;
    width: 7px;
    height: 7px;
    border-radius: 50%;
    background: var(--_accent);
  }
  .caution .dot {
    border-radius: 1px;
    background: var(--_highlight);
    rotate: 45deg;
  }
  .switches {
    display: flex;
    align-items: center;
    gap: var(--_space-2);
  }
  .switches .segmented > button {
    min-height: 28px;
    padding: 2px 9px;
    font-size: var(--_small);
  }
  .switches select {
    min-height: 30px;
    padding: 2px 6px;
    font-size: var(--_small);
  }

  nav {
    grid-area: nav;
    padding: 16px 10px;
    border-inline-end: 1px solid var(--_rule);
  }
  nav ul {
    position: sticky;
    top: 16px;
    display: grid;
    gap: 3px;
  }
  nav a {
    display: flex;
    align-items: center;
    gap: 10px;
    min-height: 36px;
    padding: 6px 10px;
    border-radius: 8px;
    color: var(--_muted);
    font-weight: 500;
    text-decoration: none;
  }
  nav a:hover {
    background: var(--_track);
  }
  nav a[aria-current] {
    background: var(--_accent-wash);
    color: var(--_accent);
    font-weight: 600;
  }
  nav svg {
    flex: none;
    width: 16px;
    height: 16px;
  }
  nav .badge {
    margin-inline-start: auto;
    font-size: 0.75rem;
    font-weight: 400;
    white-space: nowrap;
  }

  main {
    grid-area: main;
    display: grid;
    align-content: start;
    gap: var(--_space-3);
    width: 100%;
    max-width: 110rem;
    min-width: 0;
    margin-inline: auto;
    padding: 20px 24px 40px 26px;
  }
  .cut {
    display: flex;
    flex-wrap: wrap;
    gap: var(--_space-2) var(--_space-3);
    align-items: center;
    justify-content: space-between;
  }
  .keep {
    display: flex;
    gap: var(--_space-2);
    align-items: baseline;
  }
  .keep,
  .room {
    max-width: 72ch;
  }
  .lead {
    display: flex;
    flex-wrap: wrap;
    gap: var(--_space-2) var(--_space-3);
    align-items: end;
    justify-content: space-between;
  }
  .lead > div:first-child {
    flex: 1 1 320px;
    min-width: 0;
  }
  h1 {
    width: fit-content;
    font-size: var(--_title);
    font-weight: 600;
    line-height: 1.5;
  }
  h1:focus-visible {
    border-radius: 2px;
  }
  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: var(--_space-2);
    align-items: end;
  }
  .waiting {
    min-height: 50vh;
  }

  @media (max-width: 760px) {
    :host {
      grid-template: auto minmax(0, 1fr) auto / minmax(0, 1fr);
      grid-template-areas: 'header' 'main' 'nav';
    }
    header {
      flex-wrap: wrap;
      justify-content: space-between;
      padding: 8px 12px;
    }
    .name {
      width: auto;
    }
    .chips {
      flex: 1 0 100%;
      flex-wrap: nowrap;
      order: 1;
      gap: 6px;
    }
    .chips .chip {
      flex: none;
      padding: 2px 8px;
      font-size: 0.75rem;
    }
    .chips .data {
      flex: 0 1 auto;
    }
    .chips .wide {
      display: none;
    }
    .chips .words {
      position: absolute;
      width: 1px;
      height: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    .chips .narrow,
    .chips svg {
      display: inline;
    }
    main {
      padding: 16px 12px 24px;
    }
    nav {
      position: sticky;
      bottom: 0;
      z-index: 2;
      padding: 4px 4px calc(4px + env(safe-area-inset-bottom));
      border: 0;
      border-top: 1px solid var(--_rule);
      background: var(--_card);
    }
    nav ul {
      position: static;
      grid-template-columns: repeat(6, minmax(0, 1fr));
      gap: 2px;
    }
    nav a {
      flex-direction: column;
      gap: 2px;
      justify-content: center;
      min-height: 46px;
      padding: 4px 0;
      font-size: 0.75rem;
    }
    nav .badge {
      display: none;
    }
  }
`;

/** What the places lay out inside the lab. */
const placesLayout = css`
  .row {
    --least: 420px;
  }
  .look-name {
    margin-bottom: var(--_space-2);
  }
  .choice {
    display: flex;
    flex-wrap: wrap;
    gap: var(--_space-2);
    align-items: center;
  }
  .choice + * {
    margin-top: var(--_space-2);
  }
`;

export const styles = [...theme, controls, cards, shell, placesLayout];
