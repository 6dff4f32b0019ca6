import { css } from 'lit';

export const browserStyles = css`
  :host {
    container-type: inline-size;
    scroll-margin-top: 12px;
  }
  footer,
  .filters,
  .turn {
    display: flex;
    flex-wrap: wrap;
    gap: var(--_space-2) var(--_space-3);
    align-items: center;
  }
  .card > header {
    margin-bottom: var(--_space-3);
  }
  footer {
    justify-content: space-between;
    margin-top: var(--_space-3);
    min-height: 34px;
  }
  .filters {
    min-width: 0;
    max-width: 100%;
  }
  .filters label {
    display: flex;
    gap: var(--_space-2);
    align-items: center;
    min-width: 0;
    font-weight: 400;
  }
  .filters select {
    min-width: 0;
    max-width: 240px;
  }
  .grid {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(5.5rem, 1fr));
    gap: var(--_space-3) var(--_space-2);
  }
  li {
    min-width: 0;
  }
  canvas,
  .blank {
    display: block;
    width: 100%;
    aspect-ratio: 1;
    border-radius: 4px;
    background: var(--_track);
  }
  .across canvas,
  .across .blank {
    outline: 2px solid var(--_highlight);
    outline-offset: 1px;
  }
  li p {
    margin-top: 4px;
    min-width: 0;
    font-size: 0.75rem;
    line-height: 1.4;
  }
  li p + p {
    margin-top: 0;
  }
  li b {
    font-weight: 600;
  }
  li :is(b, .part) {
    display: block;
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .part {
    color: var(--_muted);
  }
  .caution {
    color: var(--_highlight-ink);
  }
  @container (max-width: 420px) {
    .filters label {
      flex: 1 1 100%;
      justify-content: space-between;
    }
    .filters select {
      max-width: 75%;
    }
  }
`;
