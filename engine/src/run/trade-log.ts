/** The trader's own log: a line per signal that mattered, per fill, per exit, per panic. */
import type { Log } from '@kairos/ports';
import type { Config, DenialReason, TradingEvent, World } from '@kairos/schema';
import { formatAmount, formatInstant, formatMoney, formatPrice, formatRate } from '@kairos/schema';

/** What a start says first. */
export function logBanner(log: Log, config: Config, world: World): void {
  const fields = {
    initialBalance: formatMoney(config.INITIAL_BALANCE),
    commission: formatRate(config.COMMISSION),
    minConfidence: config.MIN_CONFIDENCE,
    riskPerTrade: formatRate(config.RISK_PER_TRADE),
    symbols: config.SYMBOLS.join(','),
    feed: world,
    bus: config.isBusEmbedded ? 'embedded' : 'Kafka',
    store: config.isStoreEmbedded ? 'embedded' : 'MongoDB',
    broker: config.BROKER,
  };
  log.info(fields, 'Kairos trades on paper: every figure below is simulated money');
}

/** One line per event that people would want to read. */
export function logEvent(log: Log, event: TradingEvent): void {
  const line = lineOf(event);
  if (!line) return;
  log[line.level]({ account: event.accountId, seq: event.seq, at: formatInstant(event.time) }, line.text);
}

interface Line {
  readonly level: 'info' | 'warn' | 'debug' | 'error';
  readonly text: string;
}

function lineOf(event: TradingEvent): Line | null {
  const { trade, decision, account } = event;
  switch (event.type) {
    case 'TRADE_OPENED':
      return trade && info(openedText(trade, account));
    case 'TRADE_CLOSED':
      return trade && info(closedText(trade, account));
    case 'SIGNAL_DECIDED':
      return decision && debugOrInfo(decision);
    case 'ACCOUNT_OPENED':
      return info(
        `account ${account.name} opened with ${formatMoney(account.initialBalance)} ${account.quoteCurrency}`,
      );
    case 'TRADING_STOPPING':
      return warn(
        `PANIC by ${account.statusChangedBy ?? 'nobody named'}: entries blocked, closing ${account.openTrades}`,
      );
    case 'TRADING_STOPPED':
      return warn(`STOPPED and flat, balance ${formatMoney(account.balance)}: nothing is opened until resumed`);
    case 'CLOSE_FAILED':
      return warn(`a position could not be closed: ${event.step?.error ?? event.error ?? 'no reason given'}`);
    case 'TRADING_PAUSED':
      return event.step ? warn('paused: no new position, exits go on') : halted(account);
    case 'TRADING_RESUMED':
      return info('resumed');
    case 'SETTINGS_UPDATED':
      return info('settings updated');
    case 'COMMAND_REFUSED':
      return warn(`command ${event.causedBy} refused: ${event.step?.error ?? 'no reason given'}`);
  }
}

/** The core itself has paused the account: its books break a rule. */
const halted = ({ name, statusReason }: TradingEvent['account']): Line => ({
  level: 'error',
  text: `HALTED account ${name}: ${statusReason ?? 'no reason given'}. Nothing is opened; exits go on`,
});

const info = (text: string): Line => ({ level: 'info', text });
const warn = (text: string): Line => ({ level: 'warn', text });

type Of<K extends 'trade' | 'decision'> = NonNullable<TradingEvent[K]>;

function openedText(trade: Of<'trade'>, account: TradingEvent['account']): string {
  return (
    `BUY ${trade.symbol} ${formatAmount(trade.amount)} at ${formatPrice(trade.entryPrice)}: ` +
    `cost ${formatMoney(trade.cost)}, fee ${formatMoney(trade.entryFee)}, cash left ${formatMoney(account.cash)}, ` +
    `confidence ${trade.confidence}`
  );
}

function closedText(trade: Of<'trade'>, account: TradingEvent['account']): string {
  const { exitPrice, revenue, pnl, exitReason } = trade;
  if (exitPrice === null || revenue === null || pnl === null) return `SELL ${trade.symbol}`;
  return (
    `SELL ${trade.symbol} ${formatAmount(trade.amount)} at ${formatPrice(exitPrice)} (${exitReason}): ` +
    `revenue ${formatMoney(revenue)}, ${pnl < 0n ? 'loss' : 'profit'} ${formatMoney(pnl)}, ` +
    `balance ${formatMoney(account.balance)}`
  );
}

/** Denials that every model gives rise to all the time: told only to those who ask for everything. */
const ROUTINE: readonly (DenialReason | null)[] = [
  'TRADING_STOPPED',
  'TRADING_PAUSED',
  'LOW_CONFIDENCE',
  'NO_POSITION',
  'ALREADY_IN_POSITION',
];

function debugOrInfo(decision: Of<'decision'>): Line {
  const compared = decision.observed === null ? '' : `: ${decision.observed} against ${decision.limit}`;
  const text = `denied ${decision.signalId}: ${decision.reason}${compared}`;
  return { level: ROUTINE.includes(decision.reason) ? 'debug' : 'info', text };
}
