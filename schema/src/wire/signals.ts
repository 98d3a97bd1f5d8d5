/** Codec of `crypto.ml_signals`. */
import { z } from 'zod';
import type { Signal } from '../trading/signal.js';
import { MARKET_REGIMES, SIGNAL_ACTIONS } from '../trading/signal.js';
import { formatPrice } from '../value/decimal.js';
import { derivedSignalId, parseId, recordId } from '../value/id.js';
import { parseInstant } from '../value/instant.js';
import { parseSource } from './market-data.js';
import type { Decoded, RecordMeta } from './record.js';
import { accepted, decodeObject, encodeObject } from './record.js';
import { field, numberWithin, oneOf, optional, priceField, readShape, symbolField } from './scalar.js';

const HORIZON_SECONDS_MAX = 10 * 365 * 86_400;

const votesShape = z.object({
  linearRegression: field(numberWithin(-Number.MAX_VALUE, Number.MAX_VALUE)),
  knn: field(numberWithin(0, 1)),
  regime: field(oneOf(MARKET_REGIMES)),
});

const signalShape = z.object({
  id: optional(parseId, null),
  symbol: symbolField,
  action: field(oneOf(SIGNAL_ACTIONS)),
  confidence: field(numberWithin(0, 1)),
  price: priceField,
  time: optional(parseInstant, null),
  source: optional(parseSource, 'external'),
  horizonSeconds: optional(numberWithin(0, HORIZON_SECONDS_MAX), null),
  votes: votesShape.nullish().transform((votes) => votes ?? null),
});

/**
 * Without `id` and with `time` the id is derived from symbol, the time as sent, and action; without both it is where
 * the record stands. Without `time` it is the broker's timestamp.
 */
export function decodeSignal(bytes: Uint8Array, meta: RecordMeta): Decoded<Signal> {
  const object = decodeObject(bytes);
  if (!object.ok) return object;
  const shape = readShape(signalShape, object.value);
  if (!shape.ok) return shape;
  const { symbol, action, time } = shape.value;
  const derived =
    time === null
      ? recordId(meta.topic, meta.partition, meta.offset)
      : derivedSignalId(symbol, String(object.value['time']), action);
  return accepted({ ...shape.value, id: shape.value.id ?? derived, time: time ?? meta.timestamp });
}

export function encodeSignal(signal: Signal): Uint8Array {
  return encodeObject({
    id: signal.id,
    symbol: signal.symbol,
    action: signal.action,
    confidence: signal.confidence,
    price: formatPrice(signal.price),
    time: signal.time,
    source: signal.source,
    ...(signal.horizonSeconds === null ? {} : { horizonSeconds: signal.horizonSeconds }),
    ...(signal.votes === null ? {} : { votes: signal.votes }),
  });
}
