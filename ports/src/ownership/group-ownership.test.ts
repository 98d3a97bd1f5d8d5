import { TOPICS } from '@kairos/schema';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Bus, GroupMember } from '../bus/bus.js';
import { createMemoryBusServer } from '../bus/memory/memory-bus.js';
import { createSimulatedClock } from '../clock/simulated.js';
import { SAMPLE_TIME } from '../store/samples.js';
import { createGroupOwnership } from './group-ownership.js';
import type { Holding } from './ownership.js';

const SHARDS = 4;
const { signal } = new AbortController();

/** What the group says at present. */
let generation: number;
let partitions: readonly number[];
let bus: Bus;

beforeEach(() => {
  generation = 0;
  partitions = [];
  const clock = createSimulatedClock(SAMPLE_TIME);
  const member: GroupMember = {
    poll: () => Promise.resolve([]),
    assignment: () => partitions.map((partition) => ({ topic: TOPICS.commands, partition })),
    generation: () => generation,
    commit: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  bus = {
    ...createMemoryBusServer({ partitions: SHARDS, clock }).connect(),
    join: () => Promise.resolve(member),
  };
});

const acquire = async (): Promise<Holding> =>
  (await createGroupOwnership({ bus }, SHARDS).acquire({ onWaiting: () => undefined, signal }))!;

describe('shards shared out by a group', () => {
  it('are none before it has said so, then those that it says', async () => {
    const holding = await acquire();
    expect(await holding.look(0, signal)).toEqual([]);
    generation = 1;
    partitions = [3, 1];
    expect(await holding.look(0, signal)).toEqual([1, 3]);
  });

  it('are not known, which takes none away, while the group has lost this process', async () => {
    const holding = await acquire();
    generation = 1;
    partitions = [0, 1];
    await holding.look(0, signal);
    generation = 0;
    partitions = [];
    await expect(holding.look(0, signal)).rejects.toMatchObject({ code: 'UNAVAILABLE', isRetriable: true });
    generation = 5;
    partitions = [2];
    expect(await holding.look(0, signal)).toEqual([2]);
  });

  it('must be as many as the bus has partitions', async () => {
    const wrong = createGroupOwnership({ bus }, SHARDS + 1);
    await expect(wrong.acquire({ onWaiting: () => undefined, signal })).rejects.toMatchObject({ code: 'INVALID' });
  });
});
