/** The topics that opening the bus makes and checks, and records that other programs leave there. */
import { TOPICS } from '@kairos/schema';
import { CompressionTypes, Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaUnderTest } from '../../../fixtures/kafka.js';
import { testBrokers, testKafka } from '../../../fixtures/kafka.js';
import { collect, numbered, outgoing, texts, TOPIC } from '../contract/harness.contract.js';

const PATIENCE_MS = 20_000;
const CONFIG_OF_TOPIC = 2;
const FIRST = { topic: TOPIC, partition: 0 } as const;

let kafka: KafkaUnderTest;
const foreign = new Kafka({ brokers: [...testBrokers()], logLevel: logLevel.NOTHING });
const admin = foreign.admin();

beforeEach(async () => {
  kafka = await testKafka().open(2);
  await admin.connect();
});
afterEach(async () => {
  await admin.disconnect();
  await kafka.stop();
});

const stored = (topic: string): string => `${kafka.topicPrefix}${topic}`;

describe('opening the bus', () => {
  it('makes every topic with its partitions, and health that is soon forgotten', async () => {
    await kafka.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: Object.values(TOPICS).map(stored) });
    const counts = Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions.length]));
    expect(counts).toEqual({
      [stored(TOPICS.marketData)]: 2,
      [stored(TOPICS.signals)]: 2,
      [stored(TOPICS.commands)]: 2,
      [stored(TOPICS.trades)]: 2,
      [stored(TOPICS.deadLetter)]: 1,
      [stored(TOPICS.health)]: 1,
    });
    const resource = { type: CONFIG_OF_TOPIC, name: stored(TOPICS.health), configNames: ['retention.ms'] };
    const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false });
    expect(resources[0]!.configEntries[0]!.configValue).toBe('3600000');
  });

  it('refuses another partition count, names both and says what to do', async () => {
    await kafka.connect();
    await expect(kafka.connectWith({ partitions: 3 })).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringMatching(/expected 3 .* found 2: set KAFKA_PARTITIONS=2/),
    });
  });

  it('refuses more copies than there are brokers, and says what to do', async () => {
    await expect(kafka.connectWith({ replication: 3 })).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('KAFKA_REPLICATION'),
    });
    await kafka.connect();
  });

  it('by several at once makes each topic once', async () => {
    const buses = await Promise.all([kafka.connect(), kafka.connect(), kafka.connect()]);
    expect(await buses[0]!.offsets(TOPIC)).toHaveLength(2);
  });

  it.each(['nowhere', 'host:0', ':9092', 'host:port'])('refuses %s as a broker', async (broker) => {
    await expect(kafka.connectWith({ brokers: [broker] })).rejects.toMatchObject({ code: 'INVALID' });
    await kafka.connect();
  });

  it('finds its way from one broker that answers among several that do not', async () => {
    const bus = await kafka.connectWith({ brokers: ['127.0.0.1:1', ...testBrokers()] });
    await expect(bus.ping()).resolves.toBeUndefined();
  });
});

describe('records of other programs', () => {
  const publish = async (compression: CompressionTypes, values: readonly string[]) => {
    const producer = foreign.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const messages = values.map((value) => ({ value, partition: 0, headers: { from: 'elsewhere' } }));
    await producer.send({ topic: stored(TOPIC), compression, messages });
    await producer.disconnect();
  };

  it.each([
    ['plain', CompressionTypes.None],
    ['with gzip', CompressionTypes.GZIP],
  ])('are read %s, headers and all', async (_, compression) => {
    const bus = await kafka.connect();
    await publish(compression, numbered(0, 500));
    const reader = await bus.read({ from: [{ ...FIRST, position: 100 }] });
    expect(texts(await collect(reader, 400, PATIENCE_MS))).toEqual(numbered(100, 500));
  });

  it('keys go where those of other programs go', async () => {
    const bus = await kafka.connect();
    const producer = foreign.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    for (const key of ['BTCUSDT', 'account-1', 'ключ']) {
      const [ours] = await bus.publish(TOPIC, [outgoing('x', key)]);
      const [theirs] = await producer.send({ topic: stored(TOPIC), messages: [{ key, value: 'x' }] });
      expect(ours!.partition).toBe(theirs!.partition);
    }
    await producer.disconnect();
  });

  it('of transactions are read once committed; of those given up nothing is', async () => {
    const bus = await kafka.connect();
    const transactionalId = kafka.topicPrefix;
    const producer = foreign.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const write = async (value: string, isKept: boolean) => {
      const transaction = await producer.transaction();
      await transaction.send({ topic: stored(TOPIC), messages: [{ value, partition: 0 }] });
      await (isKept ? transaction.commit() : transaction.abort());
    };
    for (const [value, isKept] of [
      ['a', true],
      ['lost', false],
      ['b', true],
      ['gone', false],
    ] as const) {
      await write(value, isKept);
    }
    await producer.disconnect();
    await bus.publish(TOPIC, [outgoing('after', null, 0)]);
    const reader = await bus.read({ from: [{ ...FIRST, position: 'earliest' }] });
    const found = await collect(reader, 3, PATIENCE_MS);
    expect(texts(found)).toEqual(['a', 'b', 'after']);
    expect(reader.gaps()).toEqual([]);
  });

  it('that retention removed while somebody read are told as a gap, and reading goes on at the earliest', async () => {
    const bus = await kafka.connect();
    const published = await bus.publish(
      TOPIC,
      numbered(0, 20).map((value) => outgoing(value, null, 0)),
    );
    const reader = await bus.read({ from: [{ ...FIRST, position: published[3]!.offset }] });
    // kafkajs removes records only of topics that it has looked at.
    await admin.fetchTopicOffsets(stored(TOPIC));
    await admin.deleteTopicRecords({ topic: stored(TOPIC), partitions: [{ partition: 0, offset: '15' }] });
    const late = await bus.read({ from: [{ ...FIRST, position: 3 }] });
    expect(texts(await collect(late, 5, PATIENCE_MS))).toEqual(numbered(15, 20));
    expect(late.gaps()).toEqual([{ at: FIRST, wanted: 3, found: 15 }]);
    await reader.close();
  });
});
