/** The resolvers of trading: everything of the surface but login and users. */
import { AccountResolver } from './account/account.resolver.js';
import { CandleResolver } from './candle/candle.resolver.js';
import { CommandResolver } from './command/command.resolver.js';
import { DecisionResolver } from './decision/decision.resolver.js';
import { EquityResolver } from './equity/equity.resolver.js';
import { InstrumentResolver } from './instrument/instrument.resolver.js';
import { LivePnlResolver } from './live-pnl/live-pnl.resolver.js';
import { PositionResolver } from './position/position.resolver.js';
import { PriceResolver } from './price/price.resolver.js';
import { SignalResolver } from './signal/signal.resolver.js';
import { StatsResolver } from './stats/stats.resolver.js';
import { SystemResolver } from './system/system.resolver.js';
import { TradeResolver } from './trade/trade.resolver.js';

export const resolvers = [
  AccountResolver,
  TradeResolver,
  PositionResolver,
  StatsResolver,
  EquityResolver,
  SignalResolver,
  DecisionResolver,
  CandleResolver,
  PriceResolver,
  InstrumentResolver,
  CommandResolver,
  SystemResolver,
  LivePnlResolver,
];
