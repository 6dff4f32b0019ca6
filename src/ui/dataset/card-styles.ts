import { css } from 'lit';

/** What deserves a second look, and augmentation on a photo. */
export const cardStyles = css`
  .finding {
    display: flex;
    flex-wrap: wrap;
    gap: var(--_space-2) var(--_space-3);
    align-items: center;
    justify-content: space-between;
    padding-block: 10px;
  }
  .finding:last-child {
    padding-bottom: 0;
  }
  .finding + .finding {
    border-top: 1px solid var(--_rule);
  }
  .finding > div {
    flex: 1 1 260px;
    min-width: 0;
    max-width: 72ch;
  }
  .finding progress {
    margin-block: 8px 4px;
  }
  .finding .caution {
    color: var(--_highlight-ink);
  }

  .epochs {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(4.5rem, 1fr));
    gap: var(--_space-2);
    min-height: 100px;
  }
  .epochs canvas,
  .epochs .blank {
    display: block;
    width: 100%;
    aspect-ratio: 1;
    border-radius: 4px;
    background: var(--_track);
  }
  .epochs figcaption {
    margin-top: 2px;
    white-space: nowrap;
  }
  .epochs .none {
    grid-column: 2 / -1;
    align-self: center;
    max-width: 60ch;
    padding-inline-start: var(--_space-2);
  }
  .strengths {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(8.25rem, 1fr));
    gap: var(--_space-2) var(--_space-3);
    margin-top: var(--_space-3);
  }
  .strengths label {
    font-weight: 400;
  }
  .strengths input[type='range'] {
    display: block;
    width: 100%;
    margin-block: 4px 0;
  }
  .flips {
    display: flex;
    flex-wrap: wrap;
    grid-column: 1 / -1;
    gap: 0 var(--_space-4);
  }
  .flip {
    display: flex;
    gap: 8px;
    align-items: center;
    min-height: 26px;
  }
`;
