import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { create, ts } from '@custom-elements-manifest/analyzer';
import { litPlugin } from '@custom-elements-manifest/analyzer/src/features/framework-plugins/lit/lit.js';
import { root } from './project.mjs';

/** @typedef {{ name: string, description?: string, type?: { text: string }, attribute?: string, default?: string, kind?: string, privacy?: string, static?: boolean, fieldName?: string }} Item */
/** @typedef {{ kind: string, name: string, tagName: string, description?: string, customElement?: true, members?: Item[], attributes?: Item[], events?: Item[], slots?: Item[], cssParts?: Item[], cssProperties?: Item[] }} Element */
/** @typedef {{ schemaVersion: string, readme: string, modules: { kind: string, path: string, declarations: Element[], exports: object[] }[] }} Manifest */

const ui = join(root, 'src/ui');
/** Lit's own, which every element has. */
const lifecycle = ['render', 'connectedCallback', 'disconnectedCallback', 'attributeChangedCallback', 'createRenderRoot', 'willUpdate', 'update', 'updated', 'firstUpdated'];

/** Every file of src/ui, as the analyzer wants it. */
function sources() {
  return readdirSync(ui, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('ko.ts'))
    .sort()
    .map((name) => ({ path: `src/ui/${name.replaceAll('\\', '/')}`, text: readFileSync(join(ui, name), 'utf8') }));
}

/**
 * The custom-elements manifest (custom-elements-manifest.open-wc.org) of the elements' JSDoc, with what is private left out.
 * Paths are those of the package. Every element that has the design tokens lists their public custom properties.
 * @returns {Promise<Manifest>}
 */
export async function elementsManifest() {
  const modules = sources().map(({ path, text }) => ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true));
  const found = create({ modules, plugins: litPlugin(), context: { dev: false } });
  const tokens = tokenProperties();
  const aloneAttributes = attributesOfAlone();
  const kept = found.modules.flatMap((/** @type {any} */ module) => {
    const alone = readFileSync(join(root, module.path), 'utf8').includes('@standsAlone');
    const declarations = module.declarations.filter((/** @type {Element} */ { customElement }) => customElement).map((/** @type {Element} */ element) => tidy(element, tokens, alone ? aloneAttributes : []));
    if (declarations.length === 0) return [];
    const path = module.path.replace(/^src\//, 'dist/modules/').replace(/\.ts$/, '.js');
    const exports = module.exports
      .filter((/** @type {any} */ { declaration }) => declarations.some((/** @type {Element} */ { name }) => name === declaration.name))
      .map((/** @type {any} */ each) => ({ ...each, declaration: { ...each.declaration, module: path } }));
    return [{ ...module, path, declarations, exports }];
  });
  return { schemaVersion: found.schemaVersion, readme: '', modules: kept };
}

/**
 * @param {Element} element
 * @param {Item[]} tokens
 * @param {Item[]} attributes that it has beside its own
 * @returns {Element}
 */
function tidy(element, tokens, attributes) {
  const isPublic = (/** @type {Item} */ { name, privacy, static: isStatic }) => privacy === undefined && !isStatic && !name.startsWith('_') && !lifecycle.includes(name);
  const own = element.cssProperties ?? [];
  return {
    ...element,
    attributes: [...(element.attributes ?? []), ...attributes],
    members: element.members?.filter(isPublic) ?? [],
    // Of those that a call dispatches under a computed name the analyzer knows nothing.
    events: element.events?.filter(({ name }) => name?.startsWith('winnow-')) ?? [],
    cssProperties: element.tagName === 'winnow-session' ? own : [...own, ...tokens.filter(({ name }) => !own.some((each) => each.name === name))],
  };
}

/** The public names of the design tokens, as src/ui/theme/tokens.ts describes them. */
function tokenProperties() {
  const text = readFileSync(join(ui, 'theme/tokens.ts'), 'utf8');
  return [...text.matchAll(/@cssproperty (--winnow-[\w-]+) - (.+)/g)].map(([, name, description]) => ({ name, description }));
}

/** What the decorator `standsAlone` adds to an element. */
function attributesOfAlone() {
  const text = readFileSync(join(ui, 'session/alone.ts'), 'utf8');
  return [...text.matchAll(/@attr \{(\w+)\} ([\w-]+) - (.+)/g)].map(([, type, name, description]) => ({ name, type: { text: type }, description }));
}

/**
 * Where the manifest and the sources say different things, or the manifest says nothing: one sentence each.
 * @param {Manifest} manifest
 */
export function manifestProblems(manifest) {
  /** @type {string[]} */
  const problems = [];
  const all = sources();
  const tokens = readFileSync(join(ui, 'theme/tokens.ts'), 'utf8');
  const described = tokenProperties().map(({ name }) => name);
  for (const [, name] of tokens.matchAll(/var\((--winnow-[\w-]+)/g)) {
    if (!described.includes(name)) problems.push(`theme/tokens.ts says nothing of ${name}`);
  }
  for (const name of described) if (!tokens.includes(`var(${name}`)) problems.push(`theme/tokens.ts describes ${name}, which it does not read`);
  const defined = all.flatMap(({ text }) => [...text.matchAll(/^@customElement\('([\w-]+)'\)/gm)].map(([, tag]) => tag));
  const elements = manifest.modules.flatMap(({ path, declarations }) => declarations.map((element) => ({ path, element })));
  for (const tag of defined) if (!elements.some(({ element }) => element.tagName === tag)) problems.push(`<${tag}> is missing`);

  for (const { path, element } of elements) {
    const { tagName: tag, attributes = [], members = [], events = [], slots = [], cssParts = [], cssProperties = [] } = element;
    const folder = `${dirname(path.replace('dist/modules/', 'src/'))}/`;
    const texts = all.filter((source) => source.path.startsWith(folder)).map(({ text }) => text);
    const source = texts.join('\n');
    if (!element.description) problems.push(`<${tag}> has no description`);
    for (const [what, items] of Object.entries({ attribute: attributes, member: members, event: events, slot: slots, part: cssParts, 'custom property': cssProperties })) {
      for (const item of items) if (!item.description) problems.push(`<${tag}>: ${what} ${item.name || '(default)'} is not described`);
    }

    const told = new Set([...source.matchAll(/(?:tell|dispatch|CustomEvent(?:<[^(]*>)?)\(\s*['`](winnow-[^'`]+)['`]/g)].map(([, name]) => name));
    for (const name of told) {
      if (!name.includes('${') && !events.some((event) => event.name === name)) problems.push(`<${tag}> fires ${name}, and does not say so`);
    }
    for (const { name } of events) {
      const isTold = [...told].some((each) => new RegExp(`^${each.replace(/\$\{\w+\}/g, '[\\w-]+')}$`).test(name)) || source.includes(`'${name}'`);
      if (!isTold) problems.push(`<${tag}> describes the event ${name}, which it does not fire`);
    }

    const parts = new Set([...source.matchAll(/\spart="([\w -]+)"/g)].flatMap(([, names]) => names.split(' ')));
    if (source.includes('errorNote(')) parts.add('error');
    for (const name of parts) if (!cssParts.some((part) => part.name === name)) problems.push(`<${tag}> has a part ${name}, and does not say so`);
    for (const { name } of cssParts) if (!parts.has(name)) problems.push(`<${tag}> describes the part ${name}, which it does not have`);

    if (tag !== 'winnow-session') {
      const holes = new Set([...source.matchAll(/<slot(?:\s+name="([\w-]+)")?[\s>]/g)].map(([, name = '']) => name));
      for (const name of holes) if (!slots.some((slot) => slot.name === name)) problems.push(`<${tag}> has a slot ${name || '(default)'}, and does not say so`);
      for (const { name } of slots) if (!holes.has(name)) problems.push(`<${tag}> describes the slot ${name || '(default)'}, which it does not have`);
    }

    for (const [, name] of source.matchAll(/var\((--winnow-[\w-]+)/g)) {
      if (!cssProperties.some((property) => property.name === name)) problems.push(`<${tag}> reads ${name}, and does not say so`);
    }
    for (const { name } of cssProperties) {
      if (!source.includes(`var(${name}`) && !described.includes(name)) problems.push(`<${tag}> describes ${name}, which it does not read`);
    }
  }
  return problems;
}

/**
 * Types for JSX, by file name: `jsx` for any framework, `react` adds them to React's.
 * @param {Manifest} manifest
 */
export function jsxTypes(manifest) {
  const elements = manifest.modules.flatMap(({ path, declarations }) => declarations.map((element) => ({ path, ...element })));
  const types = new Set(elements.flatMap(({ events = [] }) => events.flatMap(({ type }) => type?.text.match(/\b[A-Z]\w+/g) ?? [])));
  for (const known of ['CustomEvent', 'File']) types.delete(known);
  const one = (/** @type {typeof elements[number]} */ { tagName, name, members = [], attributes = [], events = [], description }) => {
    const fields = members.filter(({ kind }) => kind === 'field').map((member) => `'${member.name}'`);
    const props = [
      ...attributes.filter((attribute) => !members.some((member) => member.name === attribute.name)).map((attribute) => doc(attribute, `'${attribute.name}'?: string | number | boolean`)),
      ...events.map((event) => doc(event, `'on${event.name}'?: (event: ${event.type?.text ?? 'CustomEvent'}) => void`)),
    ];
    return `  /** ${description?.replaceAll('\n', ' ')} */\n  '${tagName}': Partial<Pick<${name}, ${fields.join(' | ')}>> & {\n${props.join('')}  };\n`;
  };
  const doc = (/** @type {Item} */ { description }, /** @type {string} */ line) => `    /** ${description?.replaceAll('\n', ' ')} */\n    ${line};\n`;
  const jsx = [
    ...elements.map(({ path, name }) => `import type { ${name} } from '../${path.replace('dist/modules/', '')}';\n`),
    `import type { ${[...types].sort().join(', ')} } from './index.js';\n\n`,
    '/** What each element takes in JSX: its properties, its attributes, and its events as `on…`. */\n',
    `export interface WinnowElements {\n${elements.map(one).join('')}}\n`,
  ].join('');
  const react = `import type { DetailedHTMLProps, HTMLAttributes } from 'react';
import type { WinnowElements } from './jsx.js';

type ReactElements = {
  [Tag in keyof WinnowElements]: DetailedHTMLProps<HTMLAttributes<HTMLElementTagNameMap[Tag]>, HTMLElementTagNameMap[Tag]> & WinnowElements[Tag];
};

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements extends ReactElements {}
  }
}
`;
  return { 'jsx.d.ts': jsx, 'jsx.js': 'export {};\n', 'react.d.ts': react, 'react.js': 'export {};\n' };
}
