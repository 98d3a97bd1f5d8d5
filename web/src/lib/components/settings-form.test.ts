import { describe, expect, it } from 'vitest';
import { account } from '../testing/entities.js';
import type { Texts } from './settings-form.js';
import { readForm, textsOf } from './settings-form.js';

const { settings } = account();
const typed = (texts: Partial<Texts>) => readForm({ ...textsOf(settings), ...texts }, settings);

it('rates are shown in percent, exactly', () => {
  expect(textsOf(settings)).toMatchObject({
    symbols: 'BTCUSDT, ETHUSDT',
    minConfidence: '75',
    commission: '0.1',
    takeProfit: '4',
    stopLoss: '',
    maxOpenPositions: '10',
  });
});

it('untouched, nothing is sent', () => expect(typed({})).toEqual({ changes: {}, problems: {} }));

describe('only what differs is sent, as the API takes it', () => {
  it.each([
    [{ minConfidence: '80' }, { minConfidence: 0.8 }],
    [{ commission: '0.075' }, { commission: '0.00075' }],
    [{ stopLoss: '2,5' }, { stopLoss: '0.025' }],
    [{ takeProfit: '' }, { takeProfit: null }],
    [{ maxOpenPositions: '3' }, { maxOpenPositions: 3 }],
    [{ symbols: 'btcusdt; solusdt' }, { symbols: ['BTCUSDT', 'SOLUSDT'] }],
  ])('%o', (texts, changes) => {
    expect(typed(texts)).toEqual({ changes, problems: {} });
  });
});

describe('what cannot be is said beside the field and not sent', () => {
  it.each([
    ['minConfidence', '101'],
    ['minConfidence', ''],
    ['riskPerTrade', '0'],
    ['commission', '100'],
    ['stopLoss', '100'],
    ['stopLoss', 'two'],
    ['takeProfit', '0'],
    ['maxOpenPositions', '1.5'],
    ['cooldownSeconds', '-1'],
    ['symbols', 'BTC/USDT'],
    ['symbols', ' '],
  ] as const)('%s: %s', (name, text) => {
    const { changes, problems } = typed({ [name]: text });
    expect(changes).toEqual({});
    expect(problems[name]).toBeTruthy();
  });
});
