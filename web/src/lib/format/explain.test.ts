import { describe, expect, it } from 'vitest';
import { decision, signal, step } from '../testing/entities.js';
import { explainBlock, explainDecision, explainStep, explainTrade } from './explain.js';

describe('a denial says what was compared with which limit', () => {
  it.each([
    [{ reason: 'LOW_CONFIDENCE', observed: '0.71', limit: '0.75' }, 'Denied: confidence 71 % is under your 75 %'],
    [{ reason: 'LOW_CONFIDENCE', observed: '0.748', limit: '0.75' }, 'Denied: confidence 74.8 % is under your 75.0 %'],
    [{ reason: 'STALE', observed: '185', limit: '120' }, 'Denied: the signal was 3 m 5 s old, more than 2 m 0 s'],
    [
      { reason: 'COOLDOWN', observed: '60', limit: '600' },
      'Denied: cooling down: the last loss was 1 m 0 s ago, you wait 10 m 0 s',
    ],
    [{ reason: 'MAX_OPEN_POSITIONS', observed: '10', limit: '10' }, 'Denied: 10 positions are open, your most is 10'],
    [{ reason: 'NO_POSITION', observed: null, limit: null }, 'Denied: nothing is open in BTCUSDT'],
    [{ reason: 'ALREADY_IN_POSITION', observed: null, limit: null }, 'Denied: already in position in BTCUSDT'],
    [{ reason: 'TRADING_STOPPED', observed: null, limit: null }, 'Denied: trading is stopped'],
    [{ reason: 'DRAWDOWN_LIMIT', observed: null, limit: null }, 'Denied: drawdown is past your limit'],
  ] as const)('%o', (told, words) => {
    expect(explainDecision(decision(told))).toBe(words);
  });
});

it.each(['OPENED', 'CLOSED'] as const)('%s is said in one word', (outcome) => {
  const words = explainDecision(decision({ outcome, reason: null, observed: null, limit: null, signal: signal() }));
  expect(words.toUpperCase()).toBe(outcome);
});

it('a block names its symbol', () => {
  expect(explainBlock({ symbol: 'BTCUSDT', reason: 'COOLDOWN', until: null })).toBe(
    'BTCUSDT: cooling down after a loss',
  );
  expect(explainBlock({ symbol: null, reason: 'TRADING_PAUSED', until: null })).toBe('trading is paused');
});

it('a closed trade says what closed it', () => {
  expect(explainTrade({ status: 'OPEN', exitReason: null })).toBe('Open');
  expect(explainTrade({ status: 'CLOSED', exitReason: 'STOP_LOSS' })).toBe('Closed · stop loss');
});

it('steps name symbol, price and failure', () => {
  expect(explainStep(step('POSITION_CLOSED', { symbol: 'BTCUSDT' }), '68,500')).toBe('BTCUSDT closed at 68,500');
  expect(explainStep(step('CLOSE_FAILED', { symbol: 'BTCUSDT', error: 'no answer' }), '–')).toBe(
    'BTCUSDT could not be closed: no answer. Trying again',
  );
});
