/** An exchange on loopback, shaped like Binance's REST interface, that fails on demand. Its time is the test's. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Interval } from '@kairos/schema';
import { INTERVAL_MS, parseInterval } from '@kairos/schema';

const PATH = '/api/v3';
/** Most candles of one answer, as with Binance. */
const CANDLES_MAX = 1_000;

export interface Fault {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface FakeExchange {
  readonly url: string;
  /** Requests so far: path and query. */
  readonly requests: readonly string[];
  /** The next `times` requests are answered so. */
  fail(fault: Fault, times?: number): void;
  /** While cut off, connections are dropped without an answer. */
  cutOff(isCutOff: boolean): void;
  close(): Promise<void>;
}

export interface FakeExchangeOptions {
  readonly now: () => number;
  readonly symbols: readonly string[];
  /** Price of every symbol at a time. */
  readonly priceAt: (time: number) => number;
}

export async function startFakeExchange(options: FakeExchangeOptions): Promise<FakeExchange> {
  const requests: string[] = [];
  const faults: Fault[] = [];
  let isCutOff = false;
  const server = createServer((request, response) => {
    if (isCutOff) return void request.socket.destroy();
    requests.push(request.url ?? '');
    const fault = faults.shift();
    if (fault) return void response.writeHead(fault.status, fault.headers).end(fault.body ?? '{}');
    answer(options, request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    fail(fault, times = 1) {
      for (let i = 0; i < times; i++) faults.push(fault);
    },
    cutOff(value) {
      isCutOff = value;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

function answer(options: FakeExchangeOptions, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://fake');
  const bodies: Record<string, () => unknown> = {
    [`${PATH}/ping`]: () => ({}),
    [`${PATH}/time`]: () => ({ serverTime: options.now() }),
    [`${PATH}/exchangeInfo`]: () => ({ symbols: options.symbols.map(marketOf) }),
    [`${PATH}/klines`]: () => candlesOf(options, searchParams),
    [`${PATH}/ticker/24hr`]: () => tickersOf(options, searchParams),
  };
  const body = bodies[pathname];
  response.writeHead(body ? 200 : 404, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body ? body() : { code: -1, msg: `unknown ${pathname}` }));
}

function candlesOf({ now, priceAt }: FakeExchangeOptions, query: URLSearchParams): unknown[] {
  const interval: Interval = parseInterval(query.get('interval'));
  const lengthMs = INTERVAL_MS[interval];
  const start = Math.ceil(Number(query.get('startTime')) / lengthMs) * lengthMs;
  const limit = Math.min(CANDLES_MAX, Number(query.get('limit') ?? 500));
  const rows: unknown[] = [];
  for (let time = start; time <= now() && rows.length < limit; time += lengthMs) {
    const end = Math.min(now(), time + lengthMs - 1);
    const [open, close] = [priceAt(time), priceAt(end)];
    const [high, low] = [Math.max(open, close), Math.min(open, close)];
    const prices = [open, high, low, close].map((price) => price.toFixed(2));
    rows.push([time, ...prices, '12.50000000', time + lengthMs - 1, '0', 1, '0', '0', '0']);
  }
  return rows;
}

function tickersOf({ now, priceAt }: FakeExchangeOptions, query: URLSearchParams): unknown[] {
  const symbols = JSON.parse(query.get('symbols') ?? '[]') as string[];
  const lastPrice = priceAt(now()).toFixed(2);
  return symbols.map((symbol) => ({ symbol, lastPrice, openTime: now() - 86_400_000, closeTime: now() }));
}

const marketOf = (symbol: string) => ({
  symbol,
  status: 'TRADING',
  baseAsset: symbol.slice(0, -4),
  quoteAsset: symbol.slice(-4),
  isSpotTradingAllowed: true,
  permissions: ['SPOT'],
  filters: [
    { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000000', tickSize: '0.01000000' },
    { filterType: 'LOT_SIZE', minQty: '0.00001', maxQty: '9000', stepSize: '0.00001000' },
    { filterType: 'NOTIONAL', minNotional: '5.00000000' },
  ],
});
