/**
 * The floors of the house: imports go down only, and rooms on one floor do not know each other, except
 * that the types of storage's records travel.
 */
const rooms = ['training', 'lighten', 'data', 'insight', 'comparison', 'exchange', 'inference', 'gpu', 'architectures', 'storage', 'graph', 'support'];
const below = {
  training: ['data', 'insight', 'comparison', 'exchange', 'gpu', 'architectures', 'storage', 'graph', 'support'],
  lighten: ['data', 'insight', 'comparison', 'exchange', 'gpu', 'architectures', 'storage', 'graph', 'support'],
  data: ['gpu', 'architectures', 'storage', 'graph', 'support'],
  insight: ['gpu', 'architectures', 'storage', 'graph', 'support'],
  comparison: ['gpu', 'architectures', 'storage', 'graph', 'support'],
  exchange: ['gpu', 'architectures', 'storage', 'graph', 'support'],
  inference: ['gpu', 'graph', 'support'],
  gpu: ['graph', 'support'],
  architectures: ['graph', 'support'],
  storage: ['graph', 'support'],
  graph: ['support'],
  support: [],
};

const tfjs = { regex: '^@tensorflow/', message: 'The page never loads tfjs; ask a worker.' };
const comlink = { regex: '^comlink$', message: 'Only src/workers knows Comlink.' };
const page = { regex: '^(lit|lit/.*|@lit/.*|uplot|uplot/.*|comlink|puppeteer-core)$', message: 'The engine knows no page.' };
const node = { regex: '^node:', message: 'Only the terminal runs in Node.' };
const upward = { regex: '^(\\.\\./)+(ui|workers|cli)/', message: 'Imports go down only: ui, workers, engine.' };

/** @param {string[]} folders of the engine, by a relative path */
const engineRooms = (folders) => [
  { regex: `^(\\.\\./)+(engine/)?(${folders.filter((folder) => folder !== 'storage').join('|')})/`, message: 'Imports go down only, floor by floor.' },
  ...(folders.includes('storage') ? [{ regex: '^(\\.\\./)+(engine/)?storage/', message: 'Imports go down only; only the types of its records travel.', allowTypeImports: true }] : []),
];

/**
 * @param {string} files
 * @param {object[]} patterns
 * @param {object} [rules]
 */
const floor = (files, patterns, rules = {}) => ({ files: [files], rules: { 'no-restricted-imports': ['error', { patterns }], ...rules } });

const noPage = {
  'no-restricted-globals': ['error', ...['document', 'window', 'localStorage', 'HTMLElement', 'customElements'].map((name) => ({ name, message: 'The engine knows no page.' }))],
};

const engine = rooms.map((room) => {
  const above = rooms.filter((other) => other !== room && !below[room].includes(other));
  return floor(`src/engine/${room}/**`, [page, node, upward, ...engineRooms(above)], noPage);
});

export default {
  plugins: ['typescript', 'unicorn', 'oxc', 'import'],
  categories: { correctness: 'error' },
  env: { browser: true, es2024: true, worker: true },
  rules: {
    eqeqeq: ['error', 'always'],
    'no-var': 'error',
    'prefer-const': 'error',
    'no-console': 'error',
    'import/no-cycle': 'error',
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': ['error', { checksVoidReturn: false }],
    'typescript/await-thenable': 'error',
    'typescript/no-unnecessary-type-assertion': 'error',
    'typescript/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    // tsc says it, and allows the underscore.
    'no-unused-vars': 'off',
    // It does not know Vite's `?worker&url`.
    'import/default': 'off',
    'typescript/unbound-method': 'off',
    'typescript/restrict-template-expressions': 'off',
    'unicorn/no-new-array': 'off',
  },
  overrides: [
    ...engine,
    // What it imports is carried in every HTML export.
    floor('src/offline/**', [page, tfjs, node, { regex: '^(\\.\\./)+(ui|workers|cli)/', message: 'The page that a model is carried away in is small.' }, { regex: '^(\\.\\./)+engine/(training|lighten|comparison|insight|storage|architectures)/', message: 'The page that a model is carried away in is small.', allowTypeImports: true }]),
    floor('src/workers/**', [node, { regex: '^(\\.\\./)+(ui|cli|library)/', message: 'Imports go down only: ui, workers, engine.' }]),
    floor('src/ui/**', [
      tfjs,
      comlink,
      node,
      { regex: '^(\\.\\./)+(cli|library)/', message: 'The page knows no terminal, and not what embeds it.' },
      { regex: '^(\\.\\./)+engine/(training|lighten|inference|gpu)/', message: 'The page asks a worker for this.', allowTypeImports: true },
    ]),
    floor('src/library/**', [tfjs, comlink, node, { regex: '^(\\.\\./)+cli/', message: 'What is embedded knows no terminal.' }]),
    floor('src/cli/**', [comlink, { regex: '^(\\.\\./)+ui/', message: 'The terminal knows no page.' }], { 'no-console': 'off' }),
    // Mocha's and chai's style: expect(x).to.be.true is an expression.
    { files: ['test/**', 'bench/**', 'scripts/**', 'bin/**', '*.mjs', '*.ts'], rules: { 'no-unused-expressions': 'off', 'no-console': 'off', 'typescript/require-array-sort-compare': 'off' } },
    // The runner itself awaits what these return.
    { files: ['test/e2e/**'], rules: { 'typescript/no-floating-promises': ['error', { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: ['describe', 'it', 'test'] }] }] } },
    { files: ['scripts/**', 'bin/**'], rules: { 'typescript/no-explicit-any': 'off' } },
  ],
  ignorePatterns: ['dist', '.cache', 'out', 'node_modules'],
};
