/** The equity curve: read model to GraphQL. */
import type { ReadModels } from '@kairos/ports';
import type { Account, Instant, Money } from '@kairos/schema';
import { addMs, drawdownPercentOf, formatMoney, POINTS_MAX, POINTS_MIN } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import { readableAccount } from '../account/account.access.js';
import type { Optional } from '../arguments.js';
import { given, wholeWithin } from '../arguments.js';
import type { EquityPointType } from './equity.type.js';

export interface EquityArguments {
  readonly accountId: Optional<string>;
  readonly from: Optional<Instant>;
  readonly to: Optional<Instant>;
  readonly maxPoints: Optional<number>;
}

const POINTS_DEFAULT = 500;
/** Points of the curve before a span that its peak is looked for in: thinning keeps the highest. */
const PEAK_POINTS = 100;

/** Drawdowns are measured from the account's peak so far, also where `from` begins later. @throws NotFoundError, BadInputError */
export async function equityCurveOf(context: ApiContext, args: EquityArguments): Promise<EquityPointType[]> {
  const bounds = { min: POINTS_MIN, max: POINTS_MAX, fallback: POINTS_DEFAULT };
  const pointsMax = wholeWithin('maxPoints', args.maxPoints, bounds);
  const { account } = await readableAccount(context, args.accountId);
  const { store } = context.deps;
  const span = given({ from: args.from, to: args.to });
  const points = await store.readModels.equity({ accountId: account.id, pointsMax, ...span });
  let peak = await peakBefore(store.readModels, account, args.from ?? null);
  return points.map(({ time, equity, balance }) => {
    if (equity > peak) peak = equity;
    return {
      time,
      equity: formatMoney(equity),
      balance: formatMoney(balance),
      drawdownPercent: drawdownPercentOf(equity, peak),
    };
  });
}

/** The highest equity before a time; the initial balance at least. */
export async function peakBefore(
  readModels: Pick<ReadModels, 'equity'>,
  account: Account,
  from: Instant | null,
): Promise<Money> {
  const { id: accountId, initialBalance } = account;
  if (from === null) return initialBalance;
  const before = await readModels.equity({ accountId, to: addMs(from, -1), pointsMax: PEAK_POINTS });
  return before.reduce((peak, { equity }) => (equity > peak ? equity : peak), initialBalance);
}
