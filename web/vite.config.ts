/** Build of the page, and its tests (the vitest project `web`). */
import { sveltekit } from '@sveltejs/kit/vite';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defaultClientConditions } from 'vite';
import { defineConfig } from 'vitest/config';

/** Where `vite dev` sends what the API answers in production. */
const API = process.env.API_URL ?? 'http://127.0.0.1:4000';

export default defineConfig({
  plugins: [sveltekit(), svelteTesting()],
  // Other workspaces are read from source, so that a build of the page needs no build of theirs.
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: { sourcemap: false },
  server: { proxy: { '/graphql': { target: API, ws: true, changeOrigin: true } } },
  test: {
    name: 'web',
    environment: 'jsdom',
    include: ['src/**/*.test.ts'],
    setupFiles: ['src/test-setup.ts'],
  },
});
