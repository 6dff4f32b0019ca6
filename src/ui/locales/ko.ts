import type { LocaleModule } from '@lit/localize';

type Templates = LocaleModule['templates'];

const modules = import.meta.glob<{ templates: Templates }>(['../*/ko.ts', './*.ko.ts'], { eager: true });

/** The Korean of every element, from the `ko.ts` that stands beside it, and of the errors. */
export const templates: Templates = Object.assign({}, ...Object.values(modules).map((module) => module.templates));
