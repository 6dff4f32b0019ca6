import lit from 'eslint-plugin-lit';
import litA11y from 'eslint-plugin-lit-a11y';
import { typescriptParser } from './scripts/typescript-parser.mjs';

/** ESLint looks at Lit's templates only; everything else is oxlint's, under which these two plugins do not run. */
export default [
  {
    files: ['src/ui/**/*.ts'],
    languageOptions: { parser: typescriptParser },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    plugins: { lit, 'lit-a11y': litA11y },
    rules: {
      ...lit.configs['flat/recommended'].rules,
      ...litA11y.configs.recommended.rules,
      'lit/no-legacy-imports': 'error',
      'lit/no-useless-template-literals': 'error',
    },
  },
];
