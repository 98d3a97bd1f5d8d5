/**
 * Where a restart of a lock-step world may begin to read, so that it need not read everything again.
 *
 * A symbol's signals depend on its last `MEMORY_CANDLES` candles. So a place on the bus is good enough to begin at once
 * every symbol has that many candles after it; it is then kept in the store, with how far each symbol was there. Losing
 * it costs time and nothing else.
 */
import type { Log, Store } from '@kairos/ports';
import { isPortError } from '@kairos/ports';
import type { World } from '@kairos/schema';
import { INTERVALS } from '@kairos/schema';
import { HORIZON_CANDLES, MEMORY_CANDLES, MILESTONE_RECORDS, MILESTONES_MAX } from '../limits.js';
import type { SignalFold, SymbolProgress } from '../signal-fold.js';

/** A place on the bus and how far each symbol was before it. */
export interface Milestone {
  /** Next offset to read. */
  readonly offset: number;
  readonly symbols: Readonly<Record<string, SymbolProgress>>;
}

const FACT = 'predictor';

/** The place to begin at; null where none is kept, or what is kept is none. @throws PortError */
export async function loadMilestone(store: Store, world: World): Promise<Milestone | null> {
  const kept = await store.app.facts.get(world, FACT);
  return isMilestone(kept) ? kept : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

function isProgress(value: unknown): value is SymbolProgress {
  if (!isRecord(value)) return false;
  const { candles, closedAt, interval } = value;
  return isCount(candles) && isCount(closedAt) && INTERVALS.some((known) => known === interval);
}

function isMilestone(value: unknown): value is Milestone {
  if (!isRecord(value) || !isCount(value['offset'])) return false;
  return isRecord(value['symbols']) && Object.values(value['symbols']).every(isProgress);
}

export interface Checkpoints {
  /** All records before `offset` have been taken and what came of them is on the bus. */
  reached(offset: number): Promise<void>;
}

export function createCheckpoints(deps: { store: Store; log: Log; fold: SignalFold }, world: World): Checkpoints {
  const { store, log, fold } = deps;
  let milestones: Milestone[] = [];
  let saved = -1;

  /** Whether every symbol has gone far enough since. */
  function isBehind({ symbols }: Milestone): boolean {
    return [...fold.progress()].every(([symbol, { candles, interval }]) => {
      const before = symbols[symbol]?.candles ?? 0;
      return candles - before >= MEMORY_CANDLES(HORIZON_CANDLES[interval]);
    });
  }

  async function save(milestone: Milestone): Promise<void> {
    try {
      await store.app.facts.put(world, FACT, milestone);
      saved = milestone.offset;
    } catch (error) {
      if (!isPortError(error)) throw error;
      log.debug({ code: error.code }, `cannot keep where to begin after a restart: ${error.message}`);
    }
  }

  return {
    async reached(offset) {
      const newest = milestones.at(-1)?.offset ?? -MILESTONE_RECORDS;
      if (offset - newest < MILESTONE_RECORDS) return;
      const behind = milestones.findLastIndex(isBehind);
      milestones = milestones.slice(Math.max(0, behind));
      if (milestones.length < MILESTONES_MAX) milestones.push({ offset, symbols: Object.fromEntries(fold.progress()) });
      if (behind >= 0 && milestones[0]!.offset > saved) await save(milestones[0]!);
    },
  };
}
