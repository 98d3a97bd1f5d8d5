import type { Instant } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { SimulatedClock } from '../../clock/simulated.js';
import { createSimulatedClock } from '../../clock/simulated.js';
import { PortError } from '../../errors.js';
import type { Changes } from '../projection.js';
import { project } from '../projection.js';
import { NO_ROWS, sampleEntry } from '../samples.js';
import { CALL_MS_MAX } from './connection.js';
import { createProjector, ENTRIES_BEHIND_MAX, GATHER_MS } from './projector.js';

const changesOf = (entry: number): Changes => project(sampleEntry({ entry }), NO_ROWS);

/** A journal and read models of numbers, and what goes wrong with the next applies. */
function createModels(clock: SimulatedClock, stored = 0) {
  const applied: number[][] = [];
  const faults: Error[] = [];
  let journal = stored;
  let isHeld = false;
  const projector = createProjector({
    shard: 0,
    clock,
    progress: async () => applied.flat().at(-1) ?? 0,
    async read(after, limit) {
      const count = Math.max(0, Math.min(journal - after, limit));
      return Array.from({ length: count }, (_, index) => changesOf(after + 1 + index));
    },
    async apply(batch) {
      const fault = faults.shift();
      if (fault) throw fault;
      while (isHeld) await clock.sleep(1);
      applied.push(batch.map(({ progress }) => progress.entry));
    },
  });
  return {
    projector,
    applied,
    faults,
    hold: (held: boolean) => (isHeld = held),
    commit(entry: number) {
      journal = entry;
      projector.offer(changesOf(entry));
    },
  };
}

const START = 1_700_000_000_000 as Instant;
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const unavailable = () => new PortError('UNAVAILABLE', 'gone');

describe('the read models behind the journal', () => {
  it('take entries as they are committed, each once and in order', async () => {
    const models = createModels(createSimulatedClock(START));
    for (const entry of range(1, 50)) {
      await models.projector.room();
      models.commit(entry);
    }
    await models.projector.settled();
    expect(models.applied.flat()).toEqual(range(1, 50));
  });

  it('take several at a time when they are behind', async () => {
    const clock = createSimulatedClock(START);
    const models = createModels(clock);
    models.hold(true);
    for (const entry of range(1, 30)) models.commit(entry);
    models.hold(false);
    await clock.advance(1);
    await models.projector.settled();
    expect(models.applied.flat()).toEqual(range(1, 30));
    expect(models.applied.length).toBeLessThan(5);
  });

  it('let entries in quick succession gather, but never while somebody waits for them', async () => {
    const clock = createSimulatedClock(START);
    const models = createModels(clock);
    models.commit(1);
    await models.projector.reach(1);
    for (const entry of range(2, 4)) models.commit(entry);
    await clock.advance(GATHER_MS - 1);
    expect(models.applied).toEqual([[1]]);
    await clock.advance(1);
    expect(models.applied).toEqual([[1], [2, 3, 4]]);
    models.commit(5);
    await models.projector.reach(5);
    models.commit(6);
    await models.projector.settled();
    expect(models.applied).toEqual([[1], [2, 3, 4], [5], [6]]);
  });

  it('begin with what a process that died left out, before they take anything new', async () => {
    const models = createModels(createSimulatedClock(START), 7);
    models.commit(8);
    await models.projector.settled();
    expect(models.applied.flat()).toEqual(range(1, 8));
  });

  it('reach the journal head when they are asked to, and have nothing to do where they have', async () => {
    const models = createModels(createSimulatedClock(START), 40);
    await models.projector.reach(40);
    expect(models.applied.flat()).toEqual(range(1, 40));
    await models.projector.reach(40);
    expect(models.applied.flat()).toEqual(range(1, 40));
  });

  it('go on after failures that pass, and begin again at what is stored', async () => {
    const clock = createSimulatedClock(START);
    const models = createModels(clock);
    models.faults.push(unavailable(), unavailable(), unavailable());
    models.commit(1);
    models.commit(2);
    for (let turn = 0; turn < 4; turn++) await clock.advance(100);
    await models.projector.settled();
    expect(models.applied.flat()).toEqual([1, 2]);
  });

  it('tell who opens the journal that the store does not answer', async () => {
    const models = createModels(createSimulatedClock(START), 3);
    models.faults.push(unavailable());
    await expect(models.projector.reach(3)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('hold commits back when they are too far behind, for a bounded time', async () => {
    const clock = createSimulatedClock(START);
    const models = createModels(clock);
    models.hold(true);
    for (const entry of range(1, ENTRIES_BEHIND_MAX)) models.commit(entry);
    const waiting = expect(models.projector.room()).rejects.toMatchObject({ code: 'UNAVAILABLE', isRetriable: true });
    await clock.advance(CALL_MS_MAX);
    await waiting;
    models.hold(false);
    const passing = models.projector.room();
    await clock.advance(10);
    await passing;
    await models.projector.settled();
    expect(models.applied.flat()).toEqual(range(1, ENTRIES_BEHIND_MAX));
  });

  it('answer their own process late rather than never', async () => {
    const clock = createSimulatedClock(START);
    const models = createModels(clock);
    models.hold(true);
    models.commit(1);
    const reading = models.projector.settled();
    await clock.advance(CALL_MS_MAX);
    await reading;
    expect(models.applied).toEqual([]);
  });

  it('end commits when they cannot follow for good, until somebody opens the journal again', async () => {
    const clock = createSimulatedClock(START);
    const models = createModels(clock);
    models.faults.push(new PortError('INVALID', 'a validator says no'));
    models.commit(1);
    await clock.advance(1);
    await expect(models.projector.room()).rejects.toMatchObject({ code: 'INVALID' });
    await models.projector.reach(1);
    await models.projector.room();
    expect(models.applied.flat()).toEqual([1]);
  });

  it('take what was committed before they are closed', async () => {
    const clock = createSimulatedClock(START);
    const models = createModels(clock);
    models.commit(1);
    models.commit(2);
    await models.projector.stop();
    models.commit(3);
    await clock.advance(100);
    expect(models.applied.flat()).toEqual([1, 2]);
  });
});
