/** Publishes to the input topics, as feed, predictor, api and third parties do, and notes what each record means. */
import type { Bus, BusRecord } from '@kairos/ports';
import type { Topic } from '@kairos/schema';
import { TOPICS } from '@kairos/schema';
import type { Ledger, Meaning } from './ledger.js';
import { recordKey, signalName } from './ledger.js';

export interface Message {
  readonly topic: Topic;
  readonly key: string | null;
  readonly value: object | string | Uint8Array;
  readonly partition?: number | undefined;
  /** A meaning without an id has that of a message that brought none: where it stands. */
  readonly meaning: Omit<Meaning, 'id'> & {
    readonly id?: string;
    /** Of signals: in units of 1e-12. */
    readonly price?: bigint;
  };
}

export interface Publisher {
  publish(message: Message): Promise<void>;
  /** To be told of every record that is appended to an input topic. */
  onAppend(record: BusRecord): void;
}

const encoder = new TextEncoder();

export function createPublisher(bus: () => Bus, ledger: Ledger): Publisher {
  let pending: Message['meaning'] | null = null;
  let pendingValue: Message['value'] | null = null;

  return {
    async publish({ topic, key, value, partition, meaning }) {
      const text = typeof value === 'string' || value instanceof Uint8Array ? value : JSON.stringify(value);
      const bytes = typeof text === 'string' ? encoder.encode(text) : text;
      pending = meaning;
      pendingValue = value;
      await bus().publish(topic, [{ key, value: bytes, ...(partition === undefined ? {} : { partition }) }]);
    },
    onAppend({ topic, partition, offset, timestamp }) {
      if (!pending) return;
      const { price, ...meaning } = pending;
      const place = recordKey(topic, partition, offset);
      const nameless = topic === TOPICS.commands ? `${place}>${meaning.accountId ?? '*'}` : place;
      const id = meaning.id ?? nameless;
      const time = timeOf(pendingValue) ?? timestamp;
      ledger.note(topic, partition, offset, { ...meaning, id: price === undefined ? id : signalName(id, price, time) });
      pending = null;
    },
  };
}

/** The time as sent; null where there is none. */
function timeOf(value: Message['value'] | null): number | null {
  const time = typeof value === 'object' && value !== null ? (value as { time?: unknown }).time : null;
  return typeof time === 'number' ? time : null;
}
