import { describe, expect, it } from 'vitest';
import { accountMessage } from '../../fixtures/index.js';
import type { AccountSettings } from './settings.js';
import { parseSettingsPatch, SETTING_NAMES, settingsToJson, withSettings } from './settings.js';

const whole = parseSettingsPatch(accountMessage.settings) as AccountSettings;

it('reads every setting, and writes what it read', () => {
  expect(Object.keys(whole).sort()).toEqual([...SETTING_NAMES].sort());
  expect(settingsToJson(whole)).toEqual(accountMessage.settings);
});

it.each([
  ['symbols', ['BTCUSDT', 'ETHUSDT']],
  ['minConfidence', 0],
  ['minConfidence', 1],
  ['riskPerTrade', '1'],
  ['commission', '0'],
  ['slippage', 0.001],
  ['maxOpenPositions', 1],
  ['stopLoss', '0.02'],
  ['takeProfit', '1.5'],
  ['trailingStop', null],
  ['cooldownSeconds', 0],
  ['dailyLossLimit', '0.05'],
  ['maxDrawdown', null],
])('%s may be %j', (name, value) => {
  expect(settingsToJson(parseSettingsPatch({ [name]: value }))).toEqual({
    [name]: typeof value === 'number' && name === 'slippage' ? String(value) : value,
  });
});

it.each([
  ['symbols', []],
  ['symbols', 'BTCUSDT'],
  ['symbols', ['btc']],
  ['symbols', Array.from({ length: 201 }, (_, i) => `COIN${i}`)],
  ['minConfidence', 1.1],
  ['minConfidence', '0.5'],
  ['minConfidence', NaN],
  ['minConfidence', null],
  ['riskPerTrade', '0'],
  ['riskPerTrade', '1.00000001'],
  ['riskPerTrade', null],
  ['commission', '1'],
  ['commission', '-0.001'],
  ['slippage', '1'],
  ['maxOpenPositions', 0],
  ['maxOpenPositions', 1.5],
  ['maxOpenPositions', 1_001],
  ['stopLoss', '0'],
  ['stopLoss', '1'],
  ['takeProfit', '0'],
  ['trailingStop', '1'],
  ['cooldownSeconds', -1],
  ['cooldownSeconds', 1e12],
  ['dailyLossLimit', '0'],
  ['maxDrawdown', {}],
])('%s may not be %j, and the message names it', (name, value) => {
  expect(() => parseSettingsPatch({ [name]: value })).toThrow(new RegExp(`^${name}: expected `));
});

describe('a change', () => {
  it('names every wrong setting together', () => {
    expect(() => parseSettingsPatch({ minConfidence: 2, stopLoss: '5', maxDrawdown: null })).toThrow(
      'minConfidence: expected a number from 0 to 1, found 2; ' +
        'stopLoss: expected a fraction above 0 and below 1, or null for off, found "5"',
    );
  });

  it('leaves alone what it leaves out, and switches off what it says is null', () => {
    const withStop = withSettings(whole, parseSettingsPatch({ stopLoss: '0.02' }));
    const changed = withSettings(withStop, parseSettingsPatch({ stopLoss: null, minConfidence: 0.5 }));
    expect(changed).toEqual({ ...whole, minConfidence: 0.5 });
  });

  it('ignores names that nobody knows', () => {
    expect(parseSettingsPatch({ leverage: 10 })).toEqual({});
  });

  it('counts a symbol once', () => {
    expect(parseSettingsPatch({ symbols: ['BTCUSDT', 'BTCUSDT'] })).toEqual({ symbols: ['BTCUSDT'] });
  });

  it.each([null, 'all', 5, []])('is an object, not %j', (input) => {
    expect(() => parseSettingsPatch(input)).toThrow('expected settings');
  });
});
