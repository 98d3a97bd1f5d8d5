/**
 * A panic given while a real Kafka, a real MongoDB or both are killed, frozen or slow: the answer comes within 2 s and
 * never tells of something that was not done. `PANIC_SLACK` (default 1) stretches the time on a busy machine.
 */
import type { Bus, Store } from '@kairos/ports';
import { openKafkaBus, openMongoStore, systemClock } from '@kairos/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KafkaServer, MongodServer, TcpProxy } from '../../../../scripts/servers/index.mjs';
import { createTcpProxy, freePorts, startKafka, startMongod } from '../../../../scripts/servers/index.mjs';
import { createRecordedLog } from '../../../test/quiet-log.js';
import { createCommandSender } from './command.sender.js';

const ANSWER_MS_MAX = 2_000 * Number(process.env['PANIC_SLACK'] ?? 1);
const SLOW_MS = 2_000;
const WORLD = 'SIMULATOR';
const SET_UP_MS = 300_000;
const TEST_MS = 300_000;
const BACK_MS_MAX = 120_000;

let kafka: KafkaServer;
let mongod: MongodServer;
let toKafka: TcpProxy;
let toMongod: TcpProxy;
let bus: Bus;
let store: Store;
const ends: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const [kafkaPort, port] = (await freePorts(2)) as [number, number];
  toKafka = await createTcpProxy({ target: `127.0.0.1:${kafkaPort}` });
  ends.push(() => toKafka.close());
  toMongod = await createTcpProxy({ target: `127.0.0.1:${port}` });
  ends.push(() => toMongod.close());
  kafka = await startKafka({ listeners: [{ protocol: 'PLAINTEXT', port: kafkaPort, advertised: toKafka.address }] });
  ends.push(() => kafka.stop());
  mongod = await startMongod({ port, advertised: toMongod.address });
  ends.push(() => mongod.stop());
  const deps = { clock: systemClock };
  bus = await openKafkaBus({ brokers: [kafka.brokers], partitions: 2, replication: 1 }, deps);
  ends.push(() => bus.close());
  store = await openMongoStore({ uri: mongod.uri, database: 'kairos_sender', world: WORLD, shards: 2 }, deps);
  ends.push(() => store.close());
}, SET_UP_MS);

afterAll(async () => {
  for (const end of ends.splice(0).reverse()) await end();
}, SET_UP_MS);

interface Answer {
  /** Status of the command, or code of the error. */
  readonly said: string;
  readonly tookMs: number;
  readonly id: string;
}

let sent = 0;
async function panic(): Promise<Answer> {
  const id = `panic-${(sent += 1)}`;
  const deps = { bus, store, clock: systemClock, log: createRecordedLog(), newId: () => id };
  const sender = createCommandSender(deps, { world: WORLD, secret: null });
  const began = systemClock.monotonicMs();
  const request = { action: 'STOP_BOT', tradeId: null, settings: null, reason: null, issuedBy: 'ada' } as const;
  const said = await sender.send({ ...request, accountIds: ['acc-1'] }).then(
    ({ status }) => status,
    ({ extensions, code }: { code?: string; extensions?: { code: string } }) => extensions?.code ?? code ?? '',
  );
  return { said, tookMs: Math.round(systemClock.monotonicMs() - began), id };
}

async function untilBothAnswer(): Promise<void> {
  const began = systemClock.monotonicMs();
  const answer = () =>
    Promise.all([bus.ping(), store.ping()]).then(
      () => true,
      () => false,
    );
  while (!(await answer())) {
    if (systemClock.monotonicMs() - began > BACK_MS_MAX) throw new Error('expected both servers to answer again');
  }
}

type Fault = readonly [name: string, begin: () => unknown, end: () => unknown];

const OF_KAFKA: readonly Fault[] = [
  ['killed', () => kafka.kill(), () => kafka.restart()],
  ['frozen', () => kafka.kill('SIGSTOP'), () => kafka.kill('SIGCONT')],
  ['2 s slower', () => toKafka.delay(SLOW_MS), () => toKafka.restore()],
];
const OF_MONGODB: readonly Fault[] = [
  ['killed', () => mongod.kill(), () => mongod.restart()],
  ['frozen', () => mongod.kill('SIGSTOP'), () => mongod.kill('SIGCONT')],
  ['2 s slower', () => toMongod.delay(SLOW_MS), () => toMongod.restore()],
];
const OF_BOTH = OF_KAFKA.map(([name, ...kafkas], index): Fault => {
  const [, ...mongods] = OF_MONGODB[index]!;
  return [name, async () => (await kafkas[0](), mongods[0]()), async () => (await kafkas[1](), mongods[1]())];
});

describe('a panic', { timeout: TEST_MS }, () => {
  it.for([
    ...OF_KAFKA.map((fault) => ['Kafka', 'STORED', fault] as const),
    ...OF_MONGODB.map((fault) => ['MongoDB', 'SENT', fault] as const),
    ...OF_BOTH.map((fault) => ['both', 'UNAVAILABLE', fault] as const),
  ])('with %s away is answered with %s (%s)', async ([, expected, [, begin, end]], { annotate }) => {
    await untilBothAnswer();
    await begin();
    const { said, tookMs, id } = await panic();
    await end();
    await annotate(`${said} after ${tookMs} ms`);
    expect(said).toBe(expected);
    expect(tookMs).toBeLessThan(ANSWER_MS_MAX);
    await untilBothAnswer();
    const waiting = (await store.app.commands.waiting(WORLD)).map(({ command }) => command.id);
    if (said === 'STORED') expect(waiting).toContain(id);
  });
});
