import type { TemplateResult } from 'lit';

/** What a template gives an element, by name: properties (`.name=`) and listeners (`@type=`). */
export interface Bindings {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly listeners: Readonly<Record<string, (event: Event) => unknown>>;
}

/**
 * What a rendered template would give its first element of a tag, without rendering it: so that an element in somebody's page is given
 * exactly what the lab's place gives its own, and nothing has to be said twice. Null where the template has no such element.
 */
export function bindingsOf(rendered: unknown, tag: string): Bindings | null {
  if (Array.isArray(rendered)) {
    for (const each of rendered) {
      const found = bindingsOf(each, tag);
      if (found) return found;
    }
    return null;
  }
  if (!isTemplate(rendered)) return null;
  const { strings, values } = rendered;
  const properties: Record<string, unknown> = {};
  const listeners: Record<string, (event: Event) => unknown> = {};
  let open: string | null = null;
  let found = false;
  for (const [index, value] of values.entries()) {
    for (const [bracket, name] of strings[index].matchAll(/<([\w-]+)|>/g)) {
      // The first one is whole when the next bracket comes.
      if (found && open === tag) return { properties, listeners };
      open = bracket === '>' ? null : name;
      found ||= open === tag;
    }
    if (open === null) {
      const inside = bindingsOf(value, tag);
      if (inside) return inside;
    } else if (open === tag) {
      const [, kind, name] = /([.@])([\w-]+)=$/.exec(strings[index]) ?? [];
      if (kind === '.') properties[name] = value;
      else if (kind === '@') listeners[name] = value as (event: Event) => unknown;
    }
  }
  return found ? { properties, listeners } : null;
}

function isTemplate(value: unknown): value is TemplateResult {
  return typeof value === 'object' && value !== null && '_$litType$' in value;
}
