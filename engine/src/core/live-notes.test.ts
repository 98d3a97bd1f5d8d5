import type { Instant } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { createLiveNotes } from './live-notes.js';
import { NO_NOTES } from './state.js';

const candle = (symbol: string, at: number, rest: { closed?: boolean; last?: boolean } = {}) => ({
  symbol,
  at: at as Instant,
  closed: rest.closed ?? true,
  last: rest.last ?? false,
});
const signal = (symbol: string, time: number) => ({ symbol, time: time as Instant });

describe('the lock-step round', () => {
  it('gathers the closed candles of one time, and begins anew with the next', () => {
    const live = createLiveNotes(NO_NOTES);
    live.candleTaken(candle('BTCUSDT', 1_000));
    live.candleTaken(candle('ETHUSDT', 1_000, { closed: false }));
    live.candleTaken(candle('ADAUSDT', 1_000, { last: true }));
    expect(live.read().round).toEqual({ closeAt: 1_000, isComplete: true, awaiting: ['BTCUSDT', 'ADAUSDT'] });
    live.candleTaken(candle('ETHUSDT', 2_000));
    expect(live.read().round).toEqual({ closeAt: 2_000, isComplete: false, awaiting: ['ETHUSDT'] });
  });

  it('waits no more for a symbol whose signal came, unless that is of a time before', () => {
    const live = createLiveNotes(NO_NOTES);
    live.signalTaken(signal('BTCUSDT', 500));
    expect(live.read()).toEqual({ ...NO_NOTES, hasPredictor: true });
    for (const symbol of ['BTCUSDT', 'ETHUSDT', 'BTCUSDT']) live.candleTaken(candle(symbol, 1_000));
    live.signalTaken(signal('BTCUSDT', 999));
    expect(live.read().round?.awaiting).toEqual(['BTCUSDT', 'ETHUSDT', 'BTCUSDT']);
    live.signalTaken(signal('BTCUSDT', 1_000));
    expect(live.read().round?.awaiting).toEqual(['ETHUSDT']);
  });

  it('is told in copies that stay as they are, the same one until something changes', () => {
    const live = createLiveNotes(NO_NOTES);
    live.candleTaken(candle('BTCUSDT', 1_000));
    const before = live.read();
    expect(live.read()).toBe(before);
    live.candleTaken(candle('ETHUSDT', 1_000));
    expect(before.round?.awaiting).toEqual(['BTCUSDT']);
    expect(live.read().round?.awaiting).toEqual(['BTCUSDT', 'ETHUSDT']);
  });

  it('goes on from notes that were written, and a candle after the end of the feed takes the end back', () => {
    const live = createLiveNotes(NO_NOTES);
    const round = { closeAt: 1_000 as Instant, isComplete: true, awaiting: ['BTCUSDT'] };
    live.write({ ...NO_NOTES, feedEndedAt: 1_000 as Instant, round });
    expect(live.read()).toEqual({ ...NO_NOTES, feedEndedAt: 1_000, round });
    live.candleTaken(candle('ETHUSDT', 1_000));
    expect(live.read()).toEqual({
      ...NO_NOTES,
      round: { closeAt: 1_000, isComplete: false, awaiting: ['BTCUSDT', 'ETHUSDT'] },
    });
    live.write(NO_NOTES);
    expect(live.read().round).toBeNull();
  });
});
