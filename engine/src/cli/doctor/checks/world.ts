import type { Check, Outcome } from '../finding.js';
import { unknown, well, wrong } from '../finding.js';
import type { Subject } from '../subject.js';

/** Whether the database holds the books of the world that FEED names, for as many partitions as are configured. */
export const worldCheck = (subject: Subject): Check => ({
  name: 'world',
  limitMs: 10_000,
  async run() {
    const { world, config } = subject;
    if (world === null) return unknown('FEED=auto has not been asked yet');
    if (config.isStoreEmbedded) return well(world);
    const survey = await subject.store().catch(() => null);
    const found = await survey?.describe().catch(() => null);
    if (!found) return unknown(`${world}; MongoDB could not be asked`);
    return found.world === null ? well(`${world}, nothing stored yet`) : compare(found.world, found.shards, subject);
  },
});

function compare(stored: string, shards: number | null, { world, config }: Subject): Outcome {
  if (stored !== world) {
    return wrong(
      `the database ${config.MONGODB_DATABASE} holds the books of ${stored}, but FEED means ${world}`,
      'Set FEED back, or name another MONGODB_DATABASE and another Kafka for the new world',
    );
  }
  if (shards !== null && shards !== config.KAFKA_PARTITIONS) {
    return wrong(
      `the database has accounts in ${shards} shards, but KAFKA_PARTITIONS is ${config.KAFKA_PARTITIONS}`,
      `Set KAFKA_PARTITIONS=${shards}: the count is kept from the first start on`,
    );
  }
  return well(shards === null ? stored : `${stored}, ${shards} shards`);
}
