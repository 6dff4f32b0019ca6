import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
// @ts-expect-error -- its types are of its configuration only
import { create, ts } from '@custom-elements-manifest/analyzer';
// @ts-expect-error -- it has no types
import { litPlugin } from '@custom-elements-manifest/analyzer/src/features/framework-plugins/lit/lit.js';

/** @typedef {{ name: string, description?: string, type?: { text: string }, attribute?: string, default?: string, kind?: string, privacy?: string, static?: boolean, fieldName?: string }} Item */
/** @typedef {{ kind: string, name: string, tagName: string, description?: string, customElement?: true, members?: Item[], attributes?: Item[], events?: Item[], slots?: Item[], cssParts?: Item[], cssProperties?: Item[] }} Element */
/** @typedef {{ schemaVersion: string, readme: string, modules: { kind: string, path: string, declarations: Element[], exports: object[] }[] }} Manifest */

/** Lit's and the browser's own, which nobody else calls. */
const lifecycle = ['render', 'connectedCallback', 'disconnectedCallback', 'attributeChangedCallback', 'createRenderRoot', 'willUpdate', 'update', 'updated', 'firstUpdated', 'formAssociatedCallback', 'formDisabledCallback', 'formResetCallback', 'formStateRestoreCallback'];

/**
 * Every file of src/ui, as the analyzer wants it.
 * @param {string} root
 */
function sources(root) {
  const ui = join(root, 'src/ui');
  return readdirSync(ui, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('ko.ts'))
    .sort()
    .map((name) => ({ path: `src/ui/${name.replaceAll('\\', '/')}`, text: readFileSync(join(ui, name), 'utf8') }));
}

/**
 * The custom-elements manifest (custom-elements-manifest.open-wc.org) of the elements' JSDoc, with what is private left out.
 * Paths are those of the package. Every element that has the design tokens lists their public custom properties.
 * @param {string} root the project's
 * @returns {Promise<Manifest>}
 */
export async function elementsManifest(root) {
  const modules = sources(root).map(({ path, text }) => ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true));
  const found = create({ modules, plugins: litPlugin(), context: { dev: false } });
  const tokens = tokenProperties(root);
  const added = addedByStandsAlone(root);
  const kept = found.modules.flatMap((/** @type {any} */ module) => {
    const alone = readFileSync(join(root, module.path), 'utf8').includes('@standsAlone');
    const declarations = module.declarations.filter((/** @type {Element} */ { customElement }) => customElement).map((/** @type {Element} */ element) => tidy(element, tokens, alone ? added : noAdditions));
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
 * @param {{ attributes: Item[], events: Item[] }} added what it has beside its own
 * @returns {Element}
 */
function tidy(element, tokens, added) {
  const isPublic = (/** @type {Item} */ { name, privacy, static: isStatic }) => privacy === undefined && !isStatic && !name.startsWith('_') && !lifecycle.includes(name);
  const own = element.cssProperties ?? [];
  return {
    ...element,
    attributes: [...(element.attributes ?? []), ...added.attributes],
    members: element.members?.filter(isPublic) ?? [],
    // Of those that a call dispatches under a computed name the analyzer knows nothing.
    events: [...(element.events?.filter(({ name }) => name?.startsWith('winnow-')) ?? []), ...added.events],
    cssProperties: element.tagName === 'winnow-session' ? own : [...own, ...tokens.filter(({ name }) => !own.some((each) => each.name === name))],
  };
}

/**
 * What an element is made of: its file, and what that imports from its folder.
 * @param {string} path
 * @param {{ path: string, text: string }[]} all
 * @param {boolean} elements other elements of the folder, whose events come out of it, included
 */
function sourcesOf(path, all, elements) {
  /** @type {Set<string>} */
  const found = new Set();
  const texts = [];
  for (const queue = [path]; queue.length > 0; ) {
    const next = /** @type {string} */ (queue.pop());
    const text = all.find((source) => source.path === next)?.text;
    if (text === undefined || found.has(next) || (!elements && next !== path && text.includes('\n@customElement('))) continue;
    found.add(next);
    texts.push(text);
    for (const [, file] of text.matchAll(/(?:from|import) '\.\/([\w-]+)\.js'/g)) queue.push(`${dirname(next)}/${file}.ts`);
  }
  return texts.join('\n');
}

/**
 * The public names of the design tokens, as src/ui/theme/tokens.ts describes them.
 * @param {string} root
 */
function tokenProperties(root) {
  const text = readFileSync(join(root, 'src/ui/theme/tokens.ts'), 'utf8');
  return [...text.matchAll(/@cssproperty (--winnow-[\w-]+) - (.+)/g)].map(([, name, description]) => ({ name, description }));
}

const noAdditions = { attributes: [], events: [] };

/**
 * What the decorator `standsAlone` adds to an element.
 * @param {string} root
 */
function addedByStandsAlone(root) {
  const text = readFileSync(join(root, 'src/ui/session/alone.ts'), 'utf8');
  const attributes = [...text.matchAll(/@attr \{(\w+)\} ([\w-]+) - (.+)/g)].map(([, type, name, description]) => ({ name, type: { text: type }, description }));
  const events = [...text.matchAll(/@fires \{(.+)\} ([\w-]+) - (.+)/g)].map(([, type, name, description]) => ({ name, type: { text: type }, description }));
  return { attributes, events };
}

/**
 * Where the manifest and the sources say different things, or the manifest says nothing: one sentence each.
 * @param {Manifest} manifest
 * @param {string} root
 */
export function manifestProblems(manifest, root) {
  /** @type {string[]} */
  const problems = [];
  const all = sources(root);
  const tokens = readFileSync(join(root, 'src/ui/theme/tokens.ts'), 'utf8');
  // What an element that stands alone tells, its session tells for it.
  const session = all.find(({ path }) => path === 'src/ui/session/session.ts')?.text ?? '';
  const described = tokenProperties(root).map(({ name }) => name);
  for (const [, name] of tokens.matchAll(/var\((--winnow-[\w-]+)/g)) {
    if (!described.includes(name)) problems.push(`theme/tokens.ts says nothing of ${name}`);
  }
  for (const name of described) if (!tokens.includes(`var(${name}`)) problems.push(`theme/tokens.ts describes ${name}, which it does not read`);
  const defined = all.flatMap(({ text }) => [...text.matchAll(/^@customElement\('([\w-]+)'\)/gm)].map(([, tag]) => tag));
  const elements = manifest.modules.flatMap(({ path, declarations }) => declarations.map((element) => ({ path, element })));
  for (const tag of defined) if (!elements.some(({ element }) => element.tagName === tag)) problems.push(`<${tag}> is missing`);

  for (const { path, element } of elements) {
    const { tagName: tag, attributes = [], members = [], events = [], slots = [], cssParts = [], cssProperties = [] } = element;
    const file = path.replace('dist/modules/', 'src/').replace(/\.js$/, '.ts');
    const source = sourcesOf(file, all, false);
    if (!element.description) problems.push(`<${tag}> has no description`);
    for (const [what, items] of Object.entries({ attribute: attributes, member: members, event: events, slot: slots, part: cssParts, 'custom property': cssProperties })) {
      for (const item of items) if (!item.description) problems.push(`<${tag}>: ${what} ${item.name || '(default)'} is not described`);
    }

    const told = new Set([...source.matchAll(/(?:tell|dispatch|CustomEvent(?:<[^(]*>)?)\(\s*['`](winnow-[^'`]+)['`]/g)].map(([, name]) => name));
    for (const name of told) {
      if (!name.includes('${') && !events.some((event) => event.name === name)) problems.push(`<${tag}> fires ${name}, and does not say so`);
    }
    for (const { name } of events) {
      const isTold = sourcesOf(file, all, true).includes(`'${name}'`) || session.includes(`'${name}'`) || [...told].some((each) => new RegExp(`^${each.replace(/\$\{\w+\}/g, '[\\w-]+')}$`).test(name));
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
 * @param {string} index source of the package's main entry: an event whose detail names a type that it does not export is a plain CustomEvent
 */
export function jsxTypes(manifest, index) {
  const elements = manifest.modules.flatMap(({ path, declarations }) => declarations.map((element) => ({ path, ...element })));
  const namesIn = (/** @type {Item} */ { type }) => (type?.text.match(/\b[A-Z]\w+/g) ?? []).filter((name) => !['CustomEvent', 'File', 'Blob', 'Record'].includes(name));
  const isExported = (/** @type {string} */ name) => new RegExp(`\\b${name}\\b[^()]*\\} from`).test(index);
  const typeOf = (/** @type {Item} */ event) => (namesIn(event).every(isExported) ? event.type?.text : undefined) ?? 'CustomEvent';
  const types = new Set(elements.flatMap(({ events = [] }) => events.flatMap(namesIn).filter(isExported)));
  const one = (/** @type {typeof elements[number]} */ { tagName, name, members = [], attributes = [], events = [], description }) => {
    const fields = members.filter(({ kind }) => kind === 'field').map((member) => `'${member.name}'`);
    const props = [
      ...attributes.filter((attribute) => !members.some((member) => member.name === attribute.name)).map((attribute) => doc(attribute, `'${attribute.name}'?: string | number | boolean`)),
      ...events.map((event) => doc(event, `'on${event.name}'?: (event: ${typeOf(event)}) => void`)),
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
