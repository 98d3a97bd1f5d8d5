/** What the contract's tests share. */
import type { Topic } from '@kairos/schema';
import { TOPICS } from '@kairos/schema';
import { systemClock } from '../../clock/system.js';
import type { Bus, BusRecord, GroupMember, OutgoingRecord, Reader, StartPosition, TopicPartition } from '../bus.js';

/** A broker whose topics are empty. */
export interface BusUnderTest {
  /** Another client of it. */
  connect(): Promise<Bus>;
  /** Ends it and every client. */
  stop(): Promise<void>;
}

export interface BusContractOptions {
  /** Opens a broker with this many partitions per topic. */
  readonly open: (partitions: number) => Promise<BusUnderTest>;
  /** How long something may take to happen; left out: 5 s. */
  readonly patienceMs?: number;
  /** Offsets of a partition count from 0 without gaps; left out: they only grow. */
  readonly hasDenseOffsets?: boolean;
}

export const PARTITIONS = 4;
export const TOPIC: Topic = TOPICS.trades;
export const PATIENCE_MS = 5_000;
/** A wait that ends because nothing comes. */
export const SHORT_MS = 50;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const outgoing = (value: string, key: string | null = null, partition?: number): OutgoingRecord => ({
  key,
  value: encoder.encode(value),
  ...(partition === undefined ? {} : { partition }),
});

export const textOf = (record: BusRecord): string => decoder.decode(record.value);
export const texts = (records: readonly BusRecord[]): string[] => records.map(textOf);
export const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `record ${from + index}`);

export const everyPartition = (topic: Topic, position: StartPosition) =>
  Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, position }));

export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;

/** Polls until `count` records have come; fewer when patience ends. */
export async function collect(
  from: Pick<Reader, 'poll'>,
  count: number,
  patienceMs: number = PATIENCE_MS,
): Promise<BusRecord[]> {
  const deadline = systemClock.monotonicMs() + patienceMs;
  const found: BusRecord[] = [];
  while (found.length < count && systemClock.monotonicMs() < deadline) {
    found.push(...(await from.poll(1_000, 200)));
  }
  return found;
}

/** Polls the members in turn until their assignments are as wished; what they read meanwhile, by member. */
export async function pollUntil(
  members: readonly GroupMember[],
  isDone: () => boolean,
  patienceMs: number = PATIENCE_MS,
): Promise<BusRecord[][]> {
  const deadline = systemClock.monotonicMs() + patienceMs;
  const found: BusRecord[][] = members.map(() => []);
  while (!isDone() && systemClock.monotonicMs() < deadline) {
    for (const [index, member] of members.entries()) found[index]!.push(...(await member.poll(1_000, 50)));
  }
  return found;
}
