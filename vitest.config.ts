import { defineConfig } from 'vitest/config';

// graphql must be one module instance: tests and the servers they start would otherwise load it from two files.
const alias = [{ find: /^graphql$/, replacement: 'graphql/index.js' }];
const conditions = ['source'];

const project = (name: string) => ({
  resolve: { alias, conditions },
  ssr: { resolve: { conditions } },
  test: {
    name,
    root: name,
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/*.servers.test.ts'],
    environment: 'node' as const,
  },
});

const scripts = {
  test: {
    name: 'scripts',
    root: 'scripts',
    include: ['**/*.test.mjs'],
    exclude: ['**/*.servers.test.mjs'],
    environment: 'node' as const,
  },
};

export default defineConfig({
  test: {
    // The default leaves a core free, which on two is half of them.
    maxWorkers: '100%',
    projects: [project('schema'), project('ports'), project('engine'), project('api'), scripts, './web/vite.config.ts'],
  },
});
