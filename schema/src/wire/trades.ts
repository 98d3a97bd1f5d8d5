/** Codec of `crypto.trades`. */
import type { TradingEvent } from '../event/event.js';
import type { Trade } from '../trading/trade.js';
import { plus, ratioOf } from '../value/decimal.js';
import { ValueError } from '../value/errors.js';
import { remembered } from '../value/remembered.js';
import { eventCodec } from './entities.js';
import type { Decoded } from './record.js';
import { accepted, decodeObject, refused, messageText } from './record.js';

export function decodeTradingEvent(bytes: Uint8Array): Decoded<TradingEvent> {
  const object = decodeObject(bytes);
  if (!object.ok) return object;
  try {
    return accepted(eventCodec.read(object.value));
  } catch (error) {
    if (error instanceof ValueError) return refused(error.message);
    throw error;
  }
}

/** What was earned in percent of what was spent; follows from the trade, so that it is written and not read. */
const pnlPercentOf = ({ pnl, cost, entryFee }: Trade): number | null =>
  pnl === null ? null : ratioOf(pnl * 100n, plus(cost, entryFee));

/** Left out of the message where the event has none. */
const OPTIONAL = ['trade', 'decision', 'step', 'priceSource', 'priceAgeMs', 'error'];

/** The message of an event, as text. Who publishes and who stores it ask for the same, so it is worked out once. */
export const tradingEventText = remembered((event: TradingEvent): string => {
  const message = eventCodec.write(event);
  if (event.trade) message['trade'] = { ...(message['trade'] as object), pnlPercent: pnlPercentOf(event.trade) };
  for (const name of OPTIONAL) if (message[name] === null) message[name] = undefined;
  return messageText(message);
});

const encoder = new TextEncoder();

export const encodeTradingEvent = (event: TradingEvent): Uint8Array => encoder.encode(tradingEventText(event));
