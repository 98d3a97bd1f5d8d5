/**
 * Traders share the shards out as members of one consumer group over `crypto.commands`: the partitions that a member is
 * assigned are its shards. The group hands out work and nothing else: no record is read and no position kept there.
 */
import { TOPICS } from '@kairos/schema';
import type { Bus } from '../bus/bus.js';
import { PortError } from '../errors.js';
import type { Ownership } from './ownership.js';

export const TRADERS_GROUP = 'kairos-traders';

/** @param shards How many there are: as many as `crypto.commands` has partitions. */
export function createGroupOwnership({ bus }: { readonly bus: Bus }, shards: number): Ownership {
  return {
    async acquire({ signal }) {
      const partitions = bus.partitionsOf(TOPICS.commands);
      if (partitions !== shards) {
        throw new PortError(
          'INVALID',
          `expected as many partitions of ${TOPICS.commands} as the store has shards (${shards}), found ${partitions}: ` +
            'bus and store belong to different worlds',
        );
      }
      if (signal.aborted) return null;
      const member = await bus.join({
        groupId: TRADERS_GROUP,
        topics: [TOPICS.commands],
        fallback: 'latest',
        isWithoutRecords: true,
      });
      return {
        async look(waitMs) {
          await member.poll(1, waitMs);
          return member
            .assignment()
            .map(({ partition }) => partition)
            .sort((a, b) => a - b);
        },
        release: () => member.close(),
      };
    },
  };
}
