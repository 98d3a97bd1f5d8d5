/**
 * Nothing lost, nothing doubled: the records between a shard's old and new positions are exactly the inputs that its
 * core was given, in order within each partition; what is not valid is in the entry's dead letters, and nothing else.
 */
import type { JournalEntry } from '@kairos/ports';
import { TOPICS } from '@kairos/schema';
import type { HeardInput, HeardStep } from '../audit/input.js';
import type { Ledger } from '../workload/ledger.js';
import { recordKey, signalName } from '../workload/ledger.js';
import { holds } from '../violation.js';
import type { Check, CheckContext } from './check.js';
import type { Item } from './interleaving.js';
import { assign } from './interleaving.js';

const CURSOR = /^(?:\d+#)?([^:#]+):(\d+)(?:#(.+))?$/;

/** `inputs-once` and `letters-of-entry`. */
export function createInputsCheck(context: CheckContext): Check {
  const { ledger, shards } = context;
  const positions = new Map<string, number>();

  /** Records that an entry moves past, per cursor. */
  const passed = (entry: JournalEntry): Item[][] =>
    Object.entries(entry.positions).map(([cursor, next]) => {
      const [, topic = '', partition = '0', name = ''] = CURSOR.exec(cursor) ?? [];
      const key = `${entry.shard}/${cursor}`;
      const begin = positions.get(key) ?? next;
      positions.set(key, next);
      const items: Item[] = [];
      for (let offset = begin; offset < next; offset++) {
        const item = itemAt(context, { topic, partition: Number(partition), offset, name, shard: entry.shard });
        if (item) items.push(item);
      }
      return items;
    });

  /** `expected`: whether a letter may be missing, by where its message stands. */
  const checkLetters = (entry: JournalEntry, expected: ReadonlyMap<string, boolean>): void => {
    const found = entry.deadLetters.map(({ topic, partition, offset }) => recordKey(topic, partition, offset));
    const missing = [...expected].filter(([key, isOptional]) => !isOptional && !found.includes(key));
    const isRight = missing.length === 0 && found.every((key) => expected.has(key));
    holds(isRight && new Set(found).size === found.length, 'letters-of-entry', () => [
      `dead letters of ${[...expected.keys()].join(' ') || 'nothing'} in entry ${entry.entry}`,
      found.join(' ') || 'none',
    ]);
    for (const { reason } of entry.deadLetters) {
      holds(reason.length > 5, 'letters-of-entry', () => ['a reason', JSON.stringify(reason)]);
    }
  };

  return {
    onCommitted({ entry, steps }) {
      const queues = passed(entry);
      const poison = queues.flat().filter(({ meaning }) => meaning.kind === 'poison');
      const taken = steps.filter((step) => !step.isPartial && nameOf(step.input) !== null);
      const valid = queues.map((queue) => queue.filter(({ meaning }) => meaning.kind !== 'poison'));
      const fromBus = taken.filter((step) => !isStored(step, ledger, valid));
      const assigned = assign(
        fromBus.map((step) => nameOf(step.input)!),
        valid,
      );
      holds(assigned !== null, 'inputs-once', () => [
        `of ${valid.map((queue) => queue.map(({ meaning }) => meaning.id).join(' ')).join(' | ')} in entry ${entry.entry}`,
        fromBus.map((step) => nameOf(step.input)).join(' '),
      ]);
      const bad = poison.filter((item) => writesLetter(item, entry.shard, shards));
      const letters = new Map(bad.map(({ key, isOptional }) => [key, isOptional]));
      fromBus.forEach((step, i) => {
        const item = assigned?.[i];
        if (!item || !step.isInvalid) return;
        const alike = valid.flat().filter(({ meaning }) => meaning.id === item.meaning.id);
        const own = alike.filter((other) => step.input.kind === 'command' || writesLetter(other, entry.shard, shards));
        // Of several that are alike it cannot be told which was the one that was not valid.
        for (const { key } of own) letters.set(key, alike.length > 1);
      });
      checkLetters(entry, letters);
    },
  };
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly name: string;
  readonly shard: number;
}

/** What stands there for this cursor; null when it is another's. */
function itemAt({ ledger, earliest, auditorOf }: CheckContext, place: Place): Item | null {
  const { topic, partition, offset, name, shard } = place;
  const meaning = ledger.at(topic, partition, offset);
  if (!meaning) return null;
  if (topic === TOPICS.signals && (name !== '') !== (meaning.isPredictors ?? false)) return null;
  const isLost = offset < earliest(topic, partition);
  const isForeign = meaning.accountId !== undefined && !auditorOf(shard).owns(meaning.accountId);
  const isPrice = topic === TOPICS.marketData && meaning.kind === 'poison';
  if (isPrice) return null;
  return { key: recordKey(topic, partition, offset), partition, meaning, isOptional: isLost || isForeign };
}

/** Signals and commands that are not valid are written about by the shard of their partition's number. */
const writesLetter = ({ partition }: Item, shard: number, shards: number): boolean => partition % shards === shard;

/** A command that was obeyed from the store, the bus having been down. */
function isStored({ input }: HeardStep, ledger: Ledger, queues: readonly Item[][]): boolean {
  if (input.kind !== 'command' || !ledger.stored.has(input.command.id)) return false;
  const name = nameOf(input);
  return !queues.some((queue) => queue.some(({ meaning }) => meaning.id === name));
}

/** As the workload names it; null for inputs that do not come from the bus. */
export function nameOf(input: HeardInput): string | null {
  switch (input.kind) {
    case 'price':
      return `${input.candle.symbol}@${input.candle.at}=${input.candle.close}`;
    case 'signal':
      return signalName(input.signal.id, input.signal.price, input.signal.time);
    case 'command':
      return `${input.command.id}>${input.command.accountId ?? '*'}`;
    case 'ended':
      return 'ended';
    default:
      return null;
  }
}
