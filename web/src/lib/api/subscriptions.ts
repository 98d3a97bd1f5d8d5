/** Every stream that the page follows. */
import { commandFields, decisionFields, livePnlFields, signalFields, systemFields, tradeFields } from './fragments.js';
import { graphql } from './graphql.js';

export const livePnlSubscription = graphql(
  `
    subscription LivePnl($accountId: ID!) {
      livePnl(accountId: $accountId) {
        ...LivePnlFields
      }
    }
  `,
  [livePnlFields],
);

export const tradeSubscription = graphql(
  `
    subscription TradeUpdated($accountId: ID!, $afterSeq: Int) {
      tradeUpdated(accountId: $accountId, afterSeq: $afterSeq) {
        ...TradeFields
      }
    }
  `,
  [tradeFields],
);

export const decisionSubscription = graphql(
  `
    subscription DecisionMade($accountId: ID!, $afterSeq: Int) {
      decisionMade(accountId: $accountId, afterSeq: $afterSeq) {
        ...DecisionFields
      }
    }
  `,
  [decisionFields],
);

export const signalSubscription = graphql(
  `
    subscription SignalPublished {
      signalPublished {
        ...SignalFields
      }
    }
  `,
  [signalFields],
);

export const systemSubscription = graphql(
  `
    subscription SystemChanged {
      systemChanged {
        ...SystemFields
      }
    }
  `,
  [systemFields],
);

export const commandSubscription = graphql(
  `
    subscription CommandUpdated($id: ID!) {
      commandUpdated(id: $id) {
        ...CommandFields
      }
    }
  `,
  [commandFields],
);
