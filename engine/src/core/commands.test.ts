/** Each command ends in exactly one last event per account, refusals included, and is obeyed once. */
import type { Instant, TradingEvent, TradingStatus } from '@kairos/schema';
import { commandStatus, parseSettingsPatch, stepsOf } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { Scenario } from './scenario.fixture.js';
import { scenario } from './scenario.fixture.js';

const types = (events: readonly TradingEvent[]) => events.map((event) => event.type);
const bring = (world: Scenario, status: TradingStatus) => {
  if (status === 'PAUSED') world.command({ action: 'PAUSE_BOT' });
  if (status === 'STOPPED') world.command({ action: 'STOP_BOT' });
};

const TRANSITIONS = [
  { from: 'RUNNING', action: 'PAUSE_BOT', events: ['TRADING_PAUSED'], to: 'PAUSED' },
  { from: 'PAUSED', action: 'PAUSE_BOT', events: ['TRADING_PAUSED'], to: 'PAUSED' },
  { from: 'STOPPED', action: 'PAUSE_BOT', events: ['COMMAND_REFUSED'], to: 'STOPPED' },
  { from: 'RUNNING', action: 'RESUME_BOT', events: ['TRADING_RESUMED'], to: 'RUNNING' },
  { from: 'PAUSED', action: 'RESUME_BOT', events: ['TRADING_RESUMED'], to: 'RUNNING' },
  { from: 'STOPPED', action: 'RESUME_BOT', events: ['TRADING_RESUMED'], to: 'RUNNING' },
  { from: 'RUNNING', action: 'STOP_BOT', events: ['TRADING_STOPPING', 'TRADING_STOPPED'], to: 'STOPPED' },
  { from: 'PAUSED', action: 'STOP_BOT', events: ['TRADING_STOPPING', 'TRADING_STOPPED'], to: 'STOPPED' },
  { from: 'STOPPED', action: 'STOP_BOT', events: ['TRADING_STOPPED'], to: 'STOPPED' },
] as const;

describe('the life cycle', () => {
  it.each(TRANSITIONS)('$from on $action gives $events and is $to', ({ from, action, events, to }) => {
    const world = scenario();
    bring(world, from);
    expect(types(world.wait(1).command({ action, accountId: 'main' }))).toEqual(events);
    expect(world.account().account.status).toBe(to);
  });
});

describe('STOP_BOT', () => {
  it('blocks entries first, then closes every position once, then is flat', () => {
    const world = scenario();
    world.buy('100', { symbol: 'BTCUSDT' });
    world.buy('10', { symbol: 'ETHUSDT' });
    const events = world.wait(5).command({ id: 'panic', action: 'STOP_BOT', reason: 'enough' });
    expect(types(events)).toEqual(['TRADING_STOPPING', 'TRADE_CLOSED', 'TRADE_CLOSED', 'TRADING_STOPPED']);
    expect(events.every((event) => event.causedBy === 'panic')).toBe(true);
    expect(events[1]?.trade).toMatchObject({ exitReason: 'PANIC', exitCommandId: 'panic', exitSignalId: null });
    expect(world.account().account).toMatchObject({
      status: 'STOPPED',
      statusChangedBy: 'alice',
      statusReason: 'enough',
      statusChangedAt: world.now(),
      openTrades: 0,
    });
    const steps = events.flatMap(stepsOf);
    expect(steps.map((step) => step.kind)).toEqual([
      'ENTRIES_BLOCKED',
      'POSITION_CLOSED',
      'POSITION_CLOSED',
      'FLAT',
      'STOPPED',
    ]);
    expect(steps[1]).toMatchObject({ symbol: 'BTCUSDT', price: 100n * 10n ** 12n });
    const progress = { action: 'STOP_BOT' as const, accountIds: ['main'], isPublished: true };
    expect(commandStatus({ ...progress, steps: steps.slice(0, 2) })).toBe('RUNNING');
    expect(commandStatus({ ...progress, steps })).toBe('DONE');
  });

  it('is obeyed once per id, and stays obeyed', () => {
    const world = scenario();
    world.command({ id: 'panic', action: 'STOP_BOT' });
    expect(world.command({ id: 'panic', action: 'STOP_BOT' })).toEqual([]);
  });

  it('without an account stops every account that exists', () => {
    const world = scenario();
    world.open('second');
    world.command({ action: 'STOP_BOT' });
    expect([world.account().account.status, world.account('second').account.status]).toEqual(['STOPPED', 'STOPPED']);
  });

  it('is obeyed however old it is', () => {
    const world = scenario();
    world.wait(100_000);
    const time = (world.now() - 99_000_000) as Instant;
    world.command({ action: 'STOP_BOT', time });
    expect(world.account().account.status).toBe('STOPPED');
  });

  it.each(['opened', 'resumed'])('issued before the account was %s does not concern it', (what) => {
    const world = scenario();
    const time = (world.now() + (what === 'opened' ? -1 : 1_000)) as Instant;
    if (what === 'resumed') {
      world.command({ action: 'STOP_BOT' });
      world.wait(2).command({ action: 'RESUME_BOT' });
    }
    expect(types(world.command({ action: 'STOP_BOT', time }))).toEqual(['COMMAND_REFUSED']);
    expect(world.account().account.status).toBe('RUNNING');
  });
});

describe('RESUME_BOT', () => {
  it('issued before the STOP_BOT that stopped the account, and read after it, resumes nothing', () => {
    const world = scenario();
    const time = world.now();
    world.wait(1).command({ action: 'STOP_BOT' });
    const [event] = world.wait(1).command({ action: 'RESUME_BOT', time });
    expect(event).toMatchObject({ type: 'COMMAND_REFUSED', step: { refusal: 'NOT_ALLOWED' } });
    expect(world.account().account.status).toBe('STOPPED');
    expect(types(world.command({ action: 'RESUME_BOT' }))).toEqual(['TRADING_RESUMED']);
  });

  it('issued before a STOP_BOT that did not find it RUNNING any more is refused as well', () => {
    const world = scenario();
    world.command({ action: 'STOP_BOT' });
    const time = world.wait(1).now();
    world.wait(1).command({ action: 'STOP_BOT' });
    expect(types(world.command({ action: 'RESUME_BOT', time }))).toEqual(['COMMAND_REFUSED']);
  });
});

describe('a clock that is ahead', () => {
  const HOUR_MS = 3_600_000;

  it('of whoever resumed does not keep later STOP_BOTs from being obeyed', () => {
    const world = scenario();
    world.command({ action: 'RESUME_BOT', time: (world.now() + HOUR_MS) as Instant });
    world.wait(1).command({ action: 'STOP_BOT' });
    expect(world.account().account.status).toBe('STOPPED');
  });

  it('of whoever stopped does not keep a later RESUME_BOT from being obeyed', () => {
    const world = scenario();
    world.command({ action: 'STOP_BOT', time: (world.now() + HOUR_MS) as Instant });
    world.wait(1).command({ action: 'RESUME_BOT' });
    expect(world.account().account.status).toBe('RUNNING');
  });
});

describe('a refused command', () => {
  it.each(['PAUSE_BOT', 'RESUME_BOT', 'UPDATE_SETTINGS', 'CLOSE_POSITION'] as const)(
    '%s is refused for its age after COMMAND_MAX_AGE_SECONDS',
    (action) => {
      const world = scenario();
      world.buy();
      const tradeId = [...world.account().openTrades.values()][0]?.id ?? null;
      const settings = parseSettingsPatch({ minConfidence: 0.1 });
      const time = (world.now() - 300_001) as Instant;
      const [event] = world.command({ action, accountId: 'main', tradeId, settings, time });
      expect(event).toMatchObject({ type: 'COMMAND_REFUSED', step: { kind: 'REFUSED', refusal: 'EXPIRED' } });
    },
  );

  it('is refused unsigned where signatures are asked for, but STOP_BOT is not', () => {
    const world = scenario({ rules: { requiresSignature: true } });
    expect(world.command({ id: 'c', action: 'PAUSE_BOT' })[0]?.step).toMatchObject({ refusal: 'NOT_SIGNED' });
    expect(types(world.command({ id: 'c', action: 'PAUSE_BOT' }, true))).toEqual(['TRADING_PAUSED']);
    expect(types(world.command({ action: 'STOP_BOT' }))).toContain('TRADING_STOPPED');
  });

  it('goes to the dead letter when its account does not exist', () => {
    const result = scenario().commandStep({ id: 'lost', action: 'PAUSE_BOT', accountId: 'nobody' });
    expect(result.events).toEqual([]);
    expect(result.invalid).toContain('nobody');
    expect(result.command?.step).toMatchObject({ kind: 'REFUSED', refusal: 'NOT_FOUND', accountId: 'nobody' });
  });
});

describe('OPEN_ACCOUNT', () => {
  it('starts the books with the defaults and never grows old', () => {
    const world = scenario();
    const account = { name: 'New', mode: 'PAPER' as const, initialBalance: world.account().account.cash, userId: 'u' };
    const time = (world.now() - 86_400_000) as Instant;
    const events = world.command({ action: 'OPEN_ACCOUNT', accountId: 'new', account, time });
    expect(events[0]).toMatchObject({ id: 'new:1', seq: 1, type: 'ACCOUNT_OPENED' });
    expect(events[0]?.account).toMatchObject({ userId: 'u', quoteCurrency: 'USDT', status: 'RUNNING', seq: 1 });
  });

  it('again with the same id does nothing; with another id it goes to the dead letter', () => {
    const world = scenario();
    expect(world.commandStep({ id: 'open-main', action: 'OPEN_ACCOUNT', ...opening(world) }).invalid).toBeNull();
    expect(world.commandStep({ id: 'other', action: 'OPEN_ACCOUNT', ...opening(world) }).invalid).toContain('exists');
  });

  it('of a LIVE account is refused while the broker is paper', () => {
    const world = scenario();
    const live = opening(world, 'live', 'LIVE');
    expect(world.commandStep({ action: 'OPEN_ACCOUNT', ...live }).invalid).toContain('PAPER');
  });
});

function opening(world: Scenario, accountId = 'main', mode: 'PAPER' | 'LIVE' = 'PAPER') {
  return {
    accountId,
    account: { name: 'x', mode, initialBalance: world.account().account.cash, userId: 'user-1' },
  };
}

describe('CLOSE_POSITION', () => {
  it('closes that position by hand', () => {
    const world = scenario();
    const [opened] = world.buy();
    const [closed] = world.command({ id: 'hand', action: 'CLOSE_POSITION', tradeId: opened?.trade?.id ?? null });
    expect(closed).toMatchObject({ type: 'TRADE_CLOSED', trade: { exitReason: 'MANUAL', exitCommandId: 'hand' } });
  });

  it('of a trade that is not open is refused', () => {
    const world = scenario();
    const [refused] = world.command({ action: 'CLOSE_POSITION', accountId: 'main', tradeId: 'main:BTCUSDT:none' });
    expect(refused?.step).toMatchObject({ kind: 'REFUSED', refusal: 'NOT_FOUND', tradeId: 'main:BTCUSDT:none' });
  });
});

describe('UPDATE_SETTINGS', () => {
  it('changes what it names and takes effect at the next input', () => {
    const world = scenario();
    const settings = parseSettingsPatch({ minConfidence: 0.9, stopLoss: '0.05' });
    expect(types(world.command({ action: 'UPDATE_SETTINGS', settings }))).toEqual(['SETTINGS_UPDATED']);
    expect(world.account().account.settings).toMatchObject({ minConfidence: 0.9, maxOpenPositions: 10 });
    expect(world.buy('100', { confidence: 0.8 })[0]?.decision?.reason).toBe('LOW_CONFIDENCE');
    expect(world.buy('100', { confidence: 0.9 })[0]?.trade?.stopLossPrice).toBe(95n * 10n ** 12n);
  });
});
