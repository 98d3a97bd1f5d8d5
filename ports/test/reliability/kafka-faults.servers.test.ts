/** The bus on a Kafka that is killed, cut off, silent or slow: what was acknowledged is there, once and in order. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { KafkaServer, TcpProxy } from '../../../scripts/servers/index.mjs';
import { createTcpProxy, freePort, startKafka } from '../../../scripts/servers/index.mjs';
import type { Bus } from '../../src/bus/bus.js';
import { openKafkaBus } from '../../src/bus/kafka/open-kafka-bus.js';
import { systemClock } from '../../src/clock/system.js';
import { startCrew } from './crew.fixture.js';
import { numberOf, numbersOn, publishNumber, until } from './numbers.fixture.js';

/** R26. */
const RESTARTS = Number(process.env['RESTARTS'] ?? 20);
/** Until something that fails has been told so. */
const FAILURE_MS_MAX = 25_000;
const LOST_ANSWERS = 40;
const SLOW_MS = 300;

let kafka: KafkaServer;
let proxy: TcpProxy;
let prefixes = 0;

beforeAll(async () => {
  const port = await freePort();
  proxy = await createTcpProxy({ target: `127.0.0.1:${port}` });
  kafka = await startKafka({ listeners: [{ protocol: 'PLAINTEXT', port, advertised: proxy.address }] });
}, 180_000);
afterAll(async () => {
  await kafka?.stop();
  await proxy?.close();
});

/** Clients of topics of the test's own. */
function newTopics(): { connect(): Promise<Bus> } {
  const topicPrefix = `faults-${(prefixes += 1)}.`;
  return {
    async connect() {
      const options = { brokers: [kafka.brokers], partitions: 1, replication: 1, topicPrefix };
      const bus = await openKafkaBus(options, { clock: systemClock });
      onTestFinished(() => bus.close());
      return bus;
    },
  };
}

describe('the bus on Kafka', () => {
  it(
    `goes on within 10 s after each of ${RESTARTS} restarts of its broker, half of them kill -9`,
    { timeout: 600_000 },
    async () => {
      const crew = await startCrew(newTopics());
      const tookMs: number[] = [];
      for (let restart = 0; restart < RESTARTS; restart++) {
        await kafka.kill(restart % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
        await kafka.restart();
        tookMs.push(await crew.progressMs());
      }
      await crew.finish();
      console.info(`progress after a restart: ms ${tookMs.map(Math.round).join(' ')}`);
    },
  );

  it('goes on after its network was cut for so long that calls have failed', { timeout: 120_000 }, async () => {
    const crew = await startCrew(newTopics());
    proxy.cut();
    await until('publishing has failed', FAILURE_MS_MAX, () => crew.publisher.failures > 0);
    proxy.restore();
    await crew.progressMs();
    await crew.finish();
  });

  it('goes on after a network that lost everything and told nobody', { timeout: 120_000 }, async () => {
    const crew = await startCrew(newTopics());
    const bus = await newTopics().connect();
    proxy.blackhole();
    await expect(bus.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await until('publishing has failed', FAILURE_MS_MAX, () => crew.publisher.failures > 0);
    proxy.restore();
    await crew.progressMs();
    await crew.finish();
  });

  it('goes on after a broker that was halted and went on', { timeout: 120_000 }, async () => {
    const crew = await startCrew(newTopics());
    await kafka.kill('SIGSTOP');
    await until('publishing has failed', FAILURE_MS_MAX, () => crew.publisher.failures > 0);
    await kafka.kill('SIGCONT');
    await crew.progressMs();
    await crew.finish();
  });

  it(`works on over a network that takes ${SLOW_MS} ms each way`, { timeout: 60_000 }, async () => {
    const crew = await startCrew(newTopics());
    proxy.delay(SLOW_MS);
    await crew.progressMs();
    await crew.progressMs();
    proxy.restore();
    expect(crew.publisher.failures).toBe(0);
    await crew.finish();
  });

  it(`writes a record once though its answer is lost, ${LOST_ANSWERS} times`, { timeout: 240_000 }, async () => {
    const bus = await newTopics().connect();
    for (let number = 0; number < LOST_ANSWERS; number++) {
      proxy.cutAfter(0);
      await publishNumber(bus, number);
    }
    proxy.restore();
    const numbers = (await numbersOn(bus)).map(numberOf);
    expect(numbers).toEqual(numbers.map((_, index) => index));
    expect(numbers).toHaveLength(LOST_ANSWERS);
  });
});
