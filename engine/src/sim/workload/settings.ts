/** Settings of accounts: of every limit some that bite. */
import type { SettingsPatch } from '@kairos/schema';
import { parseSettingsPatch } from '@kairos/schema';
import type { Draw } from '../draw.js';

export function drawSettings(draw: Draw, symbols: readonly string[]): SettingsPatch {
  const patch: Record<string, unknown> = {};
  const maybe = (name: string, values: readonly unknown[]): void => {
    if (draw.chance(0.35)) patch[name] = draw.pick(values);
  };
  maybe('symbols', [symbols, symbols.slice(0, 1), [symbols.at(-1)]]);
  maybe('minConfidence', [0, 0.6, 0.75, 0.99]);
  maybe('riskPerTrade', ['0.1', '0.5', '1']);
  maybe('commission', ['0', '0.001', '0.05']);
  maybe('slippage', ['0', '0.0005', '0.01']);
  maybe('maxOpenPositions', [1, 2, 10]);
  maybe('stopLoss', [null, '0.001', '0.02']);
  maybe('takeProfit', [null, '0.002', '0.03']);
  maybe('trailingStop', [null, '0.001', '0.015']);
  maybe('cooldownSeconds', [0, 1, 30, 3_600]);
  maybe('dailyLossLimit', [null, '0.0001', '0.01']);
  maybe('maxDrawdown', [null, '0.0005', '0.02']);
  return parseSettingsPatch(patch);
}
