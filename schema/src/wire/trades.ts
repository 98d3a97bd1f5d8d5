/** Codec of `crypto.trades`. */
import type { TradingEvent } from '../event/event.js';
import { ValueError } from '../value/errors.js';
import { eventCodec } from './entities.js';
import type { Decoded } from './record.js';
import { accepted, decodeObject, encodeObject, refused } from './record.js';

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

/** `trade`, `decision`, `step`, `priceSource` and `priceAgeMs` are left out where the event has none. */
export function encodeTradingEvent(event: TradingEvent): Uint8Array {
  const message = eventCodec.write(event);
  for (const name of ['trade', 'decision', 'step', 'priceSource', 'priceAgeMs']) {
    if (message[name] === null) delete message[name];
  }
  return encodeObject(message);
}
