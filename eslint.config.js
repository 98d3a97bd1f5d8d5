/** Lint: type-aware where a mistake costs money or hangs a process, and the house rules that a machine can check. */
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './web/svelte.config.js';

const TESTS = [
  '**/*.test.ts',
  '**/*.contract.ts',
  '**/testing/**',
  '**/test/**',
  '**/fixtures/**',
  '**/*.fixture.ts',
  '**/test-setup.ts',
];
const TYPED = ['schema/**/*.ts', 'ports/**/*.ts', 'engine/**/*.ts', 'api/**/*.ts'];

/** Drivers of servers, files and exchanges: each belongs to one adapter. */
const DRIVERS = 'libsql|better-sqlite3|mongodb|kafkajs|ccxt';

/**
 * What a room may not import, as regular expressions over the text of the import (design.md, "Rooms"). Tests are free:
 * they put rooms together. Of two blocks that match one file the later one counts, so each names all its bounds.
 */
const bounds = (name, files, patterns) => ({
  name: `kairos/bounds/${name}`,
  files,
  ignores: TESTS,
  rules: {
    'no-restricted-imports': ['error', { patterns: patterns.map(([regex, message]) => ({ regex, message })) }],
  },
});

const only = (...allowed) => `^(?!\\.{1,2}/|(?:${allowed.join('|')})$)`;
const parts = (...names) => `^(?:\\.{1,2}/)+(?:${names.join('|')})/`;

const roomBounds = [
  bounds('schema', ['schema/src/**/*.ts'], [[only('zod'), 'schema runs in a browser and depends on zod alone.']]),
  bounds(
    'ports',
    ['ports/src/**/*.ts'],
    [
      ['^@kairos/(?!schema$)', 'ports know the schema and nobody else.'],
      [`^(?:${DRIVERS})$`, 'a driver belongs to its adapter.'],
    ],
  ),
  ...['sqlite', 'local', 'memory', 'kafka', 'mongo'].map((adapter, _i, all) =>
    bounds(
      `ports-${adapter}`,
      [`ports/src/*/${adapter}/**/*.ts`],
      [
        ['^@kairos/(?!schema$)', 'ports know the schema and nobody else.'],
        [parts(...all.filter((other) => other !== adapter)), 'an adapter never imports another one.'],
      ],
    ),
  ),
  bounds(
    'engine',
    ['engine/src/**/*.ts'],
    [
      ['^@kairos/(?!schema$|ports$)', 'the engine knows schema and ports.'],
      [`^(?:${DRIVERS})$`, 'drivers stand behind ports.'],
    ],
  ),
  bounds(
    'engine-core',
    ['engine/src/core/**/*.ts'],
    [
      [only('@kairos/schema'), 'the core is pure: schema values and types only.'],
      [parts('run', 'feed', 'predict', 'venue', 'notify', 'cli', 'sim'), 'the core knows nobody who drives it.'],
    ],
  ),
  bounds(
    'engine-run',
    ['engine/src/run/**/*.ts'],
    [
      [only('@kairos/schema', '@kairos/ports', 'node:.*'), 'shells know core, port interfaces and schema.'],
      [parts('feed', 'predict', 'venue', 'notify', 'cli', 'sim'), 'shells know core, port interfaces and schema.'],
    ],
  ),
  bounds(
    'engine-sim',
    ['engine/src/sim/**/*.ts'],
    [
      [
        '^@kairos/(?!schema$|ports$|ports/testing$)',
        'the simulator knows schema, ports and the memory ports of tests.',
      ],
      [parts('feed', 'predict', 'venue', 'notify', 'cli'), 'the simulator drives run, with core inside.'],
    ],
  ),
  bounds(
    'engine-audit',
    ['engine/src/sim/audit/**/*.ts'],
    [
      [only('@kairos/schema'), 'the auditor knows values and types of schema.'],
      [parts('core', 'run'), 'the auditor is written without what it audits.'],
    ],
  ),
  bounds(
    'engine-parts',
    ['engine/src/{predict,feed,venue,notify}/**/*.ts'],
    [
      ['^@kairos/(?!schema$|ports$)', 'this room knows schema and port interfaces.'],
      [`^(?:${DRIVERS})$`, 'drivers stand behind ports; ccxt is loaded lazily.'],
      [parts('core', 'run', 'cli'), 'this room never imports the core.'],
    ],
  ),
  bounds(
    'api',
    ['api/src/**/*.ts'],
    [
      ['^@kairos/(?!schema$|ports$)', 'the api shows and asks: it never imports the engine.'],
      [`^(?:${DRIVERS})$`, 'drivers stand behind ports.'],
    ],
  ),
  bounds(
    'web',
    ['web/src/**/*.ts', 'web/src/**/*.svelte'],
    [['^@kairos/(?!schema$)', 'the page knows schema values and GraphQL types.']],
  ),
];

const clockOnly = 'time is an input: ask the Clock of ports.';
const seedOnly = 'randomness is an input: take a seeded generator.';

/** Nothing of the ambient world inside the core, and no floats from text. */
const pureCore = {
  name: 'kairos/pure-core',
  files: ['engine/src/core/**/*.ts'],
  ignores: TESTS,
  rules: {
    'no-restricted-globals': [
      'error',
      ...[
        'process',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'queueMicrotask',
        'fetch',
        'performance',
        'crypto',
      ].map((name) => ({ name, message: 'the core takes nothing from the ambient world.' })),
      { name: 'parseFloat', message: 'money is never a float: use the decimals of schema.' },
      { name: 'Date', message: clockOnly },
    ],
    'no-restricted-syntax': [
      'error',
      { selector: 'AwaitExpression', message: 'the core is synchronous.' },
      { selector: 'ForOfStatement[await=true]', message: 'the core is synchronous.' },
      { selector: ':function[async=true]', message: 'the core is synchronous.' },
      { selector: 'ImportExpression', message: 'the core loads nothing.' },
    ],
  },
};

export default defineConfig(
  {
    ignores: [
      '**/{dist,build,node_modules,coverage}/',
      '**/.{svelte-kit,turbo,data,cache}/',
      '**/generated/',
      '**/graphql-env.d.ts',
      '**/*.cjs',
    ],
  },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    name: 'kairos/everywhere',
    languageOptions: { globals: { ...globals.node } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always'],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    name: 'kairos/typed',
    files: TYPED,
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { arguments: false } }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': 'error',
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    name: 'kairos/inputs',
    files: TYPED,
    ignores: [...TESTS, 'ports/src/clock/**'],
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: clockOnly },
        { object: 'Math', property: 'random', message: seedOnly },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clockOnly },
      ],
    },
  },
  ...roomBounds,
  pureCore,
  {
    name: 'kairos/terminal',
    files: ['engine/src/cli/**/*.ts', 'api/src/user-cli/**/*.ts', 'api/src/user-cli.ts', 'scripts/**', 'bench/**'],
    rules: { 'no-console': 'off' },
  },
  {
    name: 'kairos/tests',
    files: TESTS,
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'CallExpression[callee.object.name=/^(it|test|describe)$/][callee.property.name=/^(only|todo|skip)$/]',
          message: 'tests run, all of them: skipIf with a printed reason where something outside is missing.',
        },
      ],
    },
  },
  {
    name: 'kairos/web',
    files: ['web/**/*.ts', 'web/**/*.svelte'],
    languageOptions: { globals: { ...globals.browser } },
  },
  {
    name: 'kairos/svelte',
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
    rules: {
      // One page without a base path: links are plain, and resolve() would only wrap them.
      'svelte/no-navigation-without-resolve': 'off',
      // The plain rule takes what $props() gives for variables that never change.
      'prefer-const': 'off',
      'svelte/prefer-const': 'error',
      // Plain maps and sets are bookkeeping here; what the page draws from is $state.raw.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  prettier,
  ...svelte.configs.prettier,
);
