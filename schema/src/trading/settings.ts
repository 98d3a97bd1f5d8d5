import { parseSymbol } from '../market/symbol.js';
import type { Rate } from '../value/decimal.js';
import { formatRate, ONE_RATE, parseRate } from '../value/decimal.js';
import { ValueError } from '../value/errors.js';

/** How an account trades. Rates are fractions. */
export interface AccountSettings {
  readonly symbols: readonly string[];
  /** 0..1; a signal below it is denied. */
  readonly minConfidence: number;
  /** Share of free cash put into one trade, above 0 to 1. */
  readonly riskPerTrade: Rate;
  /** Fee per side, 0 to below 1. */
  readonly commission: Rate;
  /** Share of the price lost on every fill, 0 to below 1. */
  readonly slippage: Rate;
  readonly maxOpenPositions: number;
  /** Fractions of the entry price; null = off. */
  readonly stopLoss: Rate | null;
  readonly takeProfit: Rate | null;
  readonly trailingStop: Rate | null;
  /** No re-entry into a symbol for this long after a losing exit. */
  readonly cooldownSeconds: number;
  /** No new position once the UTC day's realized loss passes this fraction of the day's opening equity; null = off. */
  readonly dailyLossLimit: Rate | null;
  /** No new position once equity is this fraction below its peak; null = off. */
  readonly maxDrawdown: Rate | null;
}

/** Settings to change: left out = unchanged, null = off. */
export type SettingsPatch = { readonly [K in keyof AccountSettings]?: AccountSettings[K] };

export const SYMBOLS_MAX = 200;
export const MAX_OPEN_POSITIONS_MAX = 1_000;
export const COOLDOWN_SECONDS_MAX = 30 * 86_400;

type Reader<K extends keyof AccountSettings> = (input: unknown) => AccountSettings[K];

const READERS: { readonly [K in keyof AccountSettings]: Reader<K> } = {
  symbols: readSymbols,
  minConfidence: (input) => readNumber(input, 0, 1),
  riskPerTrade: (input) => readRate(input, 'a share above 0 and at most 1', (rate) => rate > 0n && rate <= ONE_RATE),
  commission: (input) => readRate(input, 'a fraction from 0 to below 1', isFraction),
  slippage: (input) => readRate(input, 'a fraction from 0 to below 1', isFraction),
  maxOpenPositions: (input) => readInteger(input, 1, MAX_OPEN_POSITIONS_MAX),
  stopLoss: (input) => readLimit(input),
  takeProfit: (input) => (input === null ? null : readRate(input, 'a fraction above 0', (rate) => rate > 0n)),
  trailingStop: (input) => readLimit(input),
  cooldownSeconds: (input) => readInteger(input, 0, COOLDOWN_SECONDS_MAX),
  dailyLossLimit: (input) => readLimit(input),
  maxDrawdown: (input) => readLimit(input),
};

export const SETTING_NAMES = Object.keys(READERS) as (keyof AccountSettings)[];

/**
 * Reads the settings that an object carries; unknown names are ignored, as in every message.
 *
 * @throws ValueError that names each wrong setting and what it may be.
 */
export function parseSettingsPatch(input: unknown): SettingsPatch {
  if (typeof input !== 'object' || input === null || Array.isArray(input)) throw new ValueError('settings', input);
  const patch: Record<string, unknown> = {};
  const wrong: string[] = [];
  for (const name of SETTING_NAMES) {
    const value = (input as Record<string, unknown>)[name];
    if (value === undefined) continue;
    try {
      patch[name] = READERS[name](value);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      wrong.push(`${name}: ${error.message}`);
    }
  }
  if (wrong.length > 0) throw new SettingsError(wrong);
  return patch as SettingsPatch;
}

/** Settings that are not what they may be; the message names each one. */
export class SettingsError extends ValueError {
  constructor(readonly wrong: readonly string[]) {
    super('settings within their limits', undefined);
    this.message = wrong.join('; ');
  }
}

/** The whole settings after a change. */
export const withSettings = (settings: AccountSettings, patch: SettingsPatch): AccountSettings => ({
  ...settings,
  ...patch,
});

/** Settings as JSON: rates as decimal strings. */
export function settingsToJson(settings: SettingsPatch): Record<string, unknown> {
  const json: Record<string, unknown> = {};
  for (const name of SETTING_NAMES) {
    const value = settings[name];
    if (value !== undefined) json[name] = typeof value === 'bigint' ? formatRate(value) : value;
  }
  return json;
}

const isFraction = (rate: Rate): boolean => rate >= 0n && rate < ONE_RATE;

function readLimit(input: unknown): Rate | null {
  if (input === null) return null;
  return readRate(input, 'a fraction above 0 and below 1, or null for off', (rate) => rate > 0n && rate < ONE_RATE);
}

function readRate(input: unknown, expected: string, isAllowed: (rate: Rate) => boolean): Rate {
  const rate = parseRate(input);
  if (!isAllowed(rate)) throw new ValueError(expected, input);
  return rate;
}

function readNumber(input: unknown, min: number, max: number): number {
  if (typeof input !== 'number' || !(input >= min && input <= max)) {
    throw new ValueError(`a number from ${min} to ${max}`, input);
  }
  return input;
}

function readInteger(input: unknown, min: number, max: number): number {
  const value = readNumber(input, min, max);
  if (!Number.isInteger(value)) throw new ValueError(`a whole number from ${min} to ${max}`, input);
  return value;
}

function readSymbols(input: unknown): readonly string[] {
  if (!Array.isArray(input) || input.length === 0 || input.length > SYMBOLS_MAX) {
    throw new ValueError(`a list of 1 to ${SYMBOLS_MAX} symbols`, input);
  }
  return [...new Set(input.map(parseSymbol))];
}
