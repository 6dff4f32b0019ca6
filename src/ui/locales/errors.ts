import { msg } from '@lit/localize';
import type { ErrorData } from '../../engine/support/errors.js';

/** What went wrong and what to do, in the language of the moment. The English of the catalogue stands in where a translation is missing. */
export function describeError(error: ErrorData): { what: string; remedy: string } {
  return {
    what: translated(`error.${error.code}.what`, error.what, error),
    remedy: translated(`error.${error.code}.remedy`, error.remedy, error),
  };
}

function translated(id: string, english: string, { details }: ErrorData): string {
  const template = msg(english, { id });
  // The English sentence comes filled; only a translated template has places to fill.
  return template === english ? english : template.replace(/\{(\w+)\}/g, (_, key: string) => String(details[key] ?? '?'));
}
