import { describe, expect, it } from 'vitest';
import { command, component, decision, livePnl, signal, step, system, trade } from '../testing/entities.js';
import { backoffMs, isTokenRefused } from './backoff.js';
import { isSettled, openFailures, reduceCommand } from './command.js';
import { CURVE_POINTS_MAX, curveFrom, noCurve, rangeStart, reduceCurve, thin } from './curve.js';
import { dataAgeMs, forgetOrder, isPnlStale, noPnl, reducePnl } from './pnl.js';
import { mergeSignals, noSignals, reduceDecision, reduceSignal, SIGNALS_SHOWN } from './signals.js';
import { engineAlarm, lightsOf, noSystem, reduceSystem } from './system.js';
import { mergeTrades, noTrades, reduceTrade, TRADES_SHOWN } from './trades.js';

const at = (seconds: number): string => new Date(Date.parse('2024-08-05T12:00:00Z') + seconds * 1_000).toISOString();

describe('live figures: the newest frame wins', () => {
  const shown = reducePnl(noPnl, livePnl({ seq: 5, sentAt: at(10) }), 0);

  it.each([
    ['an older event', { seq: 4, sentAt: at(11) }, false],
    ['the same event, sent earlier', { seq: 5, sentAt: at(9) }, false],
    ['the same event, sent later', { seq: 5, sentAt: at(11) }, true],
    ['a newer event, though sent earlier by another clock', { seq: 6, sentAt: at(9) }, true],
  ])('%s', (_, frame, isTaken) => {
    expect(reducePnl(shown, livePnl(frame), 1) !== shown).toBe(isTaken);
  });

  it('after the books began anew the next frame is taken whatever its number', () => {
    const anew = forgetOrder(shown);
    expect(anew.frame).toBe(shown.frame);
    expect(reducePnl(anew, livePnl({ seq: 1, sentAt: at(0) }), 1).frame?.seq).toBe(1);
  });

  it('ages with the time that passes here, whatever the clocks say', () => {
    const state = reducePnl(noPnl, livePnl({ priceAgeMs: 400 }), 1_000);
    expect(dataAgeMs(state, 3_500)).toBe(2_900);
  });

  it.each([
    ['young and connected', 400, 2_000, true, false],
    ['a price older than 5 s', 5_100, 1_000, true, true],
    ['no frame for more than 5 s', 0, 7_000, true, true],
    ['not connected', 0, 1_000, false, true],
  ])('%s', (_, priceAgeMs, now, isConnected, isStale) => {
    const state = reducePnl(noPnl, livePnl({ priceAgeMs }), 1_000);
    expect(isPnlStale(state, now, isConnected)).toBe(isStale);
  });
});

describe('trades: facts in order of seq, each once', () => {
  it('a fact already taken changes nothing', () => {
    const state = reduceTrade(noTrades(1), trade({ seq: 2 }));
    expect(reduceTrade(state, trade({ seq: 2 }))).toBe(state);
    expect(reduceTrade(state, trade({ seq: 1 }))).toBe(state);
  });

  it('a later fact about a trade replaces it', () => {
    const opened = reduceTrade(noTrades(1), trade({ seq: 2 }));
    const closed = reduceTrade(opened, trade({ seq: 3, status: 'CLOSED', pnl: '19.04750256' }));
    expect(closed.trades).toHaveLength(1);
    expect(closed.trades[0]?.status).toBe('CLOSED');
    expect(closed.seq).toBe(3);
  });

  it('a query that is ahead of the stream is not taken back by it', () => {
    const asked = mergeTrades(noTrades(1), [trade({ seq: 3, status: 'CLOSED' })]);
    const after = reduceTrade(asked, trade({ seq: 2, status: 'OPEN' }));
    expect(after.trades[0]?.status).toBe('CLOSED');
    expect(after.seq).toBe(2);
  });

  it('a query that is behind the stream does not take it back', () => {
    const pushed = reduceTrade(noTrades(1), trade({ seq: 3, status: 'CLOSED' }));
    const merged = mergeTrades(pushed, [trade({ seq: 2, status: 'OPEN' })]);
    expect(merged.trades[0]?.status).toBe('CLOSED');
    expect(merged.seq).toBe(3);
  });

  it('the newest are kept, newest entry first', () => {
    const many = Array.from({ length: 30 }, (_, i) => trade({ id: `t${i}`, seq: i + 2, entryTime: at(i) }));
    const state = many.reduce(reduceTrade, noTrades(1));
    expect(state.trades).toHaveLength(TRADES_SHOWN);
    expect(state.trades.map((one) => one.id).slice(0, 2)).toEqual(['t29', 't28']);
  });
});

describe('signals: each with what became of it', () => {
  it('a decision completes its signal', () => {
    const published = reduceSignal(noSignals(2), signal());
    expect(published.rows[0]?.decision).toBeNull();
    const decided = reduceDecision(published, decision());
    expect(decided.rows).toHaveLength(1);
    expect(decided.rows[0]?.decision?.reason).toBe('LOW_CONFIDENCE');
  });

  it('in either order', () => {
    const decided = reduceDecision(noSignals(2), decision());
    expect(reduceSignal(decided, signal())).toBe(decided);
  });

  it('a repeated decision changes nothing', () => {
    const state = reduceDecision(noSignals(2), decision({ seq: 3 }));
    expect(reduceDecision(state, decision({ seq: 3 }))).toBe(state);
  });

  it('HOLD is an opinion, not a row', () => {
    const state = reduceSignal(noSignals(2), signal({ action: 'HOLD' }));
    expect(state.rows).toEqual([]);
    expect(state.latest['BTCUSDT']?.action).toBe('HOLD');
  });

  it('an older signal does not take back the newest opinion', () => {
    const state = reduceSignal(noSignals(2), signal({ id: 'new', time: at(60) }));
    expect(reduceSignal(state, signal({ id: 'old', action: 'HOLD', time: at(0) }))).toBe(state);
  });

  it('a flood keeps the newest only', () => {
    const flood = Array.from({ length: 500 }, (_, i) => signal({ id: `s${i}`, time: at(i) }));
    const state = flood.reduce(reduceSignal, noSignals(2));
    expect(state.rows).toHaveLength(SIGNALS_SHOWN);
    expect(state.rows[0]?.signal.id).toBe('s499');
  });

  it('a query fills in without moving the stream', () => {
    const state = mergeSignals(noSignals(7), [signal({ id: 's2', time: at(5) })], [decision()]);
    expect(state.rows.map((row) => [row.signal.id, row.decision?.outcome])).toEqual([
      ['s2', undefined],
      ['s1', 'DENIED'],
    ]);
    expect(state.seq).toBe(7);
  });
});

describe('the equity curve', () => {
  const point = (seconds: number, equity: string, drawdownPercent = 0) => ({
    time: at(seconds),
    equity,
    balance: equity,
    drawdownPercent,
  });

  it('is carried on by later figures with the drawdown from the peak', () => {
    const state = reduceCurve(curveFrom([point(0, '5000'), point(60, '5100')]), { time: at(120), equity: '4998' });
    expect(state.points).toHaveLength(3);
    expect(state.points[2]?.drawdown).toBeCloseTo(2, 6);
  });

  it('knows a peak that lies before its first point', () => {
    const state = reduceCurve(curveFrom([point(0, '4500', 10)]), { time: at(60), equity: '4750' });
    expect(state.points[1]?.drawdown).toBeCloseTo(5, 6);
  });

  it.each([
    ['an earlier figure', 30, '4000'],
    ['the same figure again', 60, '5100'],
  ])('%s changes nothing', (_, seconds, equity) => {
    const state = curveFrom([point(0, '5000'), point(60, '5100')]);
    expect(reduceCurve(state, { time: at(seconds), equity })).toBe(state);
  });

  it('stays bounded however long it grows, and keeps its extremes', () => {
    let state = noCurve;
    for (let i = 0; i < 5_000; i += 1) {
      const equity = i === 700 ? '9000' : i === 900 ? '1000' : String(5_000 + (i % 7));
      state = reduceCurve(state, { time: at(i), equity });
    }
    const equities = state.points.map((one) => one.equity);
    expect(state.points.length).toBeLessThanOrEqual(CURVE_POINTS_MAX);
    expect(Math.max(...equities)).toBe(9_000);
    expect(Math.min(...equities)).toBe(1_000);
    expect(state.points.at(-1)?.time).toBe(Date.parse(at(4_999)));
  });

  it('thinning keeps order and ends', () => {
    const points = curveFrom(Array.from({ length: 100 }, (_, i) => point(i, String(i % 13)))).points;
    const thinned = thin(points, 40);
    expect(thinned.length).toBeLessThanOrEqual(40);
    expect([thinned[0], thinned.at(-1)]).toEqual([points[0], points[99]]);
    expect([...thinned].sort((a, b) => a.time - b.time)).toEqual(thinned);
  });

  it('stretches count back from market time', () => {
    expect(rangeStart('1D', Date.parse(at(0)))).toBe('2024-08-04T12:00:00.000Z');
    expect(rangeStart('All', Date.parse(at(0)))).toBeNull();
  });
});

describe('a command is never taken back', () => {
  const blocked = command({ status: 'RUNNING', steps: [step('ENTRIES_BLOCKED')] });
  it.each([
    ['fewer steps', command({ status: 'SENT' }), blocked],
    ['more steps', command({ status: 'DONE', steps: [step('ENTRIES_BLOCKED'), step('FLAT')] }), null],
    ['the same steps, further on', { ...blocked, status: 'DONE' as const }, null],
  ])('%s', (_, seen, expected) => {
    expect(reduceCommand(blocked, seen)).toBe(expected ?? seen);
  });

  it.each([
    ['SENT', false],
    ['STORED', false],
    ['RUNNING', false],
    ['PARTIAL', false],
    ['DONE', true],
    ['REFUSED', true],
    ['EXPIRED', true],
  ] as const)('%s is settled: %s', (status, expected) => {
    expect(isSettled(command({ status }))).toBe(expected);
  });

  it('a failed close counts until the same trade is closed', () => {
    const failed = step('CLOSE_FAILED', { tradeId: 't1' });
    expect(openFailures(command({ steps: [failed] }))).toEqual([failed]);
    const steps = [failed, step('POSITION_CLOSED', { tradeId: 't1' })];
    expect(openFailures(command({ steps }))).toEqual([]);
  });
});

describe('lights', () => {
  const pnl = reducePnl(noPnl, livePnl({ priceAgeMs: 400 }), 1_000);
  const of = (over: Partial<Parameters<typeof lightsOf>[0]>) =>
    Object.fromEntries(
      lightsOf({
        system: reduceSystem(noSystem, system(), 1_000),
        pnl,
        now: 1_500,
        isConnected: true,
        ...over,
      }).map((light) => [light.name, light.state]),
    );
  const withDown = (...names: string[]) =>
    reduceSystem(
      noSystem,
      system({ components: system().components.map((one) => ({ ...one, healthy: !names.includes(one.name) })) }),
      1_000,
    );

  it('before the first answer nothing is green', () => {
    expect(of({ system: noSystem, pnl: noPnl })).toEqual({
      engine: 'unknown',
      prices: 'unknown',
      bus: 'unknown',
      store: 'unknown',
    });
  });

  it('all well', () => expect(new Set(Object.values(of({})))).toEqual(new Set(['good'])));
  it('a dead trader', () => expect(of({ system: withDown('trader') }).engine).toBe('bad'));
  it('a dead predictor alone', () => expect(of({ system: withDown('predictor') }).engine).toBe('warn'));
  it('a dead feed', () => expect(of({ system: withDown('feed') }).prices).toBe('bad'));
  it('a dead store', () => expect(of({ system: withDown('store') }).store).toBe('bad'));
  it('prices older than 5 s', () => expect(of({ now: 5_700 }).prices).toBe('warn'));
  it('disconnected: nothing is known', () => expect(of({ isConnected: false }).store).toBe('unknown'));
  it('an API that fell silent: nothing is known', () => expect(of({ now: 6_100 }).engine).toBe('unknown'));
  it('a part that nobody told of is not known', () => {
    const state = reduceSystem(noSystem, system({ components: [component('bus')] }), 1_000);
    expect(of({ system: state })).toMatchObject({ engine: 'unknown', bus: 'good', store: 'unknown' });
  });

  it('the page says when the trader is gone, and only then', () => {
    expect(engineAlarm(null)).toBeNull();
    expect(engineAlarm(system())).toBeNull();
    expect(engineAlarm(withDown('trader').frame)?.title).toContain('not answering');
  });
});

describe('trying again', () => {
  it.each([
    [0, 1, 500],
    [0, 0, 250],
    [3, 1, 4_000],
    [9, 1, 15_000],
    [5_000, 1, 15_000],
  ])('attempt %d with chance %d waits %d ms', (attempt, random, ms) => {
    expect(backoffMs(attempt, random)).toBe(ms);
  });

  it.each([
    [4403, true],
    [1006, false],
    [1013, false],
  ])('a close with %d is about the token: %s', (code, expected) => {
    expect(isTokenRefused(code)).toBe(expected);
  });
});
