/** What a bus of our own must be able to do; readers, groups and placement are built on it, the same for all. */
import type { Topic } from '@kairos/schema';
import type { BusRecord, PartitionOffsets, TopicPartition } from '../bus.js';
import type { Changes } from './changes.js';
import type { GroupState, Member } from './group.js';
import type { PlacedRecord } from './placement.js';

/** Some records of a partition, in order. */
export interface Slice {
  /** Where reading went on: later than asked when retention removed records, earlier when they never were. */
  readonly from: number;
  readonly records: readonly BusRecord[];
}

/** A group before and after a change; the same state means that nothing is to be stored. */
export type GroupChange = (state: GroupState) => GroupState;

/** Methods throw PortError; those that change something change all or nothing. */
export interface BusBackend {
  readonly partitionsOf: (topic: Topic) => number;
  readonly changes: Changes;
  /** How long to wait at most before looking again; Infinity where `changes` tells of everything. */
  readonly lookIntervalMs: number;
  /** Notes in `changes` what others have done meanwhile. */
  look(): Promise<void>;
  append(topic: Topic, records: readonly PlacedRecord[]): Promise<readonly number[]>;
  /**
   * At most `recordsMax` records from an offset on.
   * @throws PortError CORRUPT when the first of them is not as it was written.
   */
  read(at: TopicPartition, from: number, recordsMax: number): Promise<Slice>;
  ends(topic: Topic): Promise<readonly PartitionOffsets[]>;
  group(groupId: string): Promise<GroupState>;
  changeGroup(groupId: string, change: GroupChange): Promise<GroupState>;
  /** Name of this process, to be told from others. */
  readonly process: string;
  /** True when the process of a member is known to have ended. */
  isGone(member: Member): boolean;
  ping(): Promise<void>;
  close(): Promise<void>;
}
