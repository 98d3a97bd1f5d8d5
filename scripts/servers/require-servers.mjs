/** Ends a run of the tests on real servers that does not know where they are, before its first test. */
export default function requireServers() {
  const missing = ['TEST_KAFKA_BROKERS', 'TEST_MONGODB_URI'].filter((name) => !process.env[name]);
  if (missing.length === 0) return;
  throw new Error(
    `Tests on real servers need ${missing.join(' and ')}. Run them with \`npm run test:servers\`, which starts the servers and sets both.`,
  );
}
