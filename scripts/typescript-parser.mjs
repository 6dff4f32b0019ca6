import { parseSync } from 'vite';

/**
 * ESLint's parser for TypeScript, over the parser that Vite brings along: typescript-eslint needs the compiler API that
 * TypeScript 7 does not have yet. Syntax only: no types, no scopes of types.
 */
export const typescriptParser = {
  meta: { name: 'winnow-typescript-parser', version: '1' },

  /**
   * @param {string} code
   * @param {{ filePath?: string }} options
   */
  parseForESLint(code, options) {
    const { program, comments, errors } = parseSync(options.filePath ?? 'file.ts', code);
    if (errors.length > 0) {
      const [{ message, labels }] = errors;
      const place = positionsOf(code)(labels[0]?.start ?? 0);
      throw Object.assign(new SyntaxError(message), { lineNumber: place.line, column: place.column + 1, index: labels[0]?.start ?? 0 });
    }
    const at = positionsOf(code);
    /** @type {Record<string, string[]>} */
    const visitorKeys = {};
    annotate(program, at, visitorKeys);
    const located = comments.map((comment) => ({ ...comment, range: [comment.start, comment.end], loc: { start: at(comment.start), end: at(comment.end) } }));
    return { ast: { ...program, comments: located, tokens: [] }, visitorKeys };
  },
};

/**
 * Adds `range` and `loc`, and gathers which properties of each node type hold nodes.
 * @param {any} node
 * @param {(offset: number) => { line: number, column: number }} at
 * @param {Record<string, string[]>} visitorKeys
 */
function annotate(node, at, visitorKeys) {
  node.range = [node.start, node.end];
  node.loc = { start: at(node.start), end: at(node.end) };
  const keys = (visitorKeys[node.type] ??= []);
  for (const [key, value] of Object.entries(node)) {
    const children = (Array.isArray(value) ? value : [value]).filter((child) => typeof child?.type === 'string');
    if (children.length === 0) continue;
    if (!keys.includes(key)) keys.push(key);
    for (const child of children) annotate(child, at, visitorKeys);
  }
}

/** @param {string} code */
function positionsOf(code) {
  const starts = [0];
  for (let i = code.indexOf('\n'); i !== -1; i = code.indexOf('\n', i + 1)) starts.push(i + 1);
  return (/** @type {number} */ offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low] };
  };
}
