/** Instruments of a world: written by its feed as a fact of the store, read by api and trader. */
import type { Instrument } from '../market/candle.js';
import { parseSymbol } from '../market/symbol.js';
import type { World } from '../market/world.js';
import { AMOUNT_DECIMALS, PRICE_DECIMALS } from '../value/decimal.js';
import { ValueError } from '../value/errors.js';
import { jsonCodec } from './json-fields.js';

/** Name of the fact. */
export const INSTRUMENTS_FACT = 'instruments';

/** The part of the store that is needed here. */
export interface FactsReader {
  get(world: World, name: string): Promise<unknown>;
}
export interface FactsWriter {
  put(world: World, name: string, value: unknown): Promise<void>;
}

const instrumentCodec = jsonCodec<Instrument>('instrument', {
  symbol: { write: (symbol) => symbol, read: parseSymbol },
  base: 'text',
  quote: 'text',
  priceDecimals: { write: (decimals) => decimals, read: decimalsUpTo(PRICE_DECIMALS) },
  amountDecimals: { write: (decimals) => decimals, read: decimalsUpTo(AMOUNT_DECIMALS) },
  minOrderValue: 'money?',
});

/** As a plain JSON value; money is text. */
export const encodeInstruments = (instruments: readonly Instrument[]): unknown =>
  instruments.map(instrumentCodec.write);

/** @throws ValueError when the value is no list of instruments. */
export function decodeInstruments(input: unknown): readonly Instrument[] {
  if (!Array.isArray(input)) throw new ValueError('a list of instruments', input);
  return input.map(instrumentCodec.read);
}

/** What the world's feed knows of its symbols; empty before the feed's first start. */
export async function readInstruments(facts: FactsReader, world: World): Promise<readonly Instrument[]> {
  const stored = await facts.get(world, INSTRUMENTS_FACT);
  return stored === null || stored === undefined ? [] : decodeInstruments(stored);
}

export const writeInstruments = (facts: FactsWriter, world: World, instruments: readonly Instrument[]): Promise<void> =>
  facts.put(world, INSTRUMENTS_FACT, encodeInstruments(instruments));

function decimalsUpTo(max: number) {
  return (input: unknown): number => {
    if (typeof input !== 'number' || !Number.isInteger(input) || input < 0 || input > max) {
      throw new ValueError(`a whole number of decimals from 0 to ${max}`, input);
    }
    return input;
  };
}
