/** Closed trades by what they have in common: symbol, way out, market regime at entry, or UTC day, week or month of exit. */
import type { MarketRegime } from '../trading/signal.js';
import type { ExitReason } from '../trading/trade.js';
import type { Money } from '../value/decimal.js';
import { minus } from '../value/decimal.js';
import type { Instant } from '../value/instant.js';
import { addMs, DAY_MS, formatInstant, startOfDay } from '../value/instant.js';
import type { ClosedTrade, Fold } from './fold.js';
import { gross } from './gross.js';
import { profitFactorOf } from './profit-factor.js';
import type { WinLoss } from './win-loss.js';
import { winLoss } from './win-loss.js';

export const GROUPINGS = ['SYMBOL', 'EXIT_REASON', 'REGIME', 'DAY', 'WEEK', 'MONTH'] as const;
export type Grouping = (typeof GROUPINGS)[number];

/** What grouping asks of a closed trade. */
export interface GroupableTrade extends ClosedTrade {
  readonly symbol: string;
  readonly exitReason: ExitReason | null;
  readonly regime: MarketRegime | null;
}

export interface GroupPerformance extends WinLoss {
  /** The symbol, reason or regime (UNKNOWN where a trade has none), `2024-08-05` for a day or a week's Monday, `2024-08`. */
  readonly group: string;
  readonly realizedPnl: Money;
  /** Null without a lost trade. */
  readonly profitFactor: number | null;
}

/** Groups, the one last added to first. A list shares what does not change, so that earlier states stay as they were. */
interface Group {
  readonly group: string;
  readonly winLoss: typeof winLoss.initial;
  readonly gross: typeof gross.initial;
  readonly before: Group | null;
}

const UNKNOWN_GROUP = 'UNKNOWN';
/** 1970-01-01 was a Thursday. */
const DAYS_FROM_MONDAY = 3;

const GROUP_OF: Readonly<Record<Grouping, (trade: GroupableTrade) => string>> = {
  SYMBOL: ({ symbol }) => symbol,
  EXIT_REASON: ({ exitReason }) => exitReason ?? UNKNOWN_GROUP,
  REGIME: ({ regime }) => regime ?? UNKNOWN_GROUP,
  DAY: ({ exitTime }) => formatInstant(exitTime).slice(0, 10),
  WEEK: ({ exitTime }) => formatInstant(mondayOf(exitTime)).slice(0, 10),
  MONTH: ({ exitTime }) => formatInstant(exitTime).slice(0, 7),
};

function mondayOf(time: Instant): Instant {
  const day = startOfDay(time);
  return addMs(day, -((day / DAY_MS + DAYS_FROM_MONDAY) % 7) * DAY_MS);
}

/** Groups in order of their name: calendar groups in order of time. */
export const groupPerformance = (by: Grouping): Fold<GroupableTrade, Group | null, readonly GroupPerformance[]> => ({
  initial: null,
  add: (groups, trade) => withTrade(groups, GROUP_OF[by](trade), trade),
  result(groups) {
    const rows: GroupPerformance[] = [];
    for (let node = groups; node; node = node.before) rows.push(performanceOf(node));
    return rows.sort((a, b) => (a.group < b.group ? -1 : 1));
  },
});

/** What has been added up so far; opaque to callers. */
export type GroupPerformanceState = ReturnType<typeof groupPerformance>['initial'];

function withTrade(groups: Group | null, group: string, trade: ClosedTrade): Group {
  const passed: Group[] = [];
  for (let node = groups; node; node = node.before) {
    if (node.group === group) {
      const before = passed.reduceRight<Group | null>((rest, kept) => ({ ...kept, before: rest }), node.before);
      return { group, winLoss: winLoss.add(node.winLoss, trade), gross: gross.add(node.gross, trade), before };
    }
    passed.push(node);
  }
  const fresh = { winLoss: winLoss.add(winLoss.initial, trade), gross: gross.add(gross.initial, trade) };
  return { group, ...fresh, before: groups };
}

const performanceOf = ({ group, winLoss: counts, gross: sums }: Group): GroupPerformance => ({
  group,
  ...winLoss.result(counts),
  realizedPnl: minus(sums.profit, sums.loss),
  profitFactor: profitFactorOf(sums),
});
