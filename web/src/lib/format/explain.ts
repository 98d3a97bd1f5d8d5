/** What became of a signal, and why, in short plain words. */
import type { CommandStep, Decision, EntryBlock, Trade } from '../api/fragments.js';
import { showMoney } from './decimal.js';
import { showDuration, showShare } from './number.js';

type DenialReason = NonNullable<Decision['reason']>;
type Compared = Pick<Decision, 'observed' | 'limit'>;

const PERCENT_DECIMALS_MAX = 2;

/** Two shares of 0..1 with as many decimals as it takes to tell them apart. */
function shares({ observed, limit }: Compared): [string, string] {
  const [a, b] = [Number(observed), Number(limit)];
  for (let decimals = 0; decimals < PERCENT_DECIMALS_MAX; decimals += 1) {
    const texts: [string, string] = [showShare(a, decimals), showShare(b, decimals)];
    if (texts[0] !== texts[1]) return texts;
  }
  return [showShare(a, PERCENT_DECIMALS_MAX), showShare(b, PERCENT_DECIMALS_MAX)];
}

const ofShares =
  (write: (observed: string, limit: string) => string) =>
  (compared: Compared): string =>
    write(...shares(compared));

interface Reason {
  /** Without figures: also where none were recorded. */
  readonly short: string;
  readonly full?: (compared: Compared, symbol: string) => string;
}

const REASONS: Record<DenialReason, Reason> = {
  TRADING_STOPPED: { short: 'trading is stopped' },
  TRADING_PAUSED: { short: 'trading is paused' },
  STALE: {
    short: 'the signal came too late',
    full: ({ observed, limit }) =>
      `the signal was ${showDuration(Number(observed))} old, more than ${showDuration(Number(limit))}`,
  },
  PRICE_OUT_OF_BAND: {
    short: 'its price is too far from the market',
    full: ofShares((observed, limit) => `its price is ${observed} away from the market, more than ${limit}`),
  },
  LOW_CONFIDENCE: {
    short: 'confidence is under your minimum',
    full: ofShares((observed, limit) => `confidence ${observed} is under your ${limit}`),
  },
  NO_POSITION: {
    short: 'there is nothing to sell',
    full: (_, symbol) => `nothing is open in ${symbol}`,
  },
  ALREADY_IN_POSITION: {
    short: 'already in position',
    full: (_, symbol) => `already in position in ${symbol}`,
  },
  COOLDOWN: {
    short: 'cooling down after a loss',
    full: ({ observed, limit }) =>
      `cooling down: the last loss was ${showDuration(Number(observed))} ago, you wait ${showDuration(Number(limit))}`,
  },
  MAX_OPEN_POSITIONS: {
    short: 'your most open positions are reached',
    full: ({ observed, limit }) => `${observed} positions are open, your most is ${limit}`,
  },
  DAILY_LOSS_LIMIT: {
    short: "today's loss is past your limit",
    full: ofShares((observed, limit) => `today's loss of ${observed} is past your ${limit}`),
  },
  DRAWDOWN_LIMIT: {
    short: 'drawdown is past your limit',
    full: ofShares((observed, limit) => `drawdown of ${observed} is past your ${limit}`),
  },
  INSUFFICIENT_FUNDS: {
    short: 'not enough cash',
    full: ({ observed, limit }) => `cash of ${showMoney(observed)} is not enough, ${showMoney(limit)} is needed`,
  },
  BELOW_MINIMUM_ORDER: {
    short: 'the order would be too small',
    full: ({ observed, limit }) => `an order of ${showMoney(observed)} is under the smallest of ${showMoney(limit)}`,
  },
  ORDER_REJECTED: { short: 'the venue rejected the order' },
};

/** `Denied: confidence 71 % is under your 75 %`; `Opened`; `Closed`. */
export function explainDecision(decision: Decision): string {
  if (decision.outcome === 'OPENED') return 'Opened';
  if (decision.outcome === 'CLOSED') return 'Closed';
  if (decision.reason === null) return 'Denied';
  const { short, full } = REASONS[decision.reason];
  const hasFigures = decision.observed !== null && decision.limit !== null;
  const needsFigures = decision.reason !== 'NO_POSITION' && decision.reason !== 'ALREADY_IN_POSITION';
  const words = full && (hasFigures || !needsFigures) ? full(decision, decision.signal.symbol) : short;
  return `Denied: ${words}`;
}

/** Why nothing would be opened now: `BTCUSDT: cooling down after a loss`. */
export function explainBlock(block: EntryBlock): string {
  const { short } = REASONS[block.reason];
  return block.symbol === null ? short : `${block.symbol}: ${short}`;
}

const EXITS: Record<NonNullable<Trade['exitReason']>, string> = {
  SIGNAL: 'signal',
  STOP_LOSS: 'stop loss',
  TAKE_PROFIT: 'take profit',
  TRAILING_STOP: 'trailing stop',
  PANIC: 'panic',
  MANUAL: 'by hand',
};

/** `Open`, `Closed · stop loss`. */
export const explainTrade = (trade: Pick<Trade, 'status' | 'exitReason'>): string =>
  trade.status === 'OPEN' ? 'Open' : trade.exitReason ? `Closed · ${EXITS[trade.exitReason]}` : 'Closed';

const STEPS: Record<CommandStep['kind'], (step: CommandStep, price: string) => string> = {
  ACCOUNT_OPENED: () => 'Account opened',
  ENTRIES_BLOCKED: () => 'Entries blocked',
  POSITION_CLOSED: (step, price) => `${step.symbol ?? 'Position'} closed at ${price}`,
  CLOSE_FAILED: (step) =>
    `${step.symbol ?? 'Position'} could not be closed: ${step.error ?? 'no reason given'}. Trying again`,
  FLAT: () => 'Flat: nothing is open',
  STOPPED: () => 'Stopped',
  PAUSED: () => 'Paused',
  RESUMED: () => 'Running again',
  SETTINGS_CHANGED: () => 'Settings changed',
  REFUSED: (step) => `Refused: ${step.error ?? 'no reason given'}`,
};

/** One step of a command; `price` is the step's price as the instrument writes it. */
export const explainStep = (step: CommandStep, price: string): string => STEPS[step.kind](step, price);
