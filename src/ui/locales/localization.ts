import { configureLocalization } from '@lit/localize';
import { remember, remembered } from '../support/memory.js';

export const locales = ['en', 'ko'] as const;
export type Locale = (typeof locales)[number];

const REMEMBERED = 'winnow.locale';

/** English is the source; the Korean templates are fetched when they are first wanted. */
const localization = configureLocalization({
  sourceLocale: 'en',
  targetLocales: locales,
  loadLocale: () => import('./ko.js'),
});

export function currentLocale(): Locale {
  return asLocale(localization.getLocale()) ?? 'en';
}

/** Switches every element at once. */
export async function setLocale(locale: Locale): Promise<void> {
  await localization.setLocale(locale);
}

let followed = false;

/** In somebody else's page elements begin in the page's language, where it is one of ours. */
export async function followDocument(): Promise<void> {
  if (followed) return;
  followed = true;
  const locale = asLocale(document.documentElement.lang.split('-')[0]);
  if (locale) await setLocale(locale);
}

/** Switches every element at once, remembers the choice, and marks the document's language. */
export async function chooseLocale(locale: Locale): Promise<void> {
  await setLocale(locale);
  document.documentElement.lang = locale;
  remember(REMEMBERED, locale);
}

/** The remembered choice, else the first language of the browser that we speak. */
export async function restoreLocale(): Promise<void> {
  await chooseLocale(asLocale(remembered(REMEMBERED)) ?? navigator.languages.map((tag) => asLocale(tag.split('-')[0])).find((locale) => locale !== null) ?? 'en');
}

function asLocale(value: string | null | undefined): Locale | null {
  return locales.find((locale) => locale === value) ?? null;
}
