/**
 * STOP_BOT while MongoDB, Kafka or both are killed, frozen or slow. While the store is away nothing is opened and nothing
 * acknowledged, and the closing follows its return, whoever owns the shard then; while the bus is away the command is
 * obeyed from the store within 1 s (the aim is 250 ms). `PANIC_SLACK` (default 1) stretches the times on a machine that is busy otherwise.
 */
import type { SentCommand } from '@kairos/ports';
import { shardOf, systemClock } from '@kairos/ports';
import { decodeHealth, TOPICS } from '@kairos/schema';
import type { TestContext } from 'vitest';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { AccountSeen } from './journal-follower.fixture.js';
import { causedBy, flawsOfPanic, hasCaused } from './journal-follower.fixture.js';
import type { PanicServers, PanicWorld } from './panic.fixture.js';
import { commandOf, createPanicWorld, FREE, HELD, PATIENCE_MS, SLACK, WORLD } from './panic.fixture.js';
import { publishedEvents, recordsOf, until } from './replay-world.fixture.js';

/** From the answer of the store on. */
const FLAT_MS_MAX = 5_000 * SLACK;
/** The same when another trader has to take over first: its members' time to be missed, and a sharing out. */
const TAKEN_OVER_MS_MAX = 20_000 * SLACK;
/** From the store's command to entries blocked, while the bus is away. */
const OBEYED_MS_MAX = 1_000 * SLACK;
/** There and back. */
const SLOW_MS = 2_000;
/** What is on its way when servers are quick again arrives as late as before, there and back. */
const FLAT_AFTER_SLOW_MS_MAX = FLAT_MS_MAX + SLOW_MS;
const SET_UP_MS = 300_000;
const TEST_MS = 900_000;

let world: PanicWorld;

beforeAll(async () => {
  world = await createPanicWorld({ parts: ['trade', 'trade-2'] });
}, SET_UP_MS);
/** One that fails leaves the next no slow servers. */
afterEach(() => {
  world.servers.toKafka.restore();
  world.servers.toMongod.restore();
});
afterAll(() => world?.[Symbol.asyncDispose](), SET_UP_MS);

type Fault = readonly [name: string, begin: (on: PanicServers) => unknown, end: (on: PanicServers) => unknown];

const MONGODB_AWAY: readonly Fault[] = [
  ['killed', ({ mongod }) => mongod.kill(), ({ mongod }) => mongod.restart()],
  ['frozen', ({ mongod }) => mongod.kill('SIGSTOP'), ({ mongod }) => mongod.kill('SIGCONT')],
];
const KAFKA_AWAY: readonly Fault[] = [
  ['killed', ({ kafka }) => kafka.kill(), ({ kafka }) => kafka.restart()],
  ['frozen', ({ kafka }) => kafka.kill('SIGSTOP'), ({ kafka }) => kafka.kill('SIGCONT')],
  ['2 s slower', ({ toKafka }) => toKafka.delay(SLOW_MS / 2), ({ toKafka }) => toKafka.restore()],
];

/** One account in every shard, so that each trader has some; holding all symbols but one. */
async function holders(name: string): Promise<readonly string[]> {
  const shards = world.doors.store.shards;
  const ids = new Map<number, string>();
  for (let index = 0; ids.size < shards; index++) {
    const id = `${name.replaceAll(' ', '-')}-${index}`;
    if (!ids.has(shardOf(id, shards))) ids.set(shardOf(id, shards), id);
  }
  await world.open([...ids.values()]);
  await world.hold([...ids.values()]);
  return [...ids.values()];
}

/** Until a trader says that it cannot commit. */
async function untilSaid(): Promise<void> {
  const since = systemClock.now();
  const isSaid = async () =>
    (await recordsOf(world.doors.bus, TOPICS.health)).some((record) => {
      const report = decodeHealth(record.value);
      return report.ok && report.value.at > since && !report.value.healthy;
    });
  await until('a trader says that it cannot commit', isSaid, PATIENCE_MS);
}

/** Milliseconds until every account is stopped by a command. */
async function msUntilStopped(accountIds: readonly string[], id: string): Promise<number> {
  const began = systemClock.monotonicMs();
  const isStopped = (account: AccountSeen) => hasCaused(account, id, 'TRADING_STOPPED');
  await world.follower.until('STOPPED', accountIds, isStopped, PATIENCE_MS);
  return Math.round(systemClock.monotonicMs() - began);
}

/**
 * Each position closed once after STOPPING, and signals that came after the command denied. `held`: how many positions
 * there may have been. A signal on the heels of the command comes by another topic: a shard that reads it first opens
 * what it says, and closes it with the rest.
 */
async function expectStopped(accountIds: readonly string[], id: string, held = [HELD.length]): Promise<void> {
  for (const accountId of accountIds) {
    const isDenied = async () =>
      ((await world.follower.look(accountId)).denied.get('TRADING_STOPPED') ?? 0) > HELD.length;
    await until('signals that came after the command are denied', isDenied, PATIENCE_MS);
    const account = await world.follower.look(accountId);
    expect(flawsOfPanic(account)).toEqual([]);
    expect([account.status, account.open.size]).toEqual(['STOPPED', 0]);
    const opened = account.told.filter(({ event }) => event.type === 'TRADE_OPENED');
    expect(held).toContain(opened.length);
    const types = causedBy(account, id).map(({ event }) => event.type);
    expect(types).toEqual(['TRADING_STOPPING', ...opened.map(() => 'TRADE_CLOSED'), 'TRADING_STOPPED']);
  }
}

/** What is told of a command on the bus. */
async function acknowledged(accountIds: readonly string[], id: string): Promise<readonly string[]> {
  const events = await Promise.all(accountIds.map((accountId) => publishedEvents(world.doors.bus, accountId)));
  return events.flat().filter((text) => text.includes(`"causedBy":"${id}"`));
}

const tell = ({ annotate, task }: TestContext, figures: object) => annotate(`${task.name}: ${JSON.stringify(figures)}`);

describe('STOP_BOT while MongoDB is away', { timeout: TEST_MS }, () => {
  it.for(MONGODB_AWAY)('%s: nothing is acknowledged, and all is closed when it answers', async (fault, context) => {
    const [name, begin, end] = fault;
    const accounts = await holders(`store-${name}`);
    await begin(world.servers);
    const id = await world.command({ action: 'STOP_BOT' }, accounts);
    await world.signals([FREE], 'BUY');
    await untilSaid();
    await world.signals([FREE, ...HELD], 'BUY');
    expect(await acknowledged(accounts, id)).toEqual([]);
    await end(world.servers);
    const flatMs = await msUntilStopped(accounts, id);
    await tell(context, { flatMs });
    await expectStopped(accounts, id, [HELD.length, HELD.length + 1]);
    expect(flatMs).toBeLessThan(FLAT_MS_MAX);
  });

  it('and the trader that has taken the command is killed: the other one closes', async (context) => {
    const accounts = await holders('owner-killed');
    await world.servers.mongod.kill();
    const id = await world.command({ action: 'STOP_BOT' }, accounts);
    await untilSaid();
    await world.signals([FREE, ...HELD], 'BUY');
    await world.crew.kill('trade');
    await world.servers.mongod.restart();
    const flatMs = await msUntilStopped(accounts, id);
    await tell(context, { flatMs });
    await expectStopped(accounts, id);
    expect(flatMs).toBeLessThan(TAKEN_OVER_MS_MAX);
    world.crew.start('trade');
  });
});

describe('STOP_BOT while servers are slow by 2 s', { timeout: TEST_MS }, () => {
  it.for([
    ['MongoDB', ['toMongod']],
    ['MongoDB and Kafka', ['toMongod', 'toKafka']],
  ] as const)('%s: nothing is acknowledged that is not done', async ([name, slow], context) => {
    const accounts = await holders(`slow-${name}`);
    for (const proxy of slow) world.servers[proxy].delay(SLOW_MS / 2);
    const id = await world.command({ action: 'STOP_BOT' }, accounts);
    const isStopping = (account: AccountSeen) => hasCaused(account, id, 'TRADING_STOPPING');
    await world.follower.until('STOPPING', accounts, isStopping, PATIENCE_MS);
    await world.signals([FREE, ...HELD], 'BUY');
    const told = (await acknowledged(accounts, id)).map((text) => (JSON.parse(text) as { id: string }).id);
    const seen = await Promise.all(accounts.map((accountId) => world.follower.look(accountId)));
    const committed = seen.flatMap((account) => account.told.map(({ event }) => event.id));
    expect(told.filter((eventId) => !committed.includes(eventId))).toEqual([]);
    for (const proxy of slow) world.servers[proxy].restore();
    const flatMs = await msUntilStopped(accounts, id);
    await tell(context, { flatMs });
    await expectStopped(accounts, id);
    expect(flatMs).toBeLessThan(FLAT_AFTER_SLOW_MS_MAX);
  });
});

describe('STOP_BOT kept in the store while Kafka is away', { timeout: TEST_MS }, () => {
  it.for(KAFKA_AWAY)('%s: it is obeyed within 1 s, and once', async (fault, context) => {
    const [name, begin, end] = fault;
    const { doors, follower } = world;
    const accounts = await holders(`bus-${name}`);
    const figures: { haltMs: number; flatMs: number }[] = [];
    const commands: SentCommand['command'][] = [];
    await begin(world.servers);
    for (const accountId of accounts) {
      const command = commandOf({ action: 'STOP_BOT', accountId });
      commands.push(command);
      const began = systemClock.monotonicMs();
      const sentAt = command.time;
      await doors.store.app.commands.insert({
        command,
        accountIds: [accountId],
        world: WORLD,
        sentAt,
        isPublished: false,
      });
      const isStopping = (account: AccountSeen) => hasCaused(account, command.id, 'TRADING_STOPPING');
      await follower.until('STOPPING', [accountId], isStopping, PATIENCE_MS);
      const haltMs = Math.round(systemClock.monotonicMs() - began);
      figures.push({ haltMs, flatMs: haltMs + (await msUntilStopped([accountId], command.id)) });
    }
    await tell(context, figures);
    const isKept = async () => (await doors.store.app.commands.waiting(WORLD)).length > 0;
    await until('they do not wait any more', async () => !(await isKept()), PATIENCE_MS);
    await end(world.servers);
    for (const command of commands) await world.command({ ...command }, [command.accountId!]);
    await world.signals([FREE, ...HELD], 'BUY');
    for (const command of commands) await expectStopped([command.accountId!], command.id);
    expect(figures.filter(({ haltMs }) => haltMs > OBEYED_MS_MAX)).toEqual([]);
    expect(figures.filter(({ flatMs }) => flatMs > FLAT_MS_MAX)).toEqual([]);
  });
});
