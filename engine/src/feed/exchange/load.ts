/** Loads one exchange of ccxt: its one file, not the library's hundred, and only when it is wanted. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ExchangeConfigError } from '../errors.js';

/** The part of a ccxt exchange that the feed uses. Numbers are as the exchange's JSON had them. */
export interface CcxtExchange {
  readonly id: string;
  readonly has: Readonly<Record<string, unknown>>;
  readonly urls: { api?: unknown };
  readonly markets: Readonly<Record<string, CcxtMarket>> | undefined;
  /** How `precision` of its markets is meant: 4 = as steps. */
  readonly precisionMode: number;
  timeout: number;
  loadMarkets(reload?: boolean): Promise<unknown>;
  fetchTime(): Promise<number | undefined>;
  fetchTickers(symbols: readonly string[]): Promise<Readonly<Record<string, CcxtTicker>>>;
  /** Rows of time, open, high, low, close, volume, oldest first. */
  fetchOHLCV(symbol: string, timeframe: string, since?: number, limit?: number): Promise<readonly CcxtCandle[]>;
  /** Called with each answer before it is looked at. */
  onRestResponse(...answer: RestAnswer): string;
}

export type RestAnswer = [
  status: number,
  statusText: string,
  url: string,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  ...rest: unknown[],
];

export type CcxtCandle = readonly (number | undefined)[];

export interface CcxtTicker {
  readonly last?: number | undefined;
}

export interface CcxtMarket {
  readonly symbol: string;
  readonly base: string;
  readonly quote: string;
  readonly spot?: boolean | undefined;
  readonly active?: boolean | undefined;
  readonly precision?: { readonly price?: number | undefined; readonly amount?: number | undefined } | undefined;
  readonly limits?: { readonly cost?: { readonly min?: number | undefined } | undefined } | undefined;
}

/** One request's longest life. */
export const REQUEST_MS_MAX = 10_000;

/** Spot markets of one host only, whatever else the exchange has. */
const OPTIONS = { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchCurrencies: false };

/**
 * @param url Base URL in place of the exchange's own: every one of its addresses keeps its path under it.
 * @throws ExchangeConfigError when ccxt has no such exchange.
 */
export async function loadExchange(id: string, url: URL | null): Promise<CcxtExchange> {
  const main = pathToFileURL(createRequire(import.meta.url).resolve('ccxt'));
  const file = new URL(`../js/src/${id}.js`, main);
  if (!existsSync(fileURLToPath(file))) {
    throw new ExchangeConfigError(`expected FEED to be a ccxt exchange id such as binance or kraken, found ${id}`);
  }
  const module = (await import(file.href)) as { default: new (options: object) => CcxtExchange };
  const exchange = new module.default({ enableRateLimit: true, options: OPTIONS });
  exchange.timeout = REQUEST_MS_MAX;
  if (url !== null) exchange.urls.api = rebase(exchange.urls.api, url.href.replace(/\/+$/, ''));
  return exchange;
}

/** The same tree of addresses with another host. */
function rebase(urls: unknown, base: string): unknown {
  if (typeof urls === 'string') return urls.replace(/^[a-z]+:\/\/[^/]+/, base);
  if (typeof urls !== 'object' || urls === null) return urls;
  return Object.fromEntries(Object.entries(urls).map(([name, value]) => [name, rebase(value, base)]));
}
