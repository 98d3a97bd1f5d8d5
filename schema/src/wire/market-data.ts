/** Codec of `crypto.market_data`: one price, or the end of a replay. */
import { z } from 'zod';
import type { MarketCandle } from '../market/candle.js';
import { closeTimeOf } from '../market/candle.js';
import type { Amount } from '../value/decimal.js';
import { formatAmount, formatPrice } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import { parseInstant } from '../value/instant.js';
import type { Decoded, RecordMeta } from './record.js';
import { accepted, decodeObject, encodeObject } from './record.js';
import {
  field,
  instantField,
  intervalField,
  optional,
  parseBoolean,
  parseVolume,
  priceField,
  readShape,
  symbolField,
  textCutAt,
} from './scalar.js';

/** `ended`: the files of a replay have ended. */
export type MarketMessage =
  { readonly kind: 'candle'; readonly candle: MarketCandle } | { readonly kind: 'ended'; readonly at: Instant };

const SOURCE_LENGTH_MAX = 100;
export const parseSource = textCutAt(SOURCE_LENGTH_MAX);

const candleShape = z.object({
  symbol: symbolField,
  interval: intervalField,
  time: instantField,
  open: priceField,
  high: priceField,
  low: priceField,
  close: priceField,
  volume: optional(parseVolume, 0n as Amount),
  closed: field(parseBoolean),
  at: optional(parseInstant, null),
  source: optional(parseSource, 'external'),
  last: optional(parseBoolean, false),
});

const endedShape = z.object({ at: instantField });

/** `at` left out is the close time of a closed candle, the broker's timestamp otherwise. */
export function decodeMarketData(bytes: Uint8Array, meta: RecordMeta): Decoded<MarketMessage> {
  const object = decodeObject(bytes);
  if (!object.ok) return object;
  if (object.value['ended'] === true) {
    const ended = readShape(endedShape, object.value);
    return ended.ok ? accepted({ kind: 'ended', at: ended.value.at }) : ended;
  }
  const shape = readShape(candleShape, object.value);
  if (!shape.ok) return shape;
  const at = shape.value.at ?? (shape.value.closed ? closeTimeOf(shape.value) : meta.timestamp);
  return accepted({ kind: 'candle', candle: { ...shape.value, at } });
}

export function encodeMarketData(message: MarketMessage): Uint8Array {
  if (message.kind === 'ended') return encodeObject({ ended: true, at: message.at });
  const { candle } = message;
  return encodeObject({
    symbol: candle.symbol,
    interval: candle.interval,
    time: candle.time,
    open: formatPrice(candle.open),
    high: formatPrice(candle.high),
    low: formatPrice(candle.low),
    close: formatPrice(candle.close),
    volume: formatAmount(candle.volume),
    closed: candle.closed,
    at: candle.at,
    source: candle.source,
    ...(candle.last ? { last: true } : {}),
  });
}
