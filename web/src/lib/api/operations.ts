/** Every query and mutation that the page sends. */
import {
  accountFields,
  commandFields,
  decisionFields,
  signalFields,
  statsFields,
  tradeFields,
  userFields,
} from './fragments.js';
import { graphql } from './graphql.js';

export const loginMutation = graphql(
  `
    mutation Login($username: String!, $password: String!) {
      login(username: $username, password: $password) {
        accessToken
        expiresAt
        user {
          ...UserFields
        }
      }
    }
  `,
  [userFields],
);

export const refreshMutation = graphql(
  `
    mutation Refresh {
      refresh {
        accessToken
        expiresAt
        user {
          ...UserFields
        }
      }
    }
  `,
  [userFields],
);

export const logoutMutation = graphql(`
  mutation Logout {
    logout
  }
`);

export const changePasswordMutation = graphql(`
  mutation ChangePassword($current: String!, $next: String!) {
    changePassword(current: $current, next: $next)
  }
`);

export const accountsQuery = graphql(
  `
    query Accounts {
      accounts {
        ...AccountFields
      }
      own: account {
        id
      }
    }
  `,
  [accountFields],
);

export const accountQuery = graphql(
  `
    query Account($id: ID!) {
      account(id: $id) {
        ...AccountFields
      }
    }
  `,
  [accountFields],
);

export const deskQuery = graphql(
  `
    query Desk($accountId: ID!, $trades: Int!, $signals: Int!) {
      trades(accountId: $accountId, first: $trades) {
        edges {
          node {
            ...TradeFields
          }
        }
      }
      decisions(accountId: $accountId, first: $signals) {
        edges {
          node {
            ...DecisionFields
          }
        }
      }
      signals(first: $signals) {
        edges {
          node {
            ...SignalFields
          }
        }
      }
      stats(accountId: $accountId) {
        ...StatsFields
      }
      commands(accountId: $accountId, last: 10) {
        ...CommandFields
      }
    }
  `,
  [tradeFields, decisionFields, signalFields, statsFields, commandFields],
);

export const statsQuery = graphql(
  `
    query Stats($accountId: ID!) {
      stats(accountId: $accountId) {
        ...StatsFields
      }
    }
  `,
  [statsFields],
);

export const curveQuery = graphql(`
  query Curve($accountId: ID!, $from: DateTime, $maxPoints: Int!) {
    equityCurve(accountId: $accountId, from: $from, maxPoints: $maxPoints) {
      time
      equity
      balance
      drawdownPercent
    }
  }
`);

export const instrumentsQuery = graphql(`
  query Instruments {
    instruments {
      symbol
      base
      quote
      priceDecimals
      amountDecimals
    }
  }
`);

export const tradesQuery = graphql(
  `
    query Trades($accountId: ID!, $filter: TradeFilter, $first: Int!, $after: String) {
      trades(accountId: $accountId, filter: $filter, first: $first, after: $after) {
        edges {
          cursor
          node {
            ...TradeFields
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
        totalCount
      }
    }
  `,
  [tradeFields],
);

export const signalsQuery = graphql(
  `
    query Signals($symbols: [String!], $action: SignalAction, $minConfidence: Float, $first: Int!, $after: String) {
      signals(symbols: $symbols, action: $action, minConfidence: $minConfidence, first: $first, after: $after) {
        edges {
          cursor
          node {
            ...SignalFields
            votes {
              linearRegression
              knn
              regime
            }
            decisions {
              ...DecisionFields
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
        totalCount
      }
    }
  `,
  [signalFields, decisionFields],
);

export const commandQuery = graphql(
  `
    query Command($id: ID!) {
      command(id: $id) {
        ...CommandFields
      }
    }
  `,
  [commandFields],
);

export const panicMutation = graphql(
  `
    mutation Panic($accountId: ID, $reason: String) {
      panicStop(accountId: $accountId, reason: $reason) {
        ...CommandFields
      }
    }
  `,
  [commandFields],
);

export const pauseMutation = graphql(
  `
    mutation Pause($accountId: ID, $reason: String) {
      pauseTrading(accountId: $accountId, reason: $reason) {
        ...CommandFields
      }
    }
  `,
  [commandFields],
);

export const resumeMutation = graphql(
  `
    mutation Resume($accountId: ID, $reason: String) {
      resumeTrading(accountId: $accountId, reason: $reason) {
        ...CommandFields
      }
    }
  `,
  [commandFields],
);

export const closePositionMutation = graphql(
  `
    mutation ClosePosition($tradeId: ID!) {
      closePosition(tradeId: $tradeId) {
        ...CommandFields
      }
    }
  `,
  [commandFields],
);

export const updateSettingsMutation = graphql(
  `
    mutation UpdateSettings($accountId: ID, $settings: AccountSettingsInput!) {
      updateSettings(accountId: $accountId, settings: $settings) {
        ...CommandFields
      }
    }
  `,
  [commandFields],
);
