/** Points of the equity curve: after each fill, and at each closed candle while a position is open. */
import type { StoredEquityPoint } from '@kairos/ports';
import type { Instant, TradingEvent } from '@kairos/schema';
import { isLockStep } from '@kairos/schema';
import type { Input, InputOf } from '../core/input.js';
import { equityOf } from '../core/position/valuation.js';
import type { AccountState, EngineState } from '../core/state.js';
import { holdersOf } from '../core/state.js';

/** Points that an input gives rise to, a price once it is no longer partial; the last of one account and time counts. */
export function equityPoints(
  state: EngineState,
  input: Input,
  { events, isPartial }: { readonly events: readonly TradingEvent[]; readonly isPartial: boolean },
): readonly StoredEquityPoint[] {
  const points: StoredEquityPoint[] = [];
  const add = (account: AccountState, time: Instant): void => {
    points.push({
      accountId: account.account.id,
      time,
      equity: equityOf(state, account),
      balance: account.account.balance,
    });
  };
  if (input.kind === 'price' && !isPartial) {
    for (const account of accountsPriced(state, input)) add(account, input.candle.at);
  }
  for (const event of events) {
    const account = event.trade || event.type === 'ACCOUNT_OPENED' ? state.accounts.get(event.accountId) : undefined;
    if (account) add(account, event.time);
  }
  return points;
}

/** Accounts whose equity a closed candle has moved; in lock-step once per close time, with its last candle. */
function* accountsPriced(state: EngineState, input: InputOf<'price'>): Iterable<AccountState> {
  if (!input.candle.closed) return;
  if (!isLockStep(state.world)) {
    yield* holdersOf(state, input.candle.symbol);
    return;
  }
  if (!input.candle.last) return;
  for (const account of state.accounts.values()) if (account.openTrades.size > 0) yield account;
}
