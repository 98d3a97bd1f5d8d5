/** The enums of the GraphQL surface: the words of the schema workspace under their contract names. */
import {
  ACCOUNT_MODES,
  COMMAND_STATUSES,
  COMMAND_STEP_KINDS,
  DECISION_OUTCOMES,
  DENIAL_REASONS,
  EXIT_REASONS,
  FEED_KINDS,
  GROUPINGS,
  MARKET_REGIMES,
  RATINGS,
  SIGNAL_ACTIONS,
  TRADE_STATUSES,
  TRADING_STATUSES,
} from '@kairos/schema';
import { registerEnumType } from 'type-graphql';

type EnumOf<T extends string> = { readonly [K in T]: K };

function graphqlEnum<T extends string>(name: string, words: readonly T[], description?: string): EnumOf<T> {
  const values = Object.fromEntries(words.map((word) => [word, word])) as EnumOf<T>;
  registerEnumType(values, { name, ...(description === undefined ? {} : { description }) });
  return values;
}

export const AccountModeEnum = graphqlEnum('AccountMode', ACCOUNT_MODES);
export const TradingStatusEnum = graphqlEnum(
  'TradingStatus',
  TRADING_STATUSES,
  'PAUSED: no new position, exits go on. STOPPING: a panic is closing what is open. STOPPED: flat, and stays so over restarts until resumed.',
);
export const SignalActionEnum = graphqlEnum('SignalAction', SIGNAL_ACTIONS);
export const TradeActionEnum = graphqlEnum('TradeAction', ['BUY', 'SELL']);
export const TradeStatusEnum = graphqlEnum('TradeStatus', TRADE_STATUSES);
export const ExitReasonEnum = graphqlEnum('ExitReason', EXIT_REASONS);
export const DecisionOutcomeEnum = graphqlEnum(
  'DecisionOutcome',
  DECISION_OUTCOMES,
  'What became of a BUY or SELL signal for one account: each gets exactly one decision; a HOLD gets none.',
);
export const DenialReasonEnum = graphqlEnum(
  'DenialReason',
  DENIAL_REASONS,
  'Why our own rules said no: the first that applies, in this order (which side is tested against which: contract.md). What a venue refuses is ORDER_REJECTED.',
);
export const RatingEnum = graphqlEnum(
  'Rating',
  RATINGS,
  'Of profitFactor: > 2 EXCELLENT, > 1.5 GOOD, > 1 PROFITABLE, otherwise LOSING; without a losing trade EXCELLENT if anything was won, else LOSING;\nUNRATED before the first closed trade.',
);
export const GroupByEnum = graphqlEnum('GroupBy', GROUPINGS);
export const MarketRegimeEnum = graphqlEnum('MarketRegime', MARKET_REGIMES);
export const FeedKindEnum = graphqlEnum('FeedKind', FEED_KINDS);
export const CommandStatusEnum = graphqlEnum(
  'CommandStatus',
  COMMAND_STATUSES,
  'SENT: published. STORED: the bus is down, kept in the store, will be obeyed from there. RUNNING, then DONE; PARTIAL: some positions could not be closed yet, still trying.',
);
export const CommandStepKindEnum = graphqlEnum('CommandStepKind', COMMAND_STEP_KINDS);
