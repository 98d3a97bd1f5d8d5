import type { Instant } from '@kairos/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OwnBusServer } from '../../../fixtures/own-buses.js';
import { OWN_BUSES } from '../../../fixtures/own-buses.js';
import type { SimulatedClock } from '../../clock/simulated.js';
import { createSimulatedClock } from '../../clock/simulated.js';
import type { GroupMember } from '../bus.js';
import { outgoing, texts } from '../contract/harness.contract.js';
import { HEARTBEAT_INTERVAL_MS, SESSION_TIMEOUT_MS } from './limits.js';

const TOPIC = 'crypto.commands';

describe.each(OWN_BUSES)('sessions of group members on the $name bus', (own) => {
  let clock: SimulatedClock;
  let server: OwnBusServer;
  beforeEach(() => {
    clock = createSimulatedClock(1_700_000_000_000 as Instant);
    server = own.open({ partitions: 4, clock });
  });
  afterEach(() => server.stop());

  const join = async () => (await server.connect()).join({ groupId: 'g', topics: [TOPIC], fallback: 'earliest' });
  const held = (member: GroupMember) => member.assignment().map(({ partition }) => partition);
  /** Time passes, and these members poll now and then. */
  const pass = async (ms: number, ...polling: readonly GroupMember[]) => {
    for (let passed = 0; passed < ms; passed += HEARTBEAT_INTERVAL_MS) {
      await clock.advance(HEARTBEAT_INTERVAL_MS);
      for (const member of polling) await member.poll(10, 0);
    }
  };

  it('end when a member is not heard of for the time-out: the others take over', async () => {
    const [alive, silent] = [await join(), await join()];
    await pass(SESSION_TIMEOUT_MS / 2, alive, silent);
    expect([held(alive), held(silent)]).toEqual([
      [0, 1],
      [2, 3],
    ]);
    await pass(SESSION_TIMEOUT_MS - HEARTBEAT_INTERVAL_MS, alive);
    expect(held(alive)).toEqual([0, 1]);
    await pass(2 * HEARTBEAT_INTERVAL_MS, alive);
    expect(held(alive)).toEqual([0, 1, 2, 3]);
  });

  it('go on while a member waits in one long poll', async () => {
    const [waiting, other] = [await join(), await join()];
    await pass(HEARTBEAT_INTERVAL_MS, waiting, other);
    const poll = waiting.poll(10, 3 * SESSION_TIMEOUT_MS);
    await pass(2 * SESSION_TIMEOUT_MS, other);
    expect(held(other)).toEqual([2, 3]);
    await waiting.close();
    expect(await poll).toEqual([]);
  });

  it('refuse the commit of a member that was dropped, which comes back with its next poll', async () => {
    const [alive, silent] = [await join(), await join()];
    await pass(HEARTBEAT_INTERVAL_MS, alive, silent);
    await pass(SESSION_TIMEOUT_MS, alive);
    const commit = silent.commit([{ topic: TOPIC, partition: 2, next: 1 }]);
    await expect(commit).rejects.toMatchObject({ code: 'FENCED' });
    await pass(HEARTBEAT_INTERVAL_MS, silent, alive);
    expect([held(alive), held(silent)]).toEqual([
      [0, 1],
      [2, 3],
    ]);
    await expect(silent.commit([{ topic: TOPIC, partition: 2, next: 1 }])).resolves.toBeUndefined();
  });

  it('refuse the commit of a partition that a member lost and got back without knowing', async () => {
    const first = await join();
    await first.poll(10, 0);
    const second = await join();
    await second.poll(10, 0);
    await second.commit([{ topic: TOPIC, partition: 3, next: 9 }]);
    await second.close();
    const late = first.commit([{ topic: TOPIC, partition: 3, next: 2 }]);
    await expect(late).rejects.toMatchObject({ code: 'FENCED' });
    await first.poll(10, 0);
    await expect(first.commit([{ topic: TOPIC, partition: 3, next: 10 }])).resolves.toBeUndefined();
  });

  it('keep the place of a partition that a member keeps, and give what was not committed of others again', async () => {
    const client = await server.connect();
    for (const partition of [0, 3]) {
      await client.publish(TOPIC, [outgoing(`first of ${partition}`, null, partition)]);
    }
    const first = await join();
    expect(await first.poll(10, 0)).toHaveLength(2);
    const second = await join();
    expect(texts(await second.poll(10, 0))).toEqual(['first of 3']);
    await client.publish(TOPIC, [outgoing('second of 0', null, 0)]);
    expect(texts(await first.poll(10, 0))).toEqual(['second of 0']);
  });

  it('survive a clock that is set back, and one that is set forward costs a rebalance at most', async () => {
    const [one, other] = [await join(), await join()];
    await pass(HEARTBEAT_INTERVAL_MS, one, other);
    for (const jump of [-3_600_000, 3_600_000]) {
      clock.jump(jump);
      await pass(3 * HEARTBEAT_INTERVAL_MS, one, other);
      expect(new Set([...held(one), ...held(other)])).toEqual(new Set([0, 1, 2, 3]));
      expect(held(one).length + held(other).length).toBe(4);
    }
  });
});
