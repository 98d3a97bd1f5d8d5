/** Connecting to brokers that want TLS and a login, and what is said where that fails: never a secret. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { KafkaServer } from '../../../../scripts/servers/index.mjs';
import { startKafka } from '../../../../scripts/servers/index.mjs';
import { systemClock } from '../../clock/system.js';
import { createMemoryLog } from '../../log/memory-log.js';
import type { Bus } from '../bus.js';
import { collect, outgoing, texts, TOPIC } from '../contract/harness.contract.js';
import type { SaslMechanism } from './connect.js';
import type { KafkaBusOptions } from './open-kafka-bus.js';
import { openKafkaBus } from './open-kafka-bus.js';

const USERNAME = 'ann';
const PASSWORD = 'canary-of-ann';
const WRONG = 'canary-that-is-wrong';
const MECHANISMS: readonly SaslMechanism[] = ['plain', 'scram-sha-256', 'scram-sha-512'];
const BASE = { partitions: 1, replication: 1 };

let kafka: KafkaServer;
const log = createMemoryLog();

beforeAll(async () => {
  kafka = await startKafka({
    users: { [USERNAME]: PASSWORD },
    listeners: [{ protocol: 'SSL' }, { protocol: 'SASL_PLAINTEXT' }, { protocol: 'SASL_SSL' }],
  });
}, 180_000);
afterAll(() => kafka?.stop());

const TLS = 0;
const LOGIN = 1;
const BOTH = 2;
const brokersOf = (listener: number) => [kafka.addresses[listener]!];
const trusted = () => ({ ca: kafka.certificate! });
const loginBy = (mechanism: SaslMechanism, password = PASSWORD) => ({ mechanism, username: USERNAME, password });

async function open(options: Partial<KafkaBusOptions> & Pick<KafkaBusOptions, 'brokers'>): Promise<Bus> {
  const bus = await openKafkaBus({ ...BASE, ...options }, { clock: systemClock, log });
  onTestFinished(() => bus.close());
  return bus;
}

/** Something goes out and comes back. */
async function expectWorking(bus: Bus): Promise<void> {
  const [at] = await bus.publish(TOPIC, [outgoing('there and back')]);
  const reader = await bus.read({ from: [{ topic: TOPIC, partition: 0, position: at!.offset }] });
  expect(texts(await collect(reader, 1))).toEqual(['there and back']);
}

describe('a broker with TLS', () => {
  it('is reached where its certificate is trusted', async () => {
    await expectWorking(await open({ brokers: brokersOf(TLS), ssl: trusted() }));
  });

  it('is refused where its certificate is not trusted, with what to do', async () => {
    await expect(open({ brokers: brokersOf(TLS), ssl: true })).rejects.toMatchObject({
      code: 'INVALID',
      message: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  });

  it('is not reached without TLS, and the setting is named', async () => {
    await expect(open({ brokers: brokersOf(TLS) })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: expect.stringContaining('KAFKA_SSL=true'),
    });
  });

  it('is asked for in vain at a port without it, and the setting is named', async () => {
    await expect(open({ brokers: [kafka.direct], ssl: true })).rejects.toMatchObject({
      code: expect.stringMatching('UNAVAILABLE|TIMEOUT'),
    });
  });
});

describe.each(MECHANISMS)('a broker with a login by %s', (mechanism) => {
  it('lets in who has the password', async () => {
    await expectWorking(await open({ brokers: brokersOf(LOGIN), sasl: loginBy(mechanism) }));
  });

  it('lets in over TLS too', async () => {
    await expectWorking(await open({ brokers: brokersOf(BOTH), ssl: trusted(), sasl: loginBy(mechanism) }));
  });

  it.each([
    ['password', loginBy(mechanism, WRONG)],
    ['user', { ...loginBy(mechanism, WRONG), username: 'nobody' }],
  ])('refuses a wrong %s at once, and names the variables but no secret', async (_, sasl) => {
    const error = await open({ brokers: brokersOf(LOGIN), sasl }).catch((found: unknown) => found);
    expect(error).toMatchObject({ code: 'INVALID', message: expect.stringContaining('KAFKA_SASL_PASSWORD') });
    const said = JSON.stringify([error, (error as Error).message, (error as Error).stack, (error as Error).cause]);
    expect(said).not.toContain(WRONG);
    expect(said).not.toContain('canary-of');
  });
});

it('a login by a way that the broker does not know is refused', async () => {
  const only = await startKafka({
    users: { [USERNAME]: PASSWORD },
    listeners: [{ protocol: 'SASL_PLAINTEXT', mechanisms: ['SCRAM-SHA-512'] }],
  });
  onTestFinished(() => only.stop());
  await expect(open({ brokers: [only.brokers], sasl: loginBy('plain') })).rejects.toMatchObject({
    code: 'INVALID',
    message: expect.stringContaining('KAFKA_SASL_MECHANISM'),
  });
});

it('a broker that wants a login and is shown none is not reached, and the setting is named', async () => {
  await expect(open({ brokers: brokersOf(LOGIN) })).rejects.toMatchObject({
    code: 'UNAVAILABLE',
    message: expect.stringContaining('KAFKA_SASL'),
  });
});

it('a login is refused by a broker that wants none', async () => {
  await expect(open({ brokers: [kafka.direct], sasl: loginBy('plain') })).rejects.toMatchObject({ code: 'INVALID' });
});

it('a session that ends is begun anew without a word', async () => {
  const short = await startKafka({
    users: { [USERNAME]: PASSWORD },
    listeners: [{ protocol: 'SASL_PLAINTEXT' }],
    properties: { 'connections.max.reauth.ms': 1_500 },
  });
  onTestFinished(() => short.stop());
  const bus = await open({ brokers: [short.brokers], sasl: loginBy('scram-sha-256') });
  const reader = await bus.read({ from: [{ topic: TOPIC, partition: 0, position: 'earliest' }] });
  const until = systemClock.monotonicMs() + 5_000;
  const found: string[] = [];
  let sent = 0;
  while (systemClock.monotonicMs() < until) {
    await bus.publish(TOPIC, [outgoing(String(sent++))]);
    found.push(...texts(await reader.poll(100, 100)));
  }
  while (found.length < sent) found.push(...texts(await reader.poll(100, 1_000)));
  expect(found).toEqual(Array.from({ length: sent }, (_, number) => String(number)));
});

it('nothing of all that stands in the log', () => {
  expect(JSON.stringify(log.lines)).not.toMatch(/canary/);
});
