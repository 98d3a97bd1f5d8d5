/** The bus on several brokers, of which one after the other dies: who leads and who coordinates changes under it. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { KafkaCluster } from '../../../scripts/servers/index.mjs';
import { startKafkaCluster } from '../../../scripts/servers/index.mjs';
import { openKafkaBus } from '../../src/bus/kafka/open-kafka-bus.js';
import { systemClock } from '../../src/clock/system.js';
import { startCrew } from './crew.fixture.js';
import { until } from './numbers.fixture.js';

const NODES = 3;
const ROUNDS = 1;
/** Until something that fails has been told so. */
const FAILURE_MS_MAX = 25_000;

let cluster: KafkaCluster;

beforeAll(async () => {
  cluster = await startKafkaCluster(NODES);
}, 180_000);
afterAll(async () => cluster?.stop());

/** Clients that are told of one broker alone, and of the topics with copies on all. */
const clientsOf = (seed: string, topicPrefix: string) => ({
  async connect() {
    const options = { brokers: [seed], partitions: 1, replication: NODES, topicPrefix };
    const bus = await openKafkaBus(options, { clock: systemClock });
    onTestFinished(() => bus.close());
    return bus;
  },
});

describe(`the bus on ${NODES} brokers`, { timeout: 300_000 }, () => {
  it('goes on within 10 s whichever dies, also the only one it was told of, and loses and doubles nothing', async () => {
    const crew = await startCrew(clientsOf(cluster.brokers[0]!, 'deaths.'));
    const tookMs: number[] = [];
    for (const node of Array.from({ length: ROUNDS }, () => cluster.nodes).flat()) {
      await node.kill();
      tookMs.push(await crew.progressMs());
      await node.restart();
      tookMs.push(await crew.progressMs());
    }
    await crew.finish();
    console.info(`progress without a broker, and with it again: ms ${tookMs.map(Math.round).join(' ')}`);
  });

  it('waits while most are dead, publishes nothing that could be lost, and goes on when one is back', async () => {
    const crew = await startCrew(clientsOf(cluster.brokers[0]!, 'majority.'));
    const [first, second] = cluster.nodes;
    await Promise.all([first!.kill(), second!.kill()]);
    const before = crew.publisher.acknowledged;
    await until('publishing has failed', FAILURE_MS_MAX, () => crew.publisher.failures > 0);
    // At most the record that was on its way.
    expect(crew.publisher.acknowledged - before).toBeLessThanOrEqual(1);
    await Promise.all([first!.restart(), second!.restart()]);
    await crew.progressMs();
    await crew.finish();
  });
});
