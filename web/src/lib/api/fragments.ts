/** The fields that the page shows, once per type. */
import type { ResultOf } from './graphql.js';
import { graphql } from './graphql.js';

export const settingsFields = graphql(`
  fragment SettingsFields on AccountSettings {
    symbols
    minConfidence
    riskPerTrade
    commission
    slippage
    maxOpenPositions
    stopLoss
    takeProfit
    trailingStop
    cooldownSeconds
    dailyLossLimit
    maxDrawdown
  }
`);

export const accountFields = graphql(
  `
    fragment AccountFields on Account {
      id
      name
      mode
      feed
      status
      statusChangedBy
      statusReason
      statusChangedAt
      quoteCurrency
      initialBalance
      seq
      createdAt
      settings {
        ...SettingsFields
      }
    }
  `,
  [settingsFields],
);

export const userFields = graphql(`
  fragment UserFields on User {
    id
    username
    role
    mustChangePassword
  }
`);

export const tradeFields = graphql(`
  fragment TradeFields on Trade {
    id
    accountId
    seq
    symbol
    action
    status
    amount
    entryPrice
    cost
    entryFee
    entryTime
    confidence
    stopLossPrice
    takeProfitPrice
    exitPrice
    revenue
    exitFee
    exitTime
    exitReason
    pnl
    pnlPercent
    currentPrice
    unrealizedPnl
  }
`);

export const signalFields = graphql(`
  fragment SignalFields on Signal {
    id
    symbol
    action
    confidence
    price
    time
    receivedAt
    source
  }
`);

export const decisionFields = graphql(
  `
    fragment DecisionFields on Decision {
      id
      accountId
      seq
      outcome
      reason
      observed
      limit
      time
      trade {
        id
        pnl
        exitPrice
        entryPrice
      }
      signal {
        ...SignalFields
      }
    }
  `,
  [signalFields],
);

export const livePnlFields = graphql(`
  fragment LivePnlFields on LivePnl {
    accountId
    seq
    time
    sentAt
    priceAgeMs
    mode
    status
    cash
    balance
    equity
    realizedPnl
    unrealizedPnl
    openEntryFees
    todayPnl
    todayPercent
    dayOpeningEquity
    totalTrades
    openTrades
    closedTrades
    wins
    losses
    winRate
    positions {
      id
      symbol
      amount
      entryPrice
      currentPrice
      priceTime
      currentValue
      unrealizedPnl
      unrealizedPnlPercent
      confidence
      openedAt
      heldSeconds
      stopLossPrice
      takeProfitPrice
    }
    entryBlocks {
      symbol
      reason
      until
    }
  }
`);

export const systemFields = graphql(`
  fragment SystemFields on SystemStatus {
    feed
    feedName
    feedSpeed
    feedLastSeenAt
    feedEndedAt
    serverTime
    worldTime
    healthy
    version
    components {
      name
      healthy
      detail
      latencyMs
      lag
      lastSeen
    }
  }
`);

export const commandFields = graphql(`
  fragment CommandFields on Command {
    id
    action
    accountIds
    status
    issuedBy
    reason
    sentAt
    steps {
      time
      accountId
      kind
      tradeId
      symbol
      price
      error
    }
  }
`);

export const statsFields = graphql(`
  fragment StatsFields on Stats {
    closedTrades
    wins
    losses
    winRate
    initialBalance
    feesPaid
    averageWin
    averageLoss
    payoffRatio
    profitFactor
    rating
    expectancy
    maxDrawdown
    maxDrawdownPercent
    averageHoldingSeconds
    longestWinStreak
    longestLossStreak
    currentStreak
    exposure
    volume
    sharpeRatio
    sortinoRatio
    calmarRatio
    cagrPercent
    longestDrawdownDays
    sqn
    pValue
    bestTrade {
      id
      symbol
      pnl
    }
    worstTrade {
      id
      symbol
      pnl
    }
  }
`);

export type Settings = ResultOf<typeof settingsFields>;
export type Account = ResultOf<typeof accountFields>;
export type User = ResultOf<typeof userFields>;
export type Trade = ResultOf<typeof tradeFields>;
export type Signal = ResultOf<typeof signalFields>;
export type Decision = ResultOf<typeof decisionFields>;
export type LivePnl = ResultOf<typeof livePnlFields>;
export type Position = LivePnl['positions'][number];
export type EntryBlock = LivePnl['entryBlocks'][number];
export type SystemStatus = ResultOf<typeof systemFields>;
export type Command = ResultOf<typeof commandFields>;
export type CommandStep = Command['steps'][number];
export type Stats = ResultOf<typeof statsFields>;
export interface EquityPoint {
  readonly time: string;
  readonly equity: string;
  readonly balance: string;
  readonly drawdownPercent: number;
}
