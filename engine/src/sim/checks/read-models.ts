/** `read-models`: what the store answers is the fold of its journal. */
import type { AccountView, Store } from '@kairos/ports';
import type { Trade, TradingEvent } from '@kairos/schema';
import { holds } from '../violation.js';
import type { Check } from './check.js';

const PAGE = { first: 100, after: null };
const EVENTS_MAX = 10_000;

export function createReadModelsCheck(): Check {
  const events = new Map<string, TradingEvent[]>();
  const trades = new Map<string, Trade>();

  const same = (what: string, found: unknown, expected: unknown): void => {
    holds(String(found) === String(expected), 'read-models', () => [`${what} ${String(expected)}`, String(found)]);
  };

  const checkAccount = async ({ readModels }: Store, view: AccountView): Promise<void> => {
    const { id } = view.account;
    const own = events.get(id) ?? [];
    const last = own.at(-1);
    const held = [...trades.values()].filter((trade) => trade.accountId === id);
    const open = held.filter(({ status }) => status === 'OPEN');
    const figures = ({ cash, balance, status, seq, closedTrades }: AccountView['account']) =>
      [cash, balance, status, seq, closedTrades].join(' ');
    same(`account ${id}`, figures(view.account), last && figures(last.account));
    same(`open trades of ${id}`, view.openTrades.map(idAndSeq), open.map(idAndSeq));
    const page = await readModels.trades({ accountId: id }, PAGE);
    same(`trades of ${id}`, page.rows.map(({ row }) => idAndSeq(row)).sort(), held.map(idAndSeq).sort().slice(-100));
    const stored = await readModels.events(id, 0, EVENTS_MAX);
    same(`events of ${id}`, stored.map(eventText), own.map(eventText));
    const decided = own.filter(({ decision }) => decision).length;
    same(`decisions of ${id}`, await readModels.countDecisions({ accountId: id }, EVENTS_MAX), decided);
  };

  return {
    onCommitted({ entry }) {
      for (const event of entry.events) {
        const own = events.get(event.accountId);
        if (own) own.push(event);
        else events.set(event.accountId, [event]);
        if (event.trade) trades.set(event.trade.id, event.trade);
      }
    },
    async atEnd(store) {
      const views = await store.readModels.accounts();
      same('accounts', views.map(({ account }) => account.id).sort(), [...events.keys()].sort());
      for (const view of views) await checkAccount(store, view);
    },
  };
}

const idAndSeq = ({ id, seq, status }: Trade): string => `${id}/${seq}/${status}`;
const eventText = ({ id, type, causedBy, account }: TradingEvent): string =>
  `${id}/${type}/${causedBy}/${account.cash}`;
