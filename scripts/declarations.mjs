import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
// @ts-expect-error -- its types are of its configuration only; TypeScript 7 has no API of its own yet
import { ts as typescript } from '@custom-elements-manifest/analyzer';

/** @type {any} */
const ts = typescript;

/** @typedef {{ path: string, text: string, source: any, wanted: Set<string>, kept: Set<any>, imports: Map<string, { from: string, name: string }> }} File */

/**
 * Leaves in a folder of declarations what its entries' exports name, and what that names in turn: a file of types and functions keeps the types
 * that are needed, so that what is inside (tfjs, WebGPU's types) does not reach whoever imports the package.
 * @param {string} folder
 * @param {string[]} entries paths in it
 */
export function pruneDeclarations(folder, entries) {
  /** @type {Map<string, File>} */
  const files = new Map();
  const open = (/** @type {string} */ path) => {
    const known = files.get(path);
    if (known) return known;
    const text = readFileSync(path, 'utf8');
    const file = { path, text, source: ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true), wanted: new Set(), kept: new Set(), imports: new Map() };
    files.set(path, file);
    for (const statement of file.source.statements) {
      if (!ts.isImportDeclaration(statement)) continue;
      const { namedBindings, name } = statement.importClause ?? {};
      const from = statement.moduleSpecifier.text;
      if (name) file.imports.set(name.text, { from, name: 'default' });
      if (namedBindings && ts.isNamespaceImport(namedBindings)) file.imports.set(namedBindings.name.text, { from, name: '*' });
      else for (const each of namedBindings?.elements ?? []) file.imports.set(each.name.text, { from, name: (each.propertyName ?? each.name).text });
    }
    // Elements put themselves into the DOM's types, which nobody names.
    for (const statement of file.source.statements) if (ts.isModuleDeclaration(statement)) keep(file, statement);
    return file;
  };
  const target = (/** @type {File} */ file, /** @type {string} */ from) => (from.startsWith('.') ? open(resolve(dirname(file.path), from.replace(/\.js$/, '.d.ts'))) : null);

  /** @param {File} file @param {string} name */
  function want(file, name) {
    if (file.wanted.has(name)) return;
    file.wanted.add(name);
    for (const statement of file.source.statements) {
      if (declares(statement, name)) keep(file, statement);
      if (!ts.isExportDeclaration(statement)) continue;
      for (const each of statement.exportClause?.elements ?? []) {
        if (name !== '*' && each.name.text !== name) continue;
        file.wanted.add(each.name.text);
        const inside = (each.propertyName ?? each.name).text;
        const other = statement.moduleSpecifier && target(file, statement.moduleSpecifier.text);
        if (other) want(other, inside);
        else if (!statement.moduleSpecifier) refer(file, inside);
      }
    }
    if (name === '*') for (const statement of file.source.statements) if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) keep(file, statement);
  }

  /** @param {File} file @param {any} statement */
  function keep(file, statement) {
    if (file.kept.has(statement)) return;
    file.kept.add(statement);
    const visit = (/** @type {any} */ node) => {
      if (ts.isIdentifier(node)) refer(file, node.text);
      if (ts.isImportTypeNode(node)) {
        const other = target(file, node.argument.literal.text);
        if (other) want(other, node.qualifier?.text ?? '*');
      }
      ts.forEachChild(node, visit);
    };
    visit(statement);
  }

  /** A name within a file: of its own, or imported. @param {File} file @param {string} name */
  function refer(file, name) {
    const imported = file.imports.get(name);
    if (!imported) return want(file, name);
    if (file.wanted.has(name)) return;
    file.wanted.add(name);
    const other = target(file, imported.from);
    if (other) want(other, imported.name);
  }

  for (const entry of entries) want(open(join(folder, entry)), '*');
  // TypeScript names the package that a type is from; the one that is a dependency passes it on.
  for (const file of files.values()) writeFileSync(file.path, printed(file).replaceAll('import("lit-html', 'import("lit'));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.d.ts') && !files.has(join(folder, name))) rmSync(join(folder, name));
  }
}

/** @param {any} statement @param {string} name */
function declares(statement, name) {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.some((/** @type {any} */ each) => each.name.text === name);
  return statement.name?.text === name && !ts.isModuleDeclaration(statement);
}

/** @param {File} file */
function printed({ text, source, wanted, kept }) {
  /** @type {string[]} */
  const lines = [];
  for (const statement of source.statements) {
    const list = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings?.elements : ts.isExportDeclaration(statement) ? statement.exportClause?.elements : undefined;
    if (list) {
      const left = list.filter((/** @type {any} */ each) => wanted.has(each.name.text));
      const head = ts.isImportDeclaration(statement) ? `import${statement.importClause.isTypeOnly ? ' type' : ''}` : `export${statement.isTypeOnly ? ' type' : ''}`;
      const from = statement.moduleSpecifier ? ` from ${statement.moduleSpecifier.getText()}` : '';
      if (left.length > 0) lines.push(`${head} { ${left.map((/** @type {any} */ each) => each.getText()).join(', ')} }${from};`);
    } else if (ts.isImportDeclaration(statement)) {
      // Imported for what it does: an element inside an element.
      if (!statement.importClause || [statement.importClause.name?.text, statement.importClause.namedBindings?.name?.text].some((name) => wanted.has(name))) lines.push(statement.getText());
    } else if (kept.has(statement) || (ts.isExportDeclaration(statement) && !statement.exportClause)) lines.push(text.slice(statement.pos, statement.end).trim());
  }
  if (!lines.some((line) => /^(import|export)\b|\nexport\b/.test(line))) lines.push('export {};');
  return `${lines.join('\n')}\n`;
}
