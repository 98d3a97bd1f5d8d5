/**
 * Candles, prices and instruments of one exchange, in the house's own values.
 *
 * One request at a time, none while the exchange has asked to be left alone; every failure is an `ExchangeFailure`.
 */
import type { Clock } from '@kairos/ports';
import type { Candle, Instant, Instrument, Interval, Price } from '@kairos/schema';
import { describe, INTERVAL_MS, parseInstant, parsePrice, parseVolume, ValueError } from '@kairos/schema';
import type { Answer } from './failure.js';
import { ExchangeFailure, toFailure } from './failure.js';
import { findMarket, toInstrument } from './instruments.js';
import type { CcxtCandle, CcxtExchange } from './load.js';
import { loadExchange } from './load.js';

export interface ExchangeClient {
  /** What the exchange says of these symbols. @throws ExchangeConfigError for a symbol that it does not trade */
  instruments(symbols: readonly string[]): Promise<readonly Instrument[]>;
  /** Milliseconds that the exchange's clock is ahead of ours; 0 where it does not tell. */
  clockOffsetMs(): Promise<number>;
  /**
   * At most `count` candles from open time `since` on, oldest first. `closed` is always false: whether one has closed is
   * for the caller to say, who knows the time.
   */
  candles(symbol: string, range: { interval: Interval; since: Instant; count: number }): Promise<readonly Candle[]>;
  /** Whether `lastPrices` can be asked: with some exchanges only candles can. */
  readonly hasLastPrices: boolean;
  /** Newest trade prices; symbols without one are left out. */
  lastPrices(symbols: readonly string[]): Promise<ReadonlyMap<string, Price>>;
}

export interface ClientOptions {
  /** A ccxt exchange id. */
  readonly exchange: string;
  /** Base URL in place of the exchange's own. */
  readonly url: URL | null;
}

/** Most candles that are asked for at once. */
export const CANDLES_PER_REQUEST_MAX = 1_000;

/** @throws ExchangeConfigError when ccxt has no such exchange. Nothing is requested yet. */
export async function createExchangeClient(
  clock: Clock,
  { exchange: id, url }: ClientOptions,
): Promise<ExchangeClient> {
  const exchange = await loadExchange(id, url);
  const request = createGate(exchange, clock);
  const marketsOf = () => Object.values(exchange.markets ?? {});
  const marketOf = async (symbol: string) => {
    if (marketsOf().length === 0) await request(() => exchange.loadMarkets(true));
    if (marketsOf().length === 0) throw new ExchangeFailure('TRANSIENT', 'sent a list of markets without any', null);
    return findMarket(marketsOf(), symbol);
  };

  return {
    hasLastPrices: Boolean(exchange.has['fetchTickers']),
    async instruments(symbols) {
      const found: Instrument[] = [];
      for (const symbol of symbols) found.push(toInstrument(symbol, await marketOf(symbol), exchange.precisionMode));
      return found;
    },
    async clockOffsetMs() {
      if (!exchange.has['fetchTime']) return 0;
      const sentAt = clock.now();
      const theirs = await request(() => exchange.fetchTime());
      // Their clock was read about half-way through the request.
      return theirs === undefined ? 0 : theirs - (sentAt + clock.now()) / 2;
    },
    async candles(symbol, { interval, since, count }) {
      const market = await marketOf(symbol);
      const limit = Math.min(count, CANDLES_PER_REQUEST_MAX);
      const rows = await request(() => exchange.fetchOHLCV(market.symbol, interval, since, limit));
      return rows.map((row) => toCandle(row, symbol, interval)).filter((candle) => candle.time >= since);
    },
    async lastPrices(symbols) {
      const names = new Map<string, string>();
      for (const symbol of symbols) names.set((await marketOf(symbol)).symbol, symbol);
      const tickers = await request(() => exchange.fetchTickers([...names.keys()]));
      const prices = new Map<string, Price>();
      for (const [name, symbol] of names) {
        const last = tickers[name]?.last;
        if (last !== undefined && last > 0) prices.set(symbol, parsePrice(last));
      }
      return prices;
    },
  };
}

type Request = <T>(call: () => Promise<T>) => Promise<T>;

/** Lets one request through at a time, and none before the time that the exchange has named. */
function createGate(exchange: CcxtExchange, clock: Clock): Request {
  let answer: Answer | null = null;
  let closed: ExchangeFailure | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  const look = exchange.onRestResponse.bind(exchange);
  exchange.onRestResponse = (...args) => {
    const [status, , , , headers, body] = args;
    answer = { status, headers, body };
    return look(...args);
  };

  const run = async <T>(call: () => Promise<T>): Promise<T> => {
    if (closed?.until && clock.now() < closed.until) throw closed;
    answer = null;
    try {
      const result = await call();
      checkAnswer(answer);
      return result;
    } catch (error) {
      const failure = toFailure(error, answer, clock.now());
      if (failure.kind === 'LIMITED' || failure.kind === 'BANNED') closed = failure;
      throw failure;
    }
  };

  return (call) => {
    const result = turn.then(() => run(call));
    turn = result.catch(() => undefined);
    return result;
  };
}

/** ccxt takes a proxy's page for an empty answer. @throws ExchangeFailure when an answer is no JSON object or list */
function checkAnswer(answer: Answer | null): void {
  if (answer === null || /^\s*[[{]/.test(answer.body)) return;
  throw new ExchangeFailure('TRANSIENT', `expected JSON, found ${describe(answer.body)}`, null);
}

/** @throws ExchangeFailure when the exchange sent what is no candle. */
function toCandle(row: CcxtCandle, symbol: string, interval: Interval): Candle {
  const [time, open, high, low, close, volume = 0] = row;
  try {
    return {
      symbol,
      interval,
      time: gridTime(time, interval),
      open: parsePrice(open),
      high: parsePrice(high),
      low: parsePrice(low),
      close: parsePrice(close),
      volume: parseVolume(volume),
      closed: false,
    };
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new ExchangeFailure('TRANSIENT', `sent a candle of ${symbol} that is none: ${error.message}`, null, error);
  }
}

function gridTime(time: unknown, interval: Interval): Instant {
  const instant = parseInstant(time);
  if (instant % INTERVAL_MS[interval] !== 0) throw new ValueError(`an open time of a ${interval} candle`, time);
  return instant;
}
