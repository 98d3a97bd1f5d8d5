/** Positions of a stream as the journal keeps them, by the name of their cursor. */
import type { Topic } from '@kairos/schema';
import type { Positions, PumpDeps } from './pump.js';

export interface CursorOptions {
  /** Tells two streams over one topic apart: part of the cursor's name. */
  readonly name: string;
  readonly topic: Topic;
  readonly partitions: readonly number[];
  /** Where a partition without a position begins. */
  readonly fallback: 'earliest' | 'latest';
}

/** The name under which the journal keeps a cursor's position. */
const cursorName = ({ topic, name }: CursorOptions, partition: number): string =>
  name === '' ? `${topic}:${partition}` : `${topic}:${partition}#${name}`;

/** Positions by the names of their cursors. */
export const byCursor = (options: CursorOptions, positions: Positions): Readonly<Record<string, number>> =>
  Object.fromEntries([...positions].map(([partition, offset]) => [cursorName(options, partition), offset]));

/**
 * Where each partition begins. A topic's ends are pinned now, so that what comes between start and first commit is not
 * missed after a crash.
 */
export async function pinned(
  { bus, log }: PumpDeps,
  options: CursorOptions,
  stored: Readonly<Record<string, number>>,
): Promise<Positions> {
  const { topic, partitions, fallback } = options;
  const offsets = await bus.offsets(topic);
  return new Map(
    partitions.map((partition) => {
      const position = stored[cursorName(options, partition)];
      const ends = offsets.find((candidate) => candidate.partition === partition);
      if (position !== undefined && ends && position > ends.next) {
        log.warn({ topic, partition, wanted: position, found: ends.earliest }, 'the topic was lost and made anew');
        return [partition, ends.earliest];
      }
      const begin = fallback === 'earliest' ? ends?.earliest : ends?.next;
      return [partition, position ?? begin ?? 0];
    }),
  );
}
