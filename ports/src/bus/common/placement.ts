/** Checks the records of a publish call and gives each its partition. */
import type { Topic } from '@kairos/schema';
import { PortError } from '../../errors.js';
import type { OutgoingRecord } from '../bus.js';
import { PUBLISH_RECORDS_MAX, RECORD_BYTES_MAX } from '../bus.js';
import { partitionOf } from '../partitioner.js';
import { PUBLISH_BYTES_MAX } from './limits.js';

/** A record whose partition is settled. */
export interface PlacedRecord {
  readonly partition: number;
  readonly key: string | null;
  readonly value: Uint8Array;
}

/** Records without key and named partition go to one partition per call, the next call to the next. */
export function createPlacement(partitionsOf: (topic: Topic) => number) {
  const turns = new Map<Topic, number>();

  const nextTurn = (topic: Topic, partitions: number): number => {
    const turn = turns.get(topic) ?? 0;
    turns.set(topic, (turn + 1) % partitions);
    return turn;
  };

  /** @throws PortError INVALID when the call is wrong; nothing has been published then. */
  return function place(topic: Topic, records: readonly OutgoingRecord[]): PlacedRecord[] {
    const partitions = partitionsOf(topic);
    checkSizes(records);
    const needsTurn = records.some((record) => record.key === null && record.partition === undefined);
    const turn = needsTurn ? nextTurn(topic, partitions) : 0;
    return records.map(({ key, value, partition }) => {
      if (partition !== undefined) checkPartition(topic, partition, partitions);
      return { key, value, partition: partition ?? (key === null ? turn : partitionOf(key, partitions)) };
    });
  };
}

/** @throws PortError INVALID */
export function checkPartition(topic: Topic, partition: number, partitions: number): void {
  if (Number.isInteger(partition) && partition >= 0 && partition < partitions) return;
  throw new PortError('INVALID', `expected a partition of ${topic} from 0 to ${partitions - 1}, found ${partition}`);
}

function checkSizes(records: readonly OutgoingRecord[]): void {
  if (records.length > PUBLISH_RECORDS_MAX) {
    throw new PortError('INVALID', `expected at most ${PUBLISH_RECORDS_MAX} records, found ${records.length}`);
  }
  let total = 0;
  for (const { key, value } of records) {
    const bytes = value.length + (key?.length ?? 0);
    total += bytes;
    if (bytes > RECORD_BYTES_MAX) {
      throw new PortError('INVALID', `expected a record of at most ${RECORD_BYTES_MAX} bytes, found ${bytes}`);
    }
  }
  if (total > PUBLISH_BYTES_MAX) {
    throw new PortError('INVALID', `expected at most ${PUBLISH_BYTES_MAX} bytes in one call, found ${total}: split it`);
  }
}
