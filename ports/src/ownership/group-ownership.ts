/**
 * Traders share the shards out as members of one consumer group over `crypto.commands`: the partitions that a member is
 * assigned are its shards. The group hands out work and nothing else: no record is read and no position kept there. One
 * that the group takes for dead goes on with what it had until it is told anew, as nobody is served by a shard at rest:
 * where another has taken one over meanwhile, the journal refuses.
 */
import { TOPICS } from '@kairos/schema';
import type { Bus } from '../bus/bus.js';
import { PortError } from '../errors.js';
import type { Ownership } from './ownership.js';

export const TRADERS_GROUP = 'kairos-traders';

const LOST = `the group ${TRADERS_GROUP} has not heard of this process for too long: it joins again`;

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
      let hasBeenTold = false;
      return {
        async look(waitMs) {
          await member.poll(1, waitMs);
          const isTold = member.generation() > 0;
          if (hasBeenTold && !isTold) throw new PortError('UNAVAILABLE', LOST);
          hasBeenTold ||= isTold;
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
