/** A broker that answers everything but fetches: a reader that hangs is noticed, and its process is told to end. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterAll, beforeAll, describe, it, vi } from 'vitest';
import type { KafkaServer } from '../../../../scripts/servers/index.mjs';
import { freePort, startKafka } from '../../../../scripts/servers/index.mjs';
import { systemClock } from '../../clock/system.js';
import { isFinal } from '../../errors.js';
import type { Bus, GroupMember, Reader } from '../bus.js';
import { outgoing, TOPIC } from '../contract/harness.contract.js';
import { createFrames } from './frames.js';
import { openKafkaBus } from './open-kafka-bus.js';

const FETCH = 1;
/** R27. */
const NOTICED_MS_MAX = 30_000;

let kafka: KafkaServer;
let gate: Server;
/** Prefixes of topics that are not answered any more, and how many fetches of each have been swallowed. */
const hanging = new Map<string, number>();

beforeAll(async () => {
  const port = await freePort();
  gate = createServer((client) => {
    const broker = connect(port, '127.0.0.1');
    const take = createFrames((frame) => {
      const prefix = [...hanging.keys()].find((name) => frame.readInt16BE(0) === FETCH && frame.includes(name));
      if (prefix !== undefined) return void hanging.set(prefix, hanging.get(prefix)! + 1);
      const length = Buffer.alloc(4);
      length.writeInt32BE(frame.length);
      broker.write(Buffer.concat([length, frame]));
    });
    client.on('data', take);
    broker.pipe(client);
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => gate.listen(0, '127.0.0.1', resolve));
  const advertised = `127.0.0.1:${(gate.address() as AddressInfo).port}`;
  kafka = await startKafka({ listeners: [{ protocol: 'PLAINTEXT', port, advertised }] });
}, 180_000);
afterAll(async () => {
  await kafka?.stop();
  gate?.close();
});

const POSITION = { topic: TOPIC, partition: 0, position: 'latest' as const };
const KINDS: readonly (readonly [string, (bus: Bus) => Promise<Reader | GroupMember>])[] = [
  ['reader', (bus) => bus.read({ from: [POSITION] })],
  ['member of a group', (bus) => bus.join({ groupId: 'hanging', topics: [TOPIC], fallback: 'latest' })],
];

// They wait, and nothing else: all at once.
describe.concurrent('a hanging broker', () => {
  it.for(KINDS)(
    'is noticed by a %s within 30 s, once, with an error that ends the process and has it restarted',
    { timeout: 60_000 },
    async ([kind, open], { expect, onTestFinished }) => {
      const prefix = `${kind.slice(0, 6)}.`;
      const told: string[] = [];
      const options = { brokers: [kafka.brokers], partitions: 1, replication: 1, topicPrefix: prefix };
      const deps = { clock: systemClock, onStuck: ({ code }: { code: string }) => void told.push(code) };
      const bus = await openKafkaBus(options, deps);
      onTestFinished(() => bus.close());
      const from = await open(bus);
      await bus.publish(TOPIC, [outgoing('before')]);
      await from.poll(10, 2_000);
      hanging.set(prefix, 0);
      await vi.waitFor(() => expect(hanging.get(prefix)).toBeGreaterThan(0), 5_000);
      await bus.publish(TOPIC, [outgoing('never read')]);
      const since = systemClock.monotonicMs();
      const error = await firstFinal(from, since);
      expect(systemClock.monotonicMs() - since).toBeLessThan(NOTICED_MS_MAX);
      expect(error).toMatchObject({ code: 'STUCK', isRetriable: false });
      expect(isFinal(error)).toBe(false);
      expect(told).toEqual(['STUCK']);
    },
  );

  it('is not suspected while there is nothing to read', { timeout: 60_000 }, async ({ expect, onTestFinished }) => {
    hanging.set('idle.', 0);
    const told: unknown[] = [];
    const options = { brokers: [kafka.brokers], partitions: 1, replication: 1, topicPrefix: 'idle.' };
    const bus = await openKafkaBus(options, { clock: systemClock, onStuck: (error) => void told.push(error) });
    onTestFinished(() => bus.close());
    const reader = await bus.read({ from: [POSITION] });
    const until = systemClock.monotonicMs() + NOTICED_MS_MAX;
    while (systemClock.monotonicMs() < until) await reader.poll(1, 1_000).catch(() => []);
    expect(told).toEqual([]);
  });
});

/** Polls on, as processes do, until an error comes that does not pass. */
async function firstFinal(from: Reader | GroupMember, since: number): Promise<unknown> {
  while (systemClock.monotonicMs() - since < NOTICED_MS_MAX + 5_000) {
    try {
      await from.poll(10, 500);
    } catch (error) {
      if ((error as { isRetriable?: boolean }).isRetriable !== true) return error;
    }
  }
  return null;
}
