import { remember, remembered } from '../support/memory.js';

export const appearances = ['auto', 'light', 'dark'] as const;
export type Appearance = (typeof appearances)[number];

const REMEMBERED = 'winnow.theme';

export function restoreAppearance(): Appearance {
  const choice = appearances.find((each) => each === remembered(REMEMBERED)) ?? 'auto';
  apply(choice);
  return choice;
}

/** The document's scheme as well, so that scroll bars and the page behind follow. */
export function chooseAppearance(choice: Appearance): void {
  remember(REMEMBERED, choice === 'auto' ? null : choice);
  apply(choice);
}

function apply(choice: Appearance): void {
  document.documentElement.style.colorScheme = choice === 'auto' ? 'light dark' : choice;
}
