/** Build of the page, and its tests (the vitest project `web`). */
import { sveltekit } from '@sveltejs/kit/vite';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { fileURLToPath } from 'node:url';
import { defaultClientConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where `vite dev` sends what the API answers in production. */
const API = process.env.API_URL ?? 'http://127.0.0.1:4000';

const root = fileURLToPath(new URL('.', import.meta.url));

const isTest = process.env.VITEST !== undefined;

export default defineConfig({
  // SvelteKit takes the folder it is started in for the page's: tests are started elsewhere, and need no routes.
  plugins: isTest ? [svelte(), svelteTesting()] : [sveltekit()],
  // Other workspaces are read from source, so that a build of the page needs no build of theirs.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  // The page's own tsconfig.json extends one that SvelteKit makes: tests must run before anything was made.
  ...(isTest ? { root, tsconfig: fileURLToPath(new URL('../tsconfig.base.json', import.meta.url)) } : {}),
  build: { sourcemap: false },
  server: { proxy: { '/graphql': { target: API, ws: true, changeOrigin: true } } },
  test: {
    name: 'web',
    root,
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test-setup.ts'],
  },
});
