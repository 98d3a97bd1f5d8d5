/** How many partitions each topic has. */
import type { Topic } from '@kairos/schema';
import { SINGLE_PARTITION_TOPICS, TOPICS } from '@kairos/schema';
import { PortError } from '../../errors.js';

export const ALL_TOPICS: readonly Topic[] = Object.values(TOPICS);

/** Partitions per topic that a bus of our own can have. */
export const PARTITIONS_MAX = 256;

/**
 * The partition count of every topic, given the configured one.
 * @throws PortError INVALID, then and when asked for an unknown topic.
 */
export function createPartitionsOf(partitions: number): (topic: Topic) => number {
  if (!Number.isInteger(partitions) || partitions < 1 || partitions > PARTITIONS_MAX) {
    throw new PortError('INVALID', `expected 1 to ${PARTITIONS_MAX} partitions, found ${partitions}`);
  }
  return (topic) => {
    if (!ALL_TOPICS.includes(topic)) {
      throw new PortError('INVALID', `expected one of ${ALL_TOPICS.join(', ')}, found topic ${String(topic)}`);
    }
    return SINGLE_PARTITION_TOPICS.includes(topic) ? 1 : partitions;
  };
}
