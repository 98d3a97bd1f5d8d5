/** Puts groups on the bus in order: in batches, at the pacer's speed, within the window ahead of the trader. */
import type { OutgoingRecord } from '@kairos/ports';
import type { MarketCandle } from '@kairos/schema';
import { encodeMarketData, LOCK_STEP_PARTITION, TOPICS } from '@kairos/schema';
import type { FeedDeps } from '../work.js';
import type { Pacer } from './pacer.js';
import type { ProgressWatch } from './progress.js';
import type { CandleGroup } from './source.js';
import type { Window } from './window.js';

/** Candles of one call to the bus, save that a group is never split. */
const PUBLISH_CANDLES_MAX = 2_000;

export interface OutletOptions {
  readonly window: Window;
  readonly pacer: Pacer;
  readonly progress: ProgressWatch;
  /** Told of the last group of each batch that stands on the bus. */
  readonly published: (last: CandleGroup) => void;
  /** Told in words whom it waits for. */
  readonly waiting: (why: string) => void;
}

export interface Outlet {
  /** Publishes groups, given in growing time; ends early when the signal aborts. @throws PortError */
  put(groups: readonly CandleGroup[], signal: AbortSignal): Promise<void>;
}

export function createOutlet({ bus, clock }: Pick<FeedDeps, 'bus' | 'clock'>, options: OutletOptions): Outlet {
  const { window, pacer, progress } = options;

  const waitTurn = async (group: CandleGroup, signal: AbortSignal): Promise<void> => {
    if (window.hasRoom(group)) return clock.sleep(pacer.waitMs(), signal);
    const committed = await progress.newest();
    if (committed !== null) window.settle(committed);
    if (window.hasRoom(group)) return;
    options.waiting(`waiting for the trader, who is ${window.ahead()} candles behind`);
    await progress.pause(signal);
  };

  return {
    async put(groups, signal) {
      for (let next = 0; next < groups.length && !signal.aborted;) {
        const count = takeAllowed(groups, next, options);
        if (count === 0) {
          await waitTurn(groups[next]!, signal);
          continue;
        }
        const taken = groups.slice(next, next + count);
        await bus.publish(
          TOPICS.marketData,
          taken.flatMap((group) => group.candles.map(toRecord)),
        );
        next += count;
        options.published(taken.at(-1)!);
      }
    },
  };
}

/** How many groups from `next` on may be published now; each is counted as published. */
function takeAllowed(groups: readonly CandleGroup[], next: number, { window, pacer }: OutletOptions): number {
  let count = 0;
  let candles = 0;
  for (let due = pacer.due(); next + count < groups.length && candles < PUBLISH_CANDLES_MAX; count++) {
    const group = groups[next + count]!;
    if (!window.hasRoom(group) || (!group.isTraining && due < 1)) break;
    for (const { symbol } of group.candles) window.add({ closeTime: group.closeTime, symbol });
    candles += group.candles.length;
    if (group.isTraining) continue;
    due--;
    pacer.spend();
  }
  return count;
}

const toRecord = (candle: MarketCandle): OutgoingRecord => ({
  key: candle.symbol,
  value: encodeMarketData({ kind: 'candle', candle }),
  partition: LOCK_STEP_PARTITION,
});
