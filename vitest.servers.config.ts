import { configDefaults, defineConfig } from 'vitest/config';

/** What is held to times that a busy machine cannot keep: these run after all others, one at a time. */
const TIMED = ['engine/test/panic.servers.test.ts', 'api/src/modules/command/command.sender.servers.test.ts'];

/**
 * Tests against a real Kafka and a real MongoDB, run by `npm run test:servers`: TEST_KAFKA_BROKERS and
 * TEST_MONGODB_URI say where they are.
 */
export default defineConfig({
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }], conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    globalSetup: ['scripts/servers/require-servers.mjs'],
    environment: 'node',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'servers',
          include: ['{ports,engine,api}/{src,test}/**/*.servers.test.ts', 'scripts/**/*.servers.test.mjs'],
          exclude: [...configDefaults.exclude, ...TIMED],
          // They wait more than they compute, and each file has topics, databases or servers of its own.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: { name: 'servers, timed', include: TIMED, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
