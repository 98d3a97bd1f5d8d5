/** What has been published, as those who published it meant it: what each record of an input topic stands for. */

/** What a record means to a trader. `id` tells it from others: a signal's or command's, or a candle's symbol and time. */
export interface Meaning {
  readonly kind: 'price' | 'signal' | 'command' | 'ended' | 'poison';
  readonly id: string;
  /** The one account that a command is for. */
  readonly accountId?: string;
  /** Lock-step: one of the predictor's signals on its partition. */
  readonly isPredictors?: boolean;
  /** A command that must have no effect. */
  readonly isForged?: boolean;
}

export interface Ledger {
  note(topic: string, partition: number, offset: number, meaning: Meaning): void;
  at(topic: string, partition: number, offset: number): Meaning | undefined;
  /** Whether the command of this id must have no effect. */
  isForged(id: string): boolean;
  /** Commands that wait in the store, by id, with the accounts that they are for. */
  readonly stored: Map<string, readonly string[]>;
  /** Per partition and stream (the predictor's own is `#predictor`) the end as published by the workload. */
  ends(): Iterable<readonly [topic: string, partition: number, name: string, next: number]>;
}

/** Where a record stands, as text: also the key of its dead letter. */
export const recordKey = (topic: string, partition: number, offset: number): string =>
  `${topic}:${partition}:${offset}`;

/** What tells a signal from others, those of the same id included. */
export const signalName = (id: string, price: bigint, time: number): string => `${id}=${price}@${time}`;

export function createLedger(): Ledger {
  const meanings = new Map<string, Meaning>();
  const ends = new Map<string, [string, number, string, number]>();
  const forged = new Set<string>();

  return {
    note(topic, partition, offset, meaning) {
      meanings.set(recordKey(topic, partition, offset), meaning);
      const name = meaning.isPredictors ? '#predictor' : '';
      ends.set(`${topic}:${partition}${name}`, [topic, partition, name, offset + 1]);
      if (meaning.isForged) forged.add(meaning.id.split('>')[0]!);
    },
    at: (topic, partition, offset) => meanings.get(recordKey(topic, partition, offset)),
    isForged: (id) => forged.has(id),
    stored: new Map(),
    ends: () => ends.values(),
  };
}
