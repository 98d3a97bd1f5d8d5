/** Accounts: read model to GraphQL. */
import type { AccountView } from '@kairos/ports';
import type { AccountSettings } from '@kairos/schema';
import { formatMoney, formatRate } from '@kairos/schema';
import type { ApiContext } from '../../context.js';
import type { PriceBooks } from '../../live/valuation.js';
import { valueAccount } from '../../live/valuation.js';
import type { Optional } from '../arguments.js';
import { orNull } from '../text.js';
import { priceBooks } from '../valuation.js';
import { readableAccount, readableAccounts } from './account.access.js';
import type { AccountSettingsType, AccountType } from './account.type.js';

/** The accounts that the viewer may read, oldest first. */
export async function accountsOf(context: ApiContext): Promise<AccountType[]> {
  const [views, books] = await Promise.all([readableAccounts(context), priceBooks(context)]);
  return views.map((view) => toAccount(view, books));
}

/** @throws NotFoundError */
export async function accountOf(context: ApiContext, id: Optional<string>): Promise<AccountType> {
  const [view, books] = await Promise.all([readableAccount(context, id), priceBooks(context)]);
  return toAccount(view, books);
}

export function toAccount(view: AccountView, books: PriceBooks): AccountType {
  const { account } = view;
  return {
    id: account.id,
    name: account.name,
    mode: account.mode,
    feed: account.feed,
    status: account.status,
    statusChangedBy: account.statusChangedBy,
    statusReason: account.statusReason,
    statusChangedAt: account.statusChangedAt,
    quoteCurrency: account.quoteCurrency,
    initialBalance: formatMoney(account.initialBalance),
    cash: formatMoney(account.cash),
    balance: formatMoney(account.balance),
    equity: formatMoney(valueAccount(view, books).equity),
    openEntryFees: formatMoney(account.openEntryFees),
    settings: toSettings(account.settings),
    seq: account.seq,
    createdAt: view.createdAt,
  };
}

const toSettings = (settings: AccountSettings): AccountSettingsType => ({
  symbols: settings.symbols,
  minConfidence: settings.minConfidence,
  riskPerTrade: formatRate(settings.riskPerTrade),
  commission: formatRate(settings.commission),
  slippage: formatRate(settings.slippage),
  maxOpenPositions: settings.maxOpenPositions,
  stopLoss: orNull(settings.stopLoss, formatRate),
  takeProfit: orNull(settings.takeProfit, formatRate),
  trailingStop: orNull(settings.trailingStop, formatRate),
  cooldownSeconds: settings.cooldownSeconds,
  dailyLossLimit: orNull(settings.dailyLossLimit, formatRate),
  maxDrawdown: orNull(settings.maxDrawdown, formatRate),
});
