/**
 * The bus: topics of partitions of records, as Kafka keeps them.
 *
 * - A record's partition follows from its key (murmur2, as Kafka's default), or is named; without key and name the
 *   records of one call go to one partition, the next call to the next.
 * - Within a partition records keep the order in which they were published; offsets grow, without gaps on the local bus.
 * - Delivery is at least once: `poll` gives records from the current position on; what was not committed is given again
 *   after a restart or a rebalance.
 */
import type { Instant, Topic } from '@kairos/schema';

/** A record to publish. */
export interface OutgoingRecord {
  readonly key: string | null;
  readonly value: Uint8Array;
  /** Named partition; left out: from the key. */
  readonly partition?: number;
}

/** A record as read. `topic`, `partition`, `offset` and `timestamp` (broker's wall time) are its `RecordMeta`. */
export interface BusRecord {
  readonly topic: Topic;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: Instant;
  readonly key: string | null;
  readonly value: Uint8Array;
}

/** Where to begin reading a partition: an offset, or one of its ends (`latest` = after its newest record). */
export type StartPosition = 'earliest' | 'latest' | number;

export interface TopicPartition {
  readonly topic: Topic;
  readonly partition: number;
}

/** The offsets of a partition: the oldest kept, and the next to be given. */
export interface PartitionOffsets extends TopicPartition {
  readonly earliest: number;
  readonly next: number;
}

/** Reads named partitions without a group; nothing is committed. */
export interface Reader {
  /**
   * At most `recordsMax` records from the partitions in turn, in order within each. Waits up to `waitMs` for the
   * first one; an empty list when none came.
   *
   * An offset that retention has removed, or beyond the end because the topic was lost and made anew: reading goes on
   * at the earliest kept, and `gaps()` tells of it.
   *
   * @throws PortError CORRUPT when the record at the position is not as it was written; it is never skipped.
   * @throws PortError INVALID while another poll of this reader is under way.
   */
  poll(recordsMax: number, waitMs: number): Promise<BusRecord[]>;
  /** Moves one of its partitions to a position. */
  seek(at: TopicPartition, position: StartPosition): Promise<void>;
  /** Positions that could not be read on from, since the last call: per partition the first wanted, the last found. */
  gaps(): readonly { readonly at: TopicPartition; readonly wanted: number; readonly found: number }[];
  close(): Promise<void>;
}

/** A member of a consumer group: the group's partitions are shared out among its members. */
export interface GroupMember {
  /** As `Reader.poll`, of the partitions assigned to it. A rebalance takes place inside `poll`. */
  poll(recordsMax: number, waitMs: number): Promise<BusRecord[]>;
  /** Partitions it holds since the last `poll`. */
  assignment(): readonly TopicPartition[];
  /** Grows with every sharing that this member has heard of in `poll`; 0 while it has no part in the group. */
  generation(): number;
  /**
   * Stores the next offset to read for partitions it holds.
   * @throws PortError FENCED when one of them has meanwhile been given to another member.
   */
  commit(positions: readonly (TopicPartition & { readonly next: number })[]): Promise<void>;
  /** Leaves the group at once. */
  close(): Promise<void>;
}

export interface ReaderOptions {
  readonly from: readonly (TopicPartition & { readonly position: StartPosition })[];
}

export interface GroupOptions {
  readonly groupId: string;
  readonly topics: readonly Topic[];
  /** For partitions without a committed offset. */
  readonly fallback: 'earliest' | 'latest';
  /** The group only shares the partitions out: `poll` keeps the membership alive and gives no records. Left out: false. */
  readonly isWithoutRecords?: boolean;
}

export interface Bus {
  /** Partitions of a topic; `crypto.dead_letter` and `crypto.health` have one. */
  partitionsOf(topic: Topic): number;
  /**
   * Publishes records in order; resolved when they are durable, with their offsets in the same order.
   * @throws PortError UNAVAILABLE or TIMEOUT: some may have been published.
   * @throws PortError FULL: no room left, nothing was published.
   * @throws PortError INVALID: the call is wrong or too large, nothing was published.
   */
  publish(topic: Topic, records: readonly OutgoingRecord[]): Promise<readonly (TopicPartition & { offset: number })[]>;
  read(options: ReaderOptions): Promise<Reader>;
  join(options: GroupOptions): Promise<GroupMember>;
  /** Oldest and next offset of every partition of a topic. */
  offsets(topic: Topic): Promise<readonly PartitionOffsets[]>;
  /** Next offsets that a group has committed; partitions without one are left out. */
  committed(groupId: string, topic: Topic): Promise<readonly (TopicPartition & { readonly next: number })[]>;
  /** Resolves when the bus answers. @throws PortError UNAVAILABLE */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Limits of every adapter. */
export const PUBLISH_RECORDS_MAX = 10_000;
export const POLL_RECORDS_MAX = 5_000;
/** Key and value of one record together, as Kafka's brokers have it by default. */
export const RECORD_BYTES_MAX = 1_000_000;
