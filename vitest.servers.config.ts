import { defineConfig } from 'vitest/config';

/**
 * Tests against a real Kafka and a real MongoDB, run by `npm run test:servers`: TEST_KAFKA_BROKERS and
 * TEST_MONGODB_URI say where they are.
 */
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }], conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    name: 'servers',
    include: ['{ports,engine,api}/{src,test}/**/*.servers.test.ts', 'scripts/**/*.servers.test.mjs'],
    globalSetup: ['scripts/servers/require-servers.mjs'],
    environment: 'node',
    // They wait more than they compute, and each file has topics, databases or servers of its own.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
