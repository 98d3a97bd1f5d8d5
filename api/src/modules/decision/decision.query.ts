/** Decisions: read model to GraphQL. */
import type { Decision, DecisionOutcome, DenialReason, Instant, Trade } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import { readableAccount } from '../account/account.access.js';
import type { Optional } from '../arguments.js';
import { given } from '../arguments.js';
import type { Connection, PageArguments } from '../paging.js';
import { pageOf } from '../paging.js';
import type { DecisionType } from './decision.type.js';

export interface DecisionsArguments extends PageArguments {
  readonly accountId: Optional<string>;
  readonly outcome: Optional<DecisionOutcome>;
  readonly reasons: Optional<readonly DenialReason[]>;
  readonly from: Optional<Instant>;
  readonly to: Optional<Instant>;
}

/** Newest first. @throws NotFoundError, BadInputError */
export async function decisionsOf(context: ApiContext, args: DecisionsArguments): Promise<Connection<DecisionType>> {
  const { account } = await readableAccount(context, args.accountId);
  const { readModels } = context.deps.store;
  const { outcome, reasons, from, to } = args;
  const query = { accountId: account.id, ...given({ outcome, reasons, from, to }) };
  return pageOf(args, {
    read: (page) => readModels.decisions(query, page),
    count: (max) => readModels.countDecisions(query, max),
    toNode: (decision) => toDecision(decision),
  });
}

export const toDecision = (decision: Decision, knownTrade: Trade | null = null): DecisionType => ({
  source: decision,
  knownTrade,
  id: decision.id,
  accountId: decision.accountId,
  seq: decision.seq,
  outcome: decision.outcome,
  reason: decision.reason,
  observed: decision.observed,
  limit: decision.limit,
  time: decision.time,
});
