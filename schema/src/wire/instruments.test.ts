import { describe, expect, it } from 'vitest';
import type { Instrument } from '../market/candle.js';
import type { Money } from '../value/decimal.js';
import { ValueError } from '../value/errors.js';
import { decodeInstruments, encodeInstruments, readInstruments, writeInstruments } from './instruments.js';

const BTC: Instrument = {
  symbol: 'BTCUSDT',
  base: 'BTC',
  quote: 'USDT',
  priceDecimals: 2,
  amountDecimals: 5,
  minOrderValue: 500_000_000n as Money,
};
const DOGE: Instrument = { ...BTC, symbol: 'DOGEUSDT', base: 'DOGE', priceDecimals: 5, minOrderValue: null };

/** Facts as a store keeps them: JSON. */
function createFacts() {
  const kept = new Map<string, string>();
  return {
    get: (world: string, name: string) => Promise.resolve<unknown>(JSON.parse(kept.get(`${world} ${name}`) ?? 'null')),
    put: (world: string, name: string, value: unknown) => {
      kept.set(`${world} ${name}`, JSON.stringify(value));
      return Promise.resolve();
    },
  };
}

describe('instruments', () => {
  it('come back from the store as they were written, each world its own', async () => {
    const facts = createFacts();
    await writeInstruments(facts, 'SIMULATOR', [BTC, DOGE]);
    expect(await readInstruments(facts, 'SIMULATOR')).toEqual([BTC, DOGE]);
    expect(await readInstruments(facts, 'EXCHANGE:binance')).toEqual([]);
  });

  it('have money as text, never as a number', () => {
    expect(encodeInstruments([BTC])).toMatchObject([{ minOrderValue: '5' }]);
  });

  it.each([
    ['no list', {}],
    ['a symbol that is none', [{ ...(encodeInstruments([BTC]) as object[])[0], symbol: 'btc' }]],
    ['decimals below 0', [{ ...(encodeInstruments([BTC]) as object[])[0], priceDecimals: -1 }]],
    ['decimals beyond the scale', [{ ...(encodeInstruments([BTC]) as object[])[0], amountDecimals: 9 }]],
    ['half a decimal', [{ ...(encodeInstruments([BTC]) as object[])[0], amountDecimals: 1.5 }]],
  ])('%s is refused', (_, input) => {
    expect(() => decodeInstruments(input)).toThrow(ValueError);
  });
});
