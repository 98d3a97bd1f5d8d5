/** The lock contract on a consumer group of a real Kafka, and what a holder hears that was taken for dead. */
import { randomUUID } from 'node:crypto';
import { TOPICS } from '@kairos/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KafkaUnderTest } from '../../../fixtures/kafka.js';
import { testKafka } from '../../../fixtures/kafka.js';
import { systemClock } from '../../clock/system.js';
import { createMemoryLog } from '../../log/memory-log.js';
import { lockContract } from '../lock.contract.js';
import { createGroupLock } from './group-lock.js';

const deps = { clock: systemClock, log: createMemoryLog() };

async function openLocks() {
  const kafka = await testKafka().open(1);
  const groupId = `lock-${randomUUID()}`;
  const bus = await kafka.connect();
  return {
    kafka,
    groupId,
    lock: () => createGroupLock({ ...deps, bus }, { groupId, topic: TOPICS.health }),
    stop: () => kafka.stop(),
  };
}

lockContract('group', openLocks);

describe('a lock on a group', () => {
  let kafka: KafkaUnderTest;
  beforeEach(async () => {
    kafka = await testKafka().open(2);
  });
  afterEach(() => kafka.stop());

  it('needs a topic with one partition', async () => {
    const bus = await kafka.connect();
    expect(() => createGroupLock({ ...deps, bus }, { groupId: 'g', topic: TOPICS.commands })).toThrow(
      expect.objectContaining({ code: 'INVALID' }),
    );
  });

  it('tells a holder that its place was given to another process', async () => {
    const groupId = `lock-${randomUUID()}`;
    const bus = await kafka.connect();
    const holder = await createGroupLock({ ...deps, bus }, { groupId, topic: TOPICS.health }).acquire({});
    await kafka.expel(groupId);
    expect(await holder!.lost).toMatchObject({ code: 'FENCED' });
    await holder!.release();
  });
});
