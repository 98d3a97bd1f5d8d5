/**
 * Where a run can be broken on purpose, to see that a checker sees it: the core, the ports of a trader, what the overseer
 * hears. Only tests of the simulator do so; nothing that a configuration says reaches it.
 */
import type { Bus, JournalEntry, Store } from '@kairos/ports';
import type { Engine } from '../../core/engine.js';
import type { TradingRules } from '../../core/rules.js';

export interface Sabotage {
  readonly engine?: (engine: Engine, rules: TradingRules) => Engine;
  readonly store?: (store: Store) => Store;
  readonly bus?: (bus: Bus) => Bus;
  /** What the overseer hears of an entry instead. */
  readonly heard?: (entry: JournalEntry) => JournalEntry;
  /** What read models answer at the end. */
  readonly answers?: (store: Store) => Store;
}
