/** How far readers are behind the ends of what they read. Pure. */
import type { PartitionOffsets, TopicPartition } from '@kairos/ports';

/** Readers further behind than this do not keep up; a lock-step feed keeps 1,000 candles per symbol ahead. */
export const LAG_MAX = 20_000;

export type Position = TopicPartition & { readonly next: number };

export interface Lag {
  /** Records not read yet. */
  readonly records: number;
  /** Positions whose records retention has removed. */
  readonly lost: readonly Position[];
  /** Positions beyond the end: the topic was lost and made anew. */
  readonly beyond: readonly Position[];
}

export function lagOf(positions: readonly Position[], ends: readonly PartitionOffsets[]): Lag {
  const endOf = new Map(ends.map((end) => [nameOf(end), end]));
  const known = positions.flatMap((position) => {
    const end = endOf.get(nameOf(position));
    return end ? [{ position, end }] : [];
  });
  return {
    records: known.reduce((sum, { position, end }) => sum + Math.max(0, end.next - position.next), 0),
    lost: known.filter(({ position, end }) => position.next < end.earliest).map(({ position }) => position),
    beyond: known.filter(({ position, end }) => position.next > end.next).map(({ position }) => position),
  };
}

export const nameOf = ({ topic, partition }: TopicPartition): string => `${topic}:${partition}`;
