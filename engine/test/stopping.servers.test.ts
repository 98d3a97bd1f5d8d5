/**
 * A trader that is asked to end while its store or its bus does not answer: it ends before its supervisor loses patience,
 * and the next one finds everything that was committed. `PANIC_SLACK` stretches the time on a busy machine.
 */
import { systemClock } from '@kairos/ports';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { TERMINATE_MS_MAX } from '../src/cli/supervisor/keeper.js';
import type { PanicServers, PanicWorld } from './panic.fixture.js';
import { createPanicWorld, HELD, SLACK } from './panic.fixture.js';
import { flawsOf, journalOf } from './replay-world.fixture.js';

const SET_UP_MS = 300_000;
const TEST_MS = 180_000;
const ENDED_MS_MAX = TERMINATE_MS_MAX * SLACK;
/** Each way. */
const SLOW_MS = 1_000;

let world: PanicWorld;

beforeAll(async () => {
  world = await createPanicWorld({ parts: ['trade'] });
}, SET_UP_MS);
afterEach(async () => {
  world.servers.toMongod.restore();
  await world.servers.mongod.kill('SIGCONT');
  await world.servers.kafka.kill('SIGCONT');
});
afterAll(() => world?.[Symbol.asyncDispose](), SET_UP_MS);

const FAULTS: readonly (readonly [name: string, begin: (on: PanicServers) => unknown])[] = [
  ['all is well', () => undefined],
  ['MongoDB is slow by 2 s', ({ toMongod }) => toMongod.delay(SLOW_MS)],
  ['MongoDB is frozen', ({ mongod }) => mongod.kill('SIGSTOP')],
  ['Kafka is frozen', ({ kafka }) => kafka.kill('SIGSTOP')],
];

describe('a trader that is asked to end', { timeout: TEST_MS }, () => {
  it.for(FAULTS)('while %s: ends well, in time', async ([name, begin], { annotate }) => {
    const account = name.replaceAll(' ', '-');
    await world.open([account]);
    await world.hold([account]);
    // Something to commit and to publish, under way when it is asked to end.
    await world.signals(HELD, 'SELL');
    await begin(world.servers);
    await world.command({ action: 'PAUSE_BOT' }, [account]).catch(() => undefined);
    const began = systemClock.monotonicMs();
    await world.crew.stop();
    const tookMs = Math.round(systemClock.monotonicMs() - began);
    await annotate(`${name}: ended after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(ENDED_MS_MAX);
    world.crew.start('trade');
  });

  it('leaves a journal that the next one goes on with', async () => {
    await world.open(['afterwards']);
    await world.hold(['afterwards']);
    expect(flawsOf(await journalOf(world.doors.store))).toEqual([]);
  });
});
