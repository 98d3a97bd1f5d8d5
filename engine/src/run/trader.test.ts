/** The trader over memory ports: from messages on the bus to committed and published events. */
import { createBusFaults, createSeededRandom, faultsOf } from '@kairos/ports/testing';
import type { TradingEvent } from '@kairos/schema';
import { decodeDeadLetter, formatMoney, parsePrice, stepsOf, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { WorldFixture } from './world.fixture.js';
import { createWorldFixture, START } from './world.fixture.js';

/** 3,000 signals are published and decided. */
const BACKLOG_TEST_MS = 30_000;
/** From a STOP_BOT in the store to entries blocked (R22). */
const BLOCKED_MS_MAX = 250;

const types = (events: readonly TradingEvent[]) => events.map((event) => event.type);

const untilEvents = (world: WorldFixture, count: number) =>
  world.until(`${count} events are published`, async () => (await world.events()).length >= count);

const untilFlatOr = (world: WorldFixture, type: TradingEvent['type']) =>
  world.until(`${type} is published`, async () => types(await world.events()).includes(type));

describe('with an exchange', () => {
  it('commits and publishes the worked figures of the contract', async () => {
    const world = createWorldFixture('EXCHANGE:binance');
    const running = await world.start();
    await world.open('main');
    await untilEvents(world, 1);
    await world.signal({ id: 's1', price: parsePrice('68234') });
    await untilEvents(world, 2);
    await world.signal({ id: 's2', action: 'SELL', price: parsePrice('68891') });
    await untilEvents(world, 3);
    const view = await world.store.readModels.account('main');
    expect(view && formatMoney(view.account.cash)).toBe('5019.04750256');
    expect(types(await world.events())).toEqual(['ACCOUNT_OPENED', 'TRADE_OPENED', 'TRADE_CLOSED']);
    await running.stop();
  });

  it('obeys a panic behind no backlog and stays stopped after a restart', { timeout: BACKLOG_TEST_MS }, async () => {
    const world = createWorldFixture('EXCHANGE:binance');
    const first = await world.start();
    await world.open('main');
    await untilEvents(world, 1);
    await world.signal({ id: 's0' });
    await untilEvents(world, 2);
    await first.stop();
    for (let i = 1; i <= 3_000; i++) await world.signal({ id: `s${i}`, confidence: 0.1 });
    await world.command({ id: 'panic', action: 'STOP_BOT' });
    const second = await world.start();
    await untilFlatOr(world, 'TRADING_STOPPED');
    const events = await world.events();
    expect(types(events.filter((event) => event.causedBy === 'panic'))).toEqual([
      'TRADING_STOPPING',
      'TRADE_CLOSED',
      'TRADING_STOPPED',
    ]);
    expect(types(events).indexOf('TRADING_STOPPING')).toBe(2);
    await second.crash();
    await world.start();
    await world.signal({ id: 'late' });
    await world.until('it is denied', async () => (await world.events()).some((event) => event.causedBy === 'late'));
    expect((await world.events()).at(-1)?.decision?.reason).toBe('TRADING_STOPPED');
  });

  it('puts each message that is not valid into the dead letter once, and goes on', async () => {
    const world = createWorldFixture('EXCHANGE:binance');
    const running = await world.start();
    await world.open('main');
    await untilEvents(world, 1);
    await world.publish(TOPICS.signals, 'BTCUSDT', '{"action":"BUY"}');
    await world.publish(TOPICS.commands, '', 'not json');
    await world.publish(TOPICS.marketData, 'BTCUSDT', 'a price that the predictor tells people of');
    await world.signal({ id: 'old', time: (START - 90_000_000) as typeof START });
    await world.signal({ id: 'good' });
    await untilFlatOr(world, 'TRADE_OPENED');
    await world.until('three dead letters', async () => (await world.records(TOPICS.deadLetter)).length >= 3);
    const letters = (await world.records(TOPICS.deadLetter)).map(({ text }) =>
      decodeDeadLetter(new TextEncoder().encode(text)),
    );
    const topics = letters.map((letter) => (letter.ok ? letter.value.topic : 'not a dead letter'));
    expect(topics.filter((topic) => topic === TOPICS.commands)).toHaveLength(1);
    expect(topics.filter((topic) => topic === TOPICS.signals)).toHaveLength(2);
    expect(topics).toHaveLength(3);
    expect(letters.every((letter) => letter.ok && letter.value.reason.length > 10)).toBe(true);
    await running.stop();
  });

  it('obeys STOP_BOT from the store while the bus is down, within 250 ms', async () => {
    const world = createWorldFixture('EXCHANGE:binance');
    const faults = createBusFaults(createSeededRandom(1));
    const running = await world.start({ bus: faults });
    await world.open('main');
    await untilEvents(world, 1);
    await world.signal({ id: 's1' });
    await untilEvents(world, 2);
    faults.down(true);
    await world.keepCommand({ id: 'stored', action: 'STOP_BOT' }, ['main']);
    await world.clock.advance(BLOCKED_MS_MAX);
    expect((await world.store.readModels.account('main'))?.account.status).not.toBe('RUNNING');
    await world.until(
      'the account is stopped',
      async () => (await world.store.readModels.account('main'))?.account.status === 'STOPPED',
    );
    expect((await world.store.readModels.steps('stored')).map((step) => step.kind)).toContain('FLAT');
    faults.down(false);
    await untilFlatOr(world, 'TRADING_STOPPED');
    await running.stop();
  });

  it('leaves other commands of the store to the bus for a while, so that none overtakes another on it', async () => {
    const world = createWorldFixture('EXCHANGE:binance');
    const running = await world.start();
    await world.open('main');
    await untilEvents(world, 1);
    await world.keepCommand({ id: 'pause', action: 'PAUSE_BOT' }, ['main']);
    await world.clock.advance(BLOCKED_MS_MAX);
    expect((await world.store.readModels.account('main'))?.account.status).toBe('RUNNING');
    await untilEvents(world, 2);
    expect((await world.events()).at(-1)?.type).toBe('TRADING_PAUSED');
    await running.stop();
  });
});

describe('in lock-step', () => {
  /** Ten minutes of two symbols: BUY at minute 2, SELL at minute 7. */
  async function publishMinutes(world: WorldFixture, minutes: readonly number[]): Promise<void> {
    for (const minute of minutes) {
      await world.candle(String(100 + minute), minute, { last: false });
      await world.candle(String(10 + minute), minute, { symbol: 'ETHUSDT' });
    }
  }
  async function predictMinutes(world: WorldFixture, minutes: readonly number[]): Promise<void> {
    for (const minute of minutes) {
      const action = minute === 2 ? 'BUY' : minute === 7 ? 'SELL' : 'HOLD';
      await world.prediction(action, minute, { price: parsePrice(String(100 + minute)) });
      await world.prediction('HOLD', minute, { symbol: 'ETHUSDT', price: parsePrice(String(10 + minute)) });
    }
  }
  const MINUTES = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

  const finished = (world: WorldFixture) =>
    world.until('minute 10 is committed', async () => {
      const progress = await world.store.readModels.progress();
      return progress?.notes.round?.closeAt === START + 600_000 && progress.notes.round.awaiting.length === 0;
    });

  const asText = (events: readonly TradingEvent[]) =>
    JSON.stringify(events, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));

  async function undisturbed(): Promise<string> {
    const world = createWorldFixture('REPLAY:abc');
    await world.open('main');
    await publishMinutes(world, MINUTES);
    await predictMinutes(world, MINUTES);
    const running = await world.start();
    await finished(world);
    await running.stop();
    return asText(await world.events());
  }

  it('gives the same events however prices and predictions interleave', async () => {
    const expected = await undisturbed();
    const world = createWorldFixture('REPLAY:abc');
    const running = await world.start();
    await world.open('main');
    await publishMinutes(world, [1, 2, 3]);
    await world.clock.advance(700);
    await predictMinutes(world, [1]);
    await world.clock.advance(700);
    await predictMinutes(world, [2, 3]);
    for (const minute of MINUTES.slice(3)) {
      await publishMinutes(world, [minute]);
      await world.clock.advance(minute * 37);
      await predictMinutes(world, [minute]);
    }
    await finished(world);
    expect(asText(await world.events())).toBe(expected);
    expect(expected).toContain('TRADE_CLOSED');
    await running.stop();
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('gives the same events when it crashes %i times', async (crashes) => {
    const expected = await undisturbed();
    const world = createWorldFixture('REPLAY:abc');
    await world.open('main');
    let running = await world.start();
    for (const minute of MINUTES) {
      await publishMinutes(world, [minute]);
      if (minute % 2 === 0) await predictMinutes(world, [minute - 1, minute]);
      await world.clock.advance(minute * 61 * crashes);
      if (minute > crashes) continue;
      await running.crash();
      running = await world.start();
    }
    await finished(world);
    expect(asText(await world.events())).toBe(expected);
    await running.stop();
  });

  it.each([
    { kind: 'before' as const, what: 'fail before they take effect' },
    { kind: 'after' as const, what: 'take effect without an answer' },
    { kind: 'full' as const, what: 'find no room' },
  ])('gives the same events when appends $what', async ({ kind }) => {
    const expected = await undisturbed();
    const world = createWorldFixture('REPLAY:abc');
    await world.open('main');
    const faults = faultsOf('journal.append', [{ kind }, null, { kind }, { kind }, { kind }, { kind }, null, { kind }]);
    const running = await world.start({ store: faults });
    for (const minute of MINUTES) {
      await publishMinutes(world, [minute]);
      await predictMinutes(world, [minute]);
      await world.clock.advance(400);
    }
    await finished(world);
    expect(asText(await world.events())).toBe(expected);
    await running.stop();
  });

  it('gives the same events over a bus that repeats, delays and fails', async () => {
    const expected = await undisturbed();
    for (let seed = 1; seed <= 5; seed++) {
      const world = createWorldFixture('REPLAY:abc');
      const rates = { pollFails: 0.2, pollRepeats: 0.3, publishFailsBefore: 0.2, publishFailsAfter: 0.2 };
      const running = await world.start({ bus: createBusFaults(createSeededRandom(seed), rates) });
      await world.open('main');
      await publishMinutes(world, MINUTES);
      await predictMinutes(world, MINUTES);
      await finished(world);
      await world.until('all is published', async () => asText(await world.events()) === expected);
      await running.stop();
    }
  });

  it('gives the same events when every minute is told again later', async () => {
    const expected = await undisturbed();
    const world = createWorldFixture('REPLAY:abc');
    const running = await world.start();
    await world.open('main');
    for (const minute of MINUTES) {
      await publishMinutes(world, [minute]);
      await predictMinutes(world, [minute]);
      await world.clock.advance(400);
      await publishMinutes(world, [Math.max(1, minute - 2), minute]);
    }
    await world.clock.advance(400);
    await finished(world);
    expect(asText(await world.events())).toBe(expected);
    await running.stop();
  });

  it('begins with its first candle, whatever stands before it and whatever is asked meanwhile', async () => {
    const world = createWorldFixture('REPLAY:abc');
    await world.open('main');
    await world.publish(TOPICS.marketData, 'BTCUSDT', 'not a price', 0);
    const running = await world.start();
    await world.clock.advance(1_000);
    expect(await world.events()).toEqual([]);
    await publishMinutes(world, [1]);
    await untilEvents(world, 1);
    expect((await world.events())[0]?.time).toBe(START);
    await running.stop();
  });

  it('keeps nothing of a commit whose outcome it has not learned before it was stopped', async () => {
    const expected = await undisturbed();
    const world = createWorldFixture('REPLAY:abc');
    await world.open('main');
    await publishMinutes(world, MINUTES);
    await predictMinutes(world, MINUTES);
    const down = Array.from({ length: 1_000 }, () => ({ kind: 'before' as const }));
    const first = await world.start({ store: faultsOf('journal.append', [null, null, ...down]) });
    await world.clock.advance(2_000);
    await first.stop();
    const second = await world.start();
    await finished(world);
    expect(asText(await world.events())).toBe(expected);
    await second.stop();
  });

  it('waits once for the predictor’s first signal, then goes on and says so in the journal', async () => {
    const world = createWorldFixture('REPLAY:abc');
    const running = await world.start();
    await world.open('main');
    await publishMinutes(world, [1, 2, 3]);
    await world.until(
      'minute 1 is committed',
      async () => (await world.store.readModels.progress())?.notes.round !== null,
    );
    await world.clock.advance(25_000);
    expect((await world.store.readModels.progress())?.notes.round?.closeAt).toBe(START + 60_000);
    await world.until('minute 3 is committed', async () => {
      const progress = await world.store.readModels.progress();
      return progress?.notes.round?.closeAt === START + 180_000;
    });
    expect(world.clock.now() - START).toBeGreaterThanOrEqual(30_000);
    const progress = await world.store.readModels.progress();
    expect(progress?.notes.firstSignalWaitEndedAt).toBe(START + 60_000);
    await running.stop();
  });

  it('never holds back commands and third parties’ signals', async () => {
    const world = createWorldFixture('REPLAY:abc');
    const running = await world.start();
    await world.open('main');
    await publishMinutes(world, [1, 2]);
    await predictMinutes(world, [1]);
    await untilEvents(world, 1);
    await world.signal({ id: 'third', price: parsePrice('102') });
    await untilFlatOr(world, 'TRADE_OPENED');
    await world.command({ id: 'panic', action: 'STOP_BOT' });
    await untilFlatOr(world, 'TRADING_STOPPED');
    const panic = (await world.events()).filter((event) => event.causedBy === 'panic').flatMap(stepsOf);
    expect(panic.map((step) => step.kind)).toEqual(['ENTRIES_BLOCKED', 'POSITION_CLOSED', 'FLAT', 'STOPPED']);
    await running.stop();
  });
});
