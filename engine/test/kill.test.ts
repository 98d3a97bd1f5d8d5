/**
 * kill -9 at any moment: the processes of a replay over real candles are killed and started again at seeded moments, and
 * what comes of it is what an undisturbed run gives; nothing is lost, nothing is doubled. `KILLS` (default 12) is how
 * often, `KILLS_SEED` which moments.
 */
import { INTERVAL_MS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { hasData } from '../src/feed/testing/data.js';
import { createAuditor } from './auditor.fixture.js';
import { PARTS } from './crew.fixture.js';
import { commandsAndNonsense } from './disturbance.fixture.js';
import { memoryPorts, runToTheEnd } from './in-process.fixture.js';
import { answersOf, eventsCommitted, expectSame, placeOf, runKilled, withoutRepeats } from './kill.fixture.js';
import type { Slice } from './replay-world.fixture.js';
import { ACCOUNT_IDS, createReplayWorld, firstDifference } from './replay-world.fixture.js';

const KILLS = Number(process.env['KILLS'] ?? 12);
/** Of these with commands and bad messages in between, to keep the time within bounds. */
const KILLS_DISTURBED = Math.ceil(KILLS / 2);
const TEST_MS = 180_000 + KILLS * 30_000;

const SLICE: Slice = { symbol: 'BTCUSDT', file: 'btcusdt-1h-201708-202408.csv.gz', rows: 3_000 };
/** The highest that FEED_SPEED may be: 278 hours per second. */
const SPEED = '1000000';

const isThere = hasData(SLICE.file);

describe('a replay over real candles', { timeout: TEST_MS }, () => {
  it.skipIf(!isThere)(`gives what an undisturbed run gives over ${KILLS} times kill -9`, async () => {
    using calm = await createReplayWorld([SLICE]);
    using replay = await createReplayWorld([SLICE], { FEED_SPEED: SPEED });
    const undisturbed = await runToTheEnd(calm, memoryPorts);
    const survived = await runKilled(replay, {
      parts: PARTS,
      kills: KILLS,
      disturb: () => Promise.resolve(),
      isDone: () => Promise.resolve(true),
    });
    expectSame(survived, undisturbed);
    expect(survived.deadLetters).toEqual([]);
    expect(firstDifference(survived.market, undisturbed.market)).toBeNull();
    expect(firstDifference(survived.signals, undisturbed.signals)).toBeNull();
  });

  it.skipIf(!isThere)(
    `obeys each command once, and writes each dead letter once, over ${KILLS_DISTURBED} times kill -9`,
    async () => {
      using replay = await createReplayWorld([SLICE], { FEED_SPEED: SPEED });
      const { commands, bad, disturbance } = commandsAndNonsense(PARTS, KILLS_DISTURBED);
      const survived = await runKilled(replay, disturbance);
      for (const id of ACCOUNT_IDS) {
        const auditor = createAuditor({ accountId: id, closes: replay.closes, intervalMs: INTERVAL_MS['1h'] });
        const events = withoutRepeats(survived.events[id]);
        expect(firstDifference(events, eventsCommitted(survived, id))).toBeNull();
        events.forEach(auditor.take);
      }
      expect(answersOf(survived)).toEqual([...commands].sort());
      expect(survived.deadLetters.map(placeOf).sort()).toEqual([...bad].sort());
    },
  );
});
