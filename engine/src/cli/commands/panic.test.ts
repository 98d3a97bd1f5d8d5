import type { BusFaults, SampleBooks } from '@kairos/ports/testing';
import {
  createBusFaults,
  createMemoryBusServer,
  createMemoryLog,
  createMemoryStoreServer,
  createSampleBooks,
  createSampleJournal,
  createSimulatedClock,
  NO_ROWS,
  SAMPLE_WALL_TIME,
} from '@kairos/ports/testing';
import { isSignedBy } from '@kairos/ports';
import type { TradingEvent } from '@kairos/schema';
import { decodeCommand, readConfig, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { Cli } from '../cli.js';
import { panic, WAIT_MS_MAX } from './panic.js';

const WORLD = 'SIMULATOR';
const SECRET = 'a secret of its own, with 40 characters!';

/** A world with accounts, and a trader that obeys when the test says so. */
async function world(accountIds: readonly string[], secret = '') {
  const clock = createSimulatedClock(SAMPLE_WALL_TIME);
  const faults: BusFaults = createBusFaults(() => 0);
  const busServer = createMemoryBusServer({ partitions: 8, clock });
  const bus = busServer.connect(faults);
  const store = createMemoryStoreServer().connect();
  const journal = createSampleJournal();
  const books = accountIds.map((id) => createSampleBooks(id));
  const commit = (...events: TradingEvent[]) => store.journal.append(journal.next({ events }), NO_ROWS);
  for (const book of books) await commit(book.opened(), book.buys('BTCUSDT', 1));

  const printed: string[] = [];
  const cli: Cli = { env: {}, clock, print: (line) => printed.push(line), run: () => Promise.resolve() };
  const deps = {
    cli,
    config: readConfig({ COMMAND_SECRET: secret }),
    world: WORLD,
    doors: { bus, store },
    log: createMemoryLog(),
  };
  /** The commands on the bus, in order of their account. */
  const sent = async () => {
    const partitions = Array.from({ length: bus.partitionsOf(TOPICS.commands) }, (_, partition) => partition);
    const reader = await busServer.connect().read({
      from: partitions.map((partition) => ({ topic: TOPICS.commands, partition, position: 'earliest' as const })),
    });
    const records = await reader.poll(100, 0);
    const received = records.map((record) => {
      const decoded = decodeCommand(record.value, record);
      if (!decoded.ok) throw new Error(decoded.error.reason);
      return { key: record.key, ...decoded.value };
    });
    return received.sort((a, b) => (String(a.key) < String(b.key) ? -1 : 1));
  };
  const obey = (book: SampleBooks, commandId: string) =>
    commit(
      book.obeys('TRADING_STOPPING', commandId, 2),
      book.sells('BTCUSDT', 2, { pnl: '1', reason: 'PANIC' }),
      book.obeys('TRADING_STOPPED', commandId, 2),
    );
  /** Lets time pass until the command has ended. */
  const over = async (ended: Promise<number>) => {
    let isOver = false;
    void ended.finally(() => {
      isOver = true;
    });
    while (!isOver) await clock.advance(100);
    return ended;
  };
  /** Lets time pass until something is there. */
  const until = async <T>(find: () => Promise<T | undefined>): Promise<T> => {
    for (;;) {
      const found = await find();
      if (found !== undefined) return found;
      await clock.advance(10);
    }
  };
  return { clock, faults, store, books, deps, printed, sent, obey, over, until };
}

describe('kairos panic', () => {
  it('stops every account with one message each, tells the steps and ends with 0 when all are stopped', async () => {
    const { deps, books, printed, sent, obey, over, until } = await world(['acc-1', 'acc-2']);
    const ended = panic(deps, { reason: 'enough' });
    const commands = await until(async () => ((await sent()).length === 2 ? sent() : undefined));
    expect(commands.map(({ key, command }) => [key, command.accountId, command.action, command.reason])).toEqual([
      ['acc-1', 'acc-1', 'STOP_BOT', 'enough'],
      ['acc-2', 'acc-2', 'STOP_BOT', 'enough'],
    ]);
    expect(new Set(commands.map(({ command }) => command.id)).size).toBe(1);
    for (const book of books) await obey(book, commands[0]!.command.id);
    expect(await over(ended)).toBe(0);
    expect(printed.filter((line) => line.includes('STOPPED'))).toHaveLength(2);
    expect(printed.at(-1)).toBe('DONE');
  });

  it('stops the one account that is named', async () => {
    const { deps, books, sent, obey, over, until } = await world(['acc-1', 'acc-2']);
    const ended = panic(deps, { account: 'acc-2' });
    const commands = await until(async () => ((await sent()).length > 0 ? sent() : undefined));
    expect(commands.map(({ key }) => key)).toEqual(['acc-2']);
    await obey(books[1]!, commands[0]!.command.id);
    expect(await over(ended)).toBe(0);
  });

  it('after 30 s says what is pending and ends with 1', async () => {
    const { clock, deps, printed, over } = await world(['acc-1']);
    const ended = panic(deps, {});
    const startedAt = clock.monotonicMs();
    expect(await over(ended)).toBe(1);
    expect(clock.monotonicMs() - startedAt).toBeGreaterThanOrEqual(WAIT_MS_MAX);
    expect(printed.at(-1)).toBe('SENT\n  acc-1 is RUNNING, open: BTCUSDT');
  });

  it('is kept in the store while the bus is down, and waits for being obeyed from there', async () => {
    const { deps, faults, store, books, obey, over, until } = await world(['acc-1']);
    faults.down(true);
    const ended = panic(deps, {});
    const waiting = await until(async () => (await store.app.commands.waiting(WORLD))[0]);
    expect(waiting).toMatchObject({ accountIds: ['acc-1'], isPublished: false, command: { action: 'STOP_BOT' } });
    await obey(books[0]!, waiting.command.id);
    expect(await over(ended)).toBe(0);
  });

  it('is kept in the store too when the bus took it, so that the page shows it', async () => {
    const { deps, store, over } = await world(['acc-1']);
    const ended = panic(deps, {});
    await over(ended);
    expect(await store.app.commands.list(WORLD, 'acc-1', 10)).toMatchObject([{ isPublished: true }]);
  });

  it('is signed where COMMAND_SECRET is set, each message over itself', async () => {
    const { deps, sent, over } = await world(['acc-1', 'acc-2'], SECRET);
    const ended = panic(deps, {});
    await over(ended);
    for (const { command, signedText } of await sent()) {
      expect(isSignedBy(signedText, command.signature ?? '', SECRET)).toBe(true);
    }
  });

  it('with --json prints one object', async () => {
    const { deps, printed, over } = await world(['acc-1']);
    const ended = panic(deps, { json: true });
    await over(ended);
    expect(printed).toHaveLength(1);
    expect(JSON.parse(printed[0]!)).toMatchObject({
      status: 'SENT',
      accountIds: ['acc-1'],
      steps: [],
      pending: ['acc-1 is RUNNING, open: BTCUSDT'],
    });
  });

  it.each([
    ['an account that does not exist', ['acc-1'], { account: 'acc-9' }, 2],
    ['a reason that is too long', ['acc-1'], { reason: 'x'.repeat(501) }, 2],
    ['a world without accounts', [], {}, 1],
  ])('refuses %s, and sends nothing', async (_name, accountIds, options, exitCode) => {
    const { deps, sent } = await world(accountIds);
    await expect(panic(deps, options)).rejects.toMatchObject({ name: 'CliError', exitCode });
    expect(await sent()).toEqual([]);
  });
});
