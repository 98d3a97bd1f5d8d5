/** What every look at a bus promises, whatever stands behind it. */
import { TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { Bus } from './bus.js';
import {
  collect,
  numbered,
  outgoing,
  PARTITIONS,
  PATIENCE_MS,
  pollUntil,
  textOf,
} from './contract/harness.contract.js';
import type { BusSurvey } from './survey.js';

export interface BusSurveyUnderTest {
  /** A client; the first one makes the topics. */
  connect(): Promise<Bus>;
  /** Null where there is nothing to look at yet. */
  survey(): Promise<BusSurvey | null>;
  /** Ends the broker and every client. */
  stop(): Promise<void>;
}

export interface BusSurveyContractOptions {
  /** Opens a broker whose topics will have this many partitions. */
  readonly open: (partitions: number) => Promise<BusSurveyUnderTest>;
  /** How long something may take to happen; left out: 5 s. */
  readonly patienceMs?: number;
}

const TOPIC = TOPICS.trades;
const GROUP = 'kairos-looked-at';

export function busSurveyContract(name: string, { open, patienceMs = PATIENCE_MS }: BusSurveyContractOptions): void {
  const start = async () => {
    const server = await open(PARTITIONS);
    return { ...server, [Symbol.asyncDispose]: () => server.stop() };
  };

  describe(`${name}: a look from outside`, () => {
    it('finds no topics before the first start, and makes none', async () => {
      await using server = await start();
      for (const _look of ['first', 'second']) {
        const survey = await server.survey();
        expect(survey === null ? [] : (await survey.describe()).topics).toEqual([]);
        expect((await survey?.offsets(TOPIC)) ?? []).toEqual([]);
        expect((await survey?.newest({ topic: TOPIC, partition: 0 }, 10)) ?? []).toEqual([]);
        await survey?.close();
      }
    });

    it('names product, version and every topic with its partitions', async () => {
      await using server = await start();
      await server.connect();
      const survey = (await server.survey())!;
      const { product, version, topics } = await survey.describe();
      expect(product).not.toBe('');
      expect(version).toMatch(/\d+\.\d+/);
      expect(Object.fromEntries(topics.map(({ topic, partitions }) => [topic, partitions]))).toEqual({
        'crypto.market_data': PARTITIONS,
        'crypto.ml_signals': PARTITIONS,
        'crypto.commands': PARTITIONS,
        'crypto.trades': PARTITIONS,
        'crypto.dead_letter': 1,
        'crypto.health': 1,
      });
      await survey.close();
    });

    it('tells the ends of a topic, and its newest records, oldest first', async () => {
      await using server = await start();
      const bus = await server.connect();
      const survey = (await server.survey())!;
      expect(await survey.newest({ topic: TOPIC, partition: 1 }, 5)).toEqual([]);
      await bus.publish(
        TOPIC,
        numbered(0, 12).map((text) => outgoing(text, 'key', 1)),
      );
      expect(await survey.offsets(TOPIC)).toEqual(await bus.offsets(TOPIC));
      const newest = await survey.newest({ topic: TOPIC, partition: 1 }, 5);
      expect(newest.map(textOf)).toEqual(numbered(7, 12));
      expect(newest[0]).toMatchObject({ topic: TOPIC, partition: 1, key: 'key' });
      expect((await survey.newest({ topic: TOPIC, partition: 1 }, 100)).map(textOf)).toEqual(numbered(0, 12));
      await survey.close();
    });

    it('tells of each group how many are in it and how far it has read, and joins none', async () => {
      await using server = await start();
      const bus = await server.connect();
      await bus.publish(TOPIC, [outgoing('one', null, 2), outgoing('two', null, 2)]);
      const member = await bus.join({ groupId: GROUP, topics: [TOPIC], fallback: 'earliest' });
      await pollUntil([member], () => member.assignment().length === PARTITIONS, patienceMs);
      const reader = await bus.read({ from: [{ topic: TOPIC, partition: 2, position: 'earliest' }] });
      const [first] = await collect(reader, 2, patienceMs);
      const next = first!.offset + 1;
      await member.commit([{ topic: TOPIC, partition: 2, next }]);
      const survey = (await server.survey())!;
      for (const _look of ['first', 'second']) {
        expect(await survey.groups()).toContainEqual({
          groupId: GROUP,
          members: 1,
          committed: [{ topic: TOPIC, partition: 2, next }],
        });
      }
      await survey.close();
    });
  });
}
