/** Where partitions lie in the table of records; part of the file's layout. */
import type { Topic } from '@kairos/schema';
import type { TopicPartition } from '../bus.js';
import { PARTITIONS_MAX } from '../common/partition-count.js';

/** A topic keeps its number. */
const TOPIC_NUMBERS: Readonly<Record<Topic, number>> = {
  'crypto.market_data': 0,
  'crypto.ml_signals': 1,
  'crypto.commands': 2,
  'crypto.trades': 3,
  'crypto.dead_letter': 4,
  'crypto.health': 5,
};

/** Offsets per partition; the largest id stays below 2^53. */
const OFFSETS_MAX = 2 ** 40;

/** The number of a partition. */
export const slotOf = ({ topic, partition }: TopicPartition): number =>
  TOPIC_NUMBERS[topic] * PARTITIONS_MAX + partition;

/** The row's id of a record in a slot. */
export const idOf = (slot: number, offset: number): number => slot * OFFSETS_MAX + offset;

/** The id behind a slot's last possible record. */
export const endOf = (slot: number): number => idOf(slot + 1, 0);
