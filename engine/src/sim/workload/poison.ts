/** Messages that are not valid, each in its own way. */
import type { Draw } from '../draw.js';

const HUGE = 70_000;

type Poison = (now: number) => object | string | Uint8Array;

const signal =
  (rest: object): Poison =>
  (now) => ({
    v: 1,
    id: 'bad',
    symbol: 'BTCUSDT',
    action: 'BUY',
    confidence: 0.9,
    price: '60000',
    time: now,
    ...rest,
  });

/** None of these is a signal. */
export const BAD_SIGNALS: readonly Poison[] = [
  () => 'not json',
  () => '',
  () => '[]',
  () => 'null',
  () => '{"v":1,"symbol":"BTCUSDT","symbol":"BTCUSDT","action":"BUY","confidence":1,"price":1}',
  () => '{"__proto__":{"a":1},"symbol":"BTCUSDT","action":"BUY","confidence":1,"price":1}',
  () => `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`,
  () => new Uint8Array([0xff, 0xfe, 0x00]),
  () => JSON.stringify({ filler: 'x'.repeat(HUGE) }),
  signal({ v: 2 }),
  signal({ symbol: 'btc-usd' }),
  signal({ action: 'buy' }),
  signal({ confidence: 1.5 }),
  signal({ confidence: 'much' }),
  signal({ price: '-1' }),
  signal({ price: 0 }),
  signal({ price: 'NaN' }),
  signal({ price: 1e308 }),
  signal({ price: null }),
  (now) => signal({ time: Math.round(now / 1_000) })(now),
  (now) => signal({ time: now * 1_000 })(now),
  signal({ time: 'yesterday' }),
];

/** None of these is a command. */
export const BAD_COMMANDS: readonly Poison[] = [
  () => 'STOP_BOT',
  () => '{"action":"STOP_BO"}',
  () => '{"action":"UPDATE_SETTINGS","accountId":"a1"}',
  () => '{"action":"UPDATE_SETTINGS","accountId":"a1","settings":{"riskPerTrade":"7"}}',
  () => '{"action":"CLOSE_POSITION","accountId":"a1"}',
  () => '{"action":"OPEN_ACCOUNT","accountId":"x"}',
  () => '{"action":"OPEN_ACCOUNT","accountId":"a:b","account":{"name":"n","initialBalance":"5","userId":"u"}}',
  () => '{"action":"PAUSE_BOT","accountId":7}',
  () => '{"v":3,"action":"STOP_BOT"}',
];

/** None of these is a price. */
export const BAD_PRICES: readonly Poison[] = [
  () => 'no candle',
  () => '{"v":1,"symbol":"BTCUSDT"}',
  (now) => ({ v: 1, symbol: 'BTCUSDT', interval: '2m', time: now, open: 1, high: 1, low: 1, close: 1, closed: true }),
  (now) => ({ v: 1, symbol: 'BTCUSDT', interval: '1m', time: now, open: 1, high: 1, low: 1, close: -1, closed: true }),
];

export const poisonOf = (draw: Draw, kinds: readonly Poison[], now: number) => draw.pick(kinds)(now);
