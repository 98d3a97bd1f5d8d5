/** Signals: read model to GraphQL. */
import type { StoredSignal } from '@kairos/ports';
import type { Decision, Instant, SignalAction } from '@kairos/schema';
import { formatPrice } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import { BadInputError } from '../../graphql/errors.js';
import { requireViewer } from '../../graphql/guards.js';
import { readableAccounts } from '../account/account.access.js';
import type { Optional } from '../arguments.js';
import { given, symbolsOf } from '../arguments.js';
import { createLoader, grouped, remembered } from '../memo.js';
import type { Connection, PageArguments } from '../paging.js';
import { pageOf } from '../paging.js';
import type { SignalType } from './signal.type.js';

export interface SignalsArguments extends PageArguments {
  readonly symbols: Optional<readonly string[]>;
  readonly action: Optional<SignalAction>;
  readonly minConfidence: Optional<number>;
  readonly from: Optional<Instant>;
  readonly to: Optional<Instant>;
}

/** Newest first. @throws BadInputError */
export async function signalsOf(context: ApiContext, args: SignalsArguments): Promise<Connection<SignalType>> {
  requireViewer(context);
  const { readModels } = context.deps.store;
  const { action, minConfidence, from, to } = args;
  if (typeof minConfidence === 'number' && (minConfidence < 0 || minConfidence > 1)) {
    throw new BadInputError(`minConfidence: expected a number from 0 to 1, found ${minConfidence}.`);
  }
  const query = given({ symbols: symbolsOf(args.symbols), action, minConfidence, from, to });
  return pageOf(args, {
    read: (page) => readModels.signals(query, page),
    count: (max) => readModels.countSignals(query, max),
    toNode: (signal) => toSignal(signal),
  });
}

/** A signal by its id, read together with others of the operation; null when it is no longer kept. */
export async function signalById(context: ApiContext, id: string): Promise<SignalType | null> {
  const load = remembered(context, 'signals', () =>
    createLoader(async (ids) => {
      const signals = await context.deps.store.readModels.signalsById(ids);
      return new Map(signals.map((signal) => [signal.id, signal]));
    }),
  );
  const signal = await load(id);
  return signal ? toSignal(signal) : null;
}

/** What became of a signal for the accounts that the viewer may see, read together for all signals of the operation. */
export async function decisionsOfSignal(context: ApiContext, signalId: string): Promise<readonly Decision[]> {
  const load = remembered(context, 'decisionsOfSignals', () =>
    createLoader(async (signalIds) => {
      const accountIds = (await readableAccounts(context)).map((view) => view.account.id);
      const decisions = await context.deps.store.readModels.decisionsOf(signalIds, accountIds);
      return grouped(decisions, (decision) => decision.signalId);
    }),
  );
  return (await load(signalId)) ?? [];
}

export const toSignal = (signal: StoredSignal, isJustPublished = false): SignalType => ({
  isJustPublished,
  id: signal.id,
  symbol: signal.symbol,
  action: signal.action,
  confidence: signal.confidence,
  price: formatPrice(signal.price),
  time: signal.time,
  receivedAt: signal.receivedAt,
  votes: signal.votes,
  source: signal.source,
});
