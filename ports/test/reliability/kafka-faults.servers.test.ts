/** The bus on a Kafka that is killed, cut off, silent or slow: what was acknowledged is there, once and in order. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { KafkaServer, TcpProxy } from '../../../scripts/servers/index.mjs';
import { createTcpProxy, freePort, startKafka } from '../../../scripts/servers/index.mjs';
import type { Bus } from '../../src/bus/bus.js';
import { openKafkaBus } from '../../src/bus/kafka/open-kafka-bus.js';
import { systemClock } from '../../src/clock/system.js';
import type { NumberPublisher, NumberReader } from './numbers.fixture.js';
import {
  numberOf,
  numbersOn,
  PLACE,
  publishNumber,
  startPublishing,
  startReading,
  TOPIC,
  until,
} from './numbers.fixture.js';

/** R26. */
const RESTARTS = Number(process.env['RESTARTS'] ?? 20);
const PROGRESS_MS_MAX = 10_000;
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

interface Crew {
  readonly publisher: NumberPublisher;
  /** A reader without a group, and a member of one, each on a client of its own. */
  readonly readers: readonly NumberReader[];
  /** How long it takes until all have come further than they are now. */
  progressMs(): Promise<number>;
  /** Ends all, and compares what they have seen with what stands there. */
  finish(): Promise<void>;
}

async function startCrew(): Promise<Crew> {
  const topics = newTopics();
  const [bus, ofReader, ofMember] = [await topics.connect(), await topics.connect(), await topics.connect()];
  const publisher = startPublishing(bus);
  const reader = await ofReader.read({ from: [{ ...PLACE, position: 'earliest' }] });
  const member = await ofMember.join({ groupId: `group-${prefixes}`, topics: [TOPIC], fallback: 'earliest' });
  const readers = [startReading(reader), startReading(member)];
  const crew: Crew = {
    publisher,
    readers,
    async progressMs() {
      const mark = publisher.acknowledged + 1;
      const state = (): string =>
        `publisher, reader and member go past ${mark}: ${publisher.acknowledged} ${readers.map(({ newest }) => newest).join(' ')}`;
      return until(state, PROGRESS_MS_MAX, () => {
        // Tells of what ended one of them.
        void [publisher, ...readers].map(({ failures }) => failures);
        return publisher.acknowledged >= mark && readers.every(({ newest }) => newest >= mark);
      });
    },
    async finish() {
      await publisher.stop();
      await until('all is read', PROGRESS_MS_MAX, () =>
        readers.every(({ newest }) => newest === publisher.acknowledged),
      );
      for (const each of readers) await each.stop();
      await expectWhole(bus, publisher);
      const there = (await numbersOn(bus)).map(({ offset }) => offset);
      expect(readers[0]!.records.map(({ offset }) => offset)).toEqual(there);
      expect([...new Set(readers[1]!.records.map(({ offset }) => offset))]).toEqual(there);
    },
  };
  await crew.progressMs();
  return crew;
}

/** Every number that was acknowledged stands there in order; twice only where the publisher could not know. */
async function expectWhole(bus: Bus, { acknowledged, unknown }: NumberPublisher): Promise<void> {
  const numbers = (await numbersOn(bus)).map(numberOf);
  const first = [...new Set(numbers)];
  expect(first).toEqual(first.map((_, index) => index));
  expect(first.length).toBeGreaterThan(acknowledged);
  const doubled = numbers.filter((number, index) => numbers.indexOf(number) !== index);
  expect(doubled.filter((number) => !unknown.has(number))).toEqual([]);
}

describe('the bus on Kafka', () => {
  it(
    `goes on within 10 s after each of ${RESTARTS} restarts of its broker, half of them kill -9`,
    { timeout: 600_000 },
    async () => {
      const crew = await startCrew();
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
    const crew = await startCrew();
    proxy.cut();
    await until('publishing has failed', FAILURE_MS_MAX, () => crew.publisher.failures > 0);
    proxy.restore();
    await crew.progressMs();
    await crew.finish();
  });

  it('goes on after a network that lost everything and told nobody', { timeout: 120_000 }, async () => {
    const crew = await startCrew();
    const bus = await newTopics().connect();
    proxy.blackhole();
    await expect(bus.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await until('publishing has failed', FAILURE_MS_MAX, () => crew.publisher.failures > 0);
    proxy.restore();
    await crew.progressMs();
    await crew.finish();
  });

  it('goes on after a broker that was halted and went on', { timeout: 120_000 }, async () => {
    const crew = await startCrew();
    await kafka.kill('SIGSTOP');
    await until('publishing has failed', FAILURE_MS_MAX, () => crew.publisher.failures > 0);
    await kafka.kill('SIGCONT');
    await crew.progressMs();
    await crew.finish();
  });

  it(`works on over a network that takes ${SLOW_MS} ms each way`, { timeout: 60_000 }, async () => {
    const crew = await startCrew();
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
