/** Answering, closing, and what is refused afterwards. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Bus } from '../bus.js';
import type { BusContractOptions, BusUnderTest } from './harness.contract.js';
import { collect, outgoing, PARTITIONS, texts, TOPIC } from './harness.contract.js';

const FROM = [{ topic: TOPIC, partition: 0, position: 'earliest' as const }];
const GROUP = { groupId: 'g', topics: [TOPIC], fallback: 'earliest' as const };

export function lifeContract(options: BusContractOptions): void {
  let server: BusUnderTest;
  let bus: Bus;
  beforeEach(async () => {
    server = await options.open(PARTITIONS);
    bus = await server.connect();
  });
  afterEach(() => server.stop());

  it('answers a ping', async () => {
    await expect(bus.ping()).resolves.toBeUndefined();
  });

  it.each<[string, (bus: Bus) => Promise<unknown>]>([
    ['publish', (closed) => closed.publish(TOPIC, [outgoing('x')])],
    ['read', (closed) => closed.read({ from: FROM })],
    ['join', (closed) => closed.join(GROUP)],
    ['offsets', (closed) => closed.offsets(TOPIC)],
    ['committed', (closed) => closed.committed('g', TOPIC)],
    ['ping', (closed) => closed.ping()],
  ])('refuses %s after close', async (_, call) => {
    await bus.close();
    await expect(call(bus)).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('closes its readers and members with it', async () => {
    const reader = await bus.read({ from: FROM });
    const member = await bus.join(GROUP);
    await bus.close();
    await expect(reader.poll(1, 0)).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(reader.seek(FROM[0]!, 'latest')).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(member.poll(1, 0)).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(member.commit([])).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('lets the others go on when one client closes', async () => {
    const other = await server.connect();
    await bus.publish(TOPIC, [outgoing('kept', null, 0)]);
    await bus.close();
    const reader = await other.read({ from: FROM });
    expect(texts(await collect(reader, 1, options.patienceMs))).toEqual(['kept']);
  });

  it('ends a waiting poll with an empty list when its reader closes', async () => {
    const reader = await bus.read({ from: FROM });
    const waiting = reader.poll(1, 60_000);
    await reader.close();
    expect(await waiting).toEqual([]);
  });

  it('may be closed twice', async () => {
    const reader = await bus.read({ from: FROM });
    await reader.close();
    await reader.close();
    await bus.close();
    await expect(bus.close()).resolves.toBeUndefined();
  });
}
