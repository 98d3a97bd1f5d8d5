/** What becomes of one account of a backtest, added up as it happens. */
import type { StoredEquityPoint } from '@kairos/ports';
import type {
  Account,
  ClosedTrade,
  DenialReason,
  EquityPerformance,
  EquityPerformanceState,
  Fold,
  EquitySample,
  Instant,
  Money,
  Trade,
  TradePerformance,
  TradingEvent,
} from '@kairos/schema';
import { assert, calmarRatioOf, equityPerformance, isClosedTrade, tradePerformance } from '@kairos/schema';
import { equityOf } from '../../core/position/valuation.js';
import type { EngineState } from '../../core/state.js';

/** The figures of one run. Money is exact; a ratio is null where there is none. */
export interface BacktestStats extends EquityPerformance, Omit<TradePerformance<Trade & ClosedTrade>, 'exposure'> {
  readonly account: Account;
  /** In order of their exit. */
  readonly trades: readonly (Trade & ClosedTrade)[];
  readonly openTrades: readonly Trade[];
  /** At the end, open positions included. */
  readonly equity: Money;
  readonly maxDrawdown: Money;
  readonly maxDrawdownPercent: number;
  readonly calmarRatio: number | null;
  /** Share of the time with a position open. */
  readonly exposure: number | null;
  /** Signals that were denied, by reason. */
  readonly denials: ReadonlyMap<DenialReason, number>;
}

export interface Course {
  /** Takes what came of a step; what concerns other accounts is passed over. */
  take(events: readonly TradingEvent[], points: readonly StoredEquityPoint[]): void;
  stats(state: EngineState, span: { readonly from: Instant; readonly to: Instant }): BacktestStats;
}

const performance = tradePerformance<Trade & ClosedTrade>();

export function createCourse(accountId: string): Course {
  const trades: (Trade & ClosedTrade)[] = [];
  const denials = new Map<DenialReason, number>();
  let ofTrades = performance.initial;
  let days: Fold<EquitySample, EquityPerformanceState, EquityPerformance> | null = null;
  let ofDays: EquityPerformanceState | null = null;

  const takeEvent = ({ type, trade, decision }: TradingEvent): void => {
    if (decision?.reason) denials.set(decision.reason, (denials.get(decision.reason) ?? 0) + 1);
    if (type !== 'TRADE_CLOSED' || !trade || !isClosedTrade(trade)) return;
    trades.push(trade);
    ofTrades = performance.add(ofTrades, trade);
  };

  const takePoint = (point: StoredEquityPoint): void => {
    if (days !== null && ofDays !== null) {
      ofDays = days.add(ofDays, point);
      return;
    }
    days = equityPerformance(point);
    ofDays = days.initial;
  };

  return {
    take(events, points) {
      for (const event of events) if (event.accountId === accountId) takeEvent(event);
      for (const point of points) if (point.accountId === accountId) takePoint(point);
    },
    stats(state, { from, to }) {
      const own = state.accounts.get(accountId);
      assert(own !== undefined && days !== null && ofDays !== null, 'an account that was opened has a point of equity');
      const equity = equityOf(state, own);
      const ofEquity = days.result(days.add(ofDays, { time: to, equity }));
      const { exposure, ...figures } = performance.result(ofTrades);
      const openTrades = [...own.openTrades.values()];
      const openSince = openTrades.map(({ entryTime }) => entryTime);
      return {
        ...figures,
        ...ofEquity,
        account: own.account,
        trades,
        openTrades,
        equity,
        maxDrawdown: own.maxDrawdown,
        maxDrawdownPercent: own.maxDrawdownPercent,
        calmarRatio: calmarRatioOf(ofEquity.cagrPercent, own.maxDrawdownPercent),
        exposure: exposure({ from, to, openSince }),
        denials,
      };
    },
  };
}
