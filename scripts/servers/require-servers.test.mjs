import { afterEach, expect, it, vi } from 'vitest';
import requireServers from './require-servers.mjs';

afterEach(() => void vi.unstubAllEnvs());

it.each([
  ['', '', 'need TEST_KAFKA_BROKERS and TEST_MONGODB_URI. Run them with `npm run test:servers`'],
  ['a:1', '', 'need TEST_MONGODB_URI. Run'],
])('tests on real servers do not begin with brokers %j and URI %j', (brokers, uri, message) => {
  vi.stubEnv('TEST_KAFKA_BROKERS', brokers);
  vi.stubEnv('TEST_MONGODB_URI', uri);
  expect(requireServers).toThrow(message);
});

it('they begin where both are known', () => {
  vi.stubEnv('TEST_KAFKA_BROKERS', 'a:1');
  vi.stubEnv('TEST_MONGODB_URI', 'mongodb://a');
  expect(requireServers).not.toThrow();
});
