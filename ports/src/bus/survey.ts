/**
 * A look at a bus from outside, for people who ask how it is: nothing is made, changed or joined, no lock is needed, and
 * no topic has to be there.
 */
import type { Topic } from '@kairos/schema';
import type { BusRecord, PartitionOffsets, TopicPartition } from './bus.js';

/** What stands behind the port. */
export interface BusDescription {
  /** `Apache Kafka`, `embedded bus`. */
  readonly product: string;
  /** Null where it does not say. */
  readonly version: string | null;
  /** One line for people: which brokers, which file. */
  readonly detail: string;
  /** Topics of ours that exist. */
  readonly topics: readonly { readonly topic: Topic; readonly partitions: number }[];
}

/** A consumer group of ours. */
export interface GroupDescription {
  readonly groupId: string;
  readonly members: number;
  /** Next offsets that it has committed. */
  readonly committed: readonly (TopicPartition & { readonly next: number })[];
}

/** Every call: @throws PortError UNAVAILABLE when it does not answer, INVALID when it refuses who asks. */
export interface BusSurvey {
  describe(): Promise<BusDescription>;
  /** As `Bus.offsets`; empty where the topic does not exist. */
  offsets(topic: Topic): Promise<readonly PartitionOffsets[]>;
  groups(): Promise<readonly GroupDescription[]>;
  /** At most the newest `recordsMax` records of a partition, oldest first; none where it does not exist. */
  newest(at: TopicPartition, recordsMax: number): Promise<readonly BusRecord[]>;
  close(): Promise<void>;
}
