/** A reader of named partitions, without a group. */
import type { Topic } from '@kairos/schema';
import { PortError } from '../../errors.js';
import type { Reader, ReaderOptions, StartPosition, TopicPartition } from '../bus.js';
import { checkPartition } from '../common/placement.js';
import type { Fetching, FetchingDeps } from './fetching.js';
import { createFetching } from './fetching.js';
import { endsOf } from './partitions.js';
import { createPollGate } from './poll-gate.js';

export interface ReaderDeps extends FetchingDeps {
  readonly partitionsOf: (topic: Topic) => number;
}

/** @throws PortError INVALID for a partition or position that cannot be; UNAVAILABLE when the ends cannot be asked for. */
export async function createReader(deps: ReaderDeps, { from }: ReaderOptions): Promise<Reader> {
  for (const { topic, partition, position } of from) checkPosition(deps, { topic, partition }, position);
  const positions = await resolve(deps, from);
  const fetching = createFetching(deps);
  const gate = createPollGate('reader');
  for (const [index, { topic, partition }] of from.entries()) fetching.set({ topic, partition }, positions[index]!);

  return {
    poll: (recordsMax, waitMs) => gate.run(recordsMax, waitMs, () => fetching.take(recordsMax, waitMs)),
    async seek({ topic, partition }, position) {
      gate.checkOpen();
      await move(deps, fetching, { topic, partition, position });
    },
    gaps() {
      gate.checkOpen();
      return fetching.gaps();
    },
    async close() {
      gate.close();
      fetching.close();
    },
  };
}

type Start = ReaderOptions['from'][number];

async function move(deps: ReaderDeps, fetching: Fetching, { topic, partition, position }: Start): Promise<void> {
  const at = { topic, partition };
  if (!fetching.has(at)) {
    throw new PortError('INVALID', `expected a partition of this reader, found ${topic}/${partition}`);
  }
  checkPosition(deps, at, position);
  const [next] = await resolve(deps, [{ ...at, position }]);
  fetching.set(at, next!);
}

/** The offsets that positions stand for, in their order. */
async function resolve(deps: ReaderDeps, starts: readonly Start[]): Promise<number[]> {
  const named = starts.filter(({ position }) => typeof position !== 'number');
  const ends = named.length === 0 ? [] : await endsOf(deps, named);
  return starts.map(({ topic, partition, position }) => {
    if (typeof position === 'number') return position;
    const end = ends.find((each) => each.topic === topic && each.partition === partition)!;
    return position === 'earliest' ? end.earliest : end.next;
  });
}

function checkPosition(deps: ReaderDeps, { topic, partition }: TopicPartition, position: StartPosition): void {
  checkPartition(topic, partition, deps.partitionsOf(topic));
  if (typeof position !== 'number' || (Number.isSafeInteger(position) && position >= 0)) return;
  throw new PortError('INVALID', `expected an offset of 0 or more, found ${position}`);
}
