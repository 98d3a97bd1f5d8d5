/** The rules that say no, written a second time from the contract: the first reason that applies, in its order. */
import type { DenialReason, Instant, Instrument, Signal } from '@kairos/schema';
import type { Books } from './books.js';
import { cashOf, equityOf, ratesOf } from './books.js';
import type { EntryFigures } from './figures.js';
import { CENT, entryFigures, ONE, widen } from './figures.js';
import type { Prices } from './prices.js';
import { isWithin } from './prices.js';

export interface House {
  readonly signalAgeMaxMs: number;
  /** PRICE_BAND in units of 1e-12. */
  readonly band: bigint;
  readonly commandAgeMaxMs: number;
  readonly requiresSignature: boolean;
  /** Whether the venue refuses an order. */
  readonly refuses: (order: VenueOrder) => boolean;
}

/** What the venue says when it refuses one. */
export const VENUE_REFUSAL = 'the venue does not want it';

/** An order as it reaches the venue. */
export interface VenueOrder {
  readonly accountId: string;
  readonly symbol: string;
  readonly action: 'BUY' | 'SELL';
  /** 1 for the first. */
  readonly attempt: number;
  readonly at: Instant;
}

export interface Question {
  readonly signal: Signal;
  readonly now: Instant;
  readonly prices: Prices;
  readonly house: House;
  readonly instrument: Instrument | undefined;
}

/** The newest market price if its `at` is younger than the signal, else the signal's price. */
export function fillPriceOf({ signal, prices }: Question): bigint {
  const { market } = prices.of(signal.symbol);
  return market && market.at > signal.time ? market.price : signal.price;
}

const isHalted = ({ status }: Books): boolean => status === 'STOPPED' || status === 'STOPPING';

export function answerToBuy(books: Books, question: Question): DenialReason | EntryFigures {
  const { signal, now, prices, house } = question;
  const { settings, open } = books;
  const lossAt = books.lastLossAt.get(signal.symbol);
  const market = prices.fresh(signal.symbol, now);
  if (isHalted(books)) return 'TRADING_STOPPED';
  if (books.status === 'PAUSED') return 'TRADING_PAUSED';
  if (now - signal.time > house.signalAgeMaxMs) return 'STALE';
  if (market !== null && !isWithin(signal.price, market, house.band)) return 'PRICE_OUT_OF_BAND';
  if (signal.confidence < settings.minConfidence) return 'LOW_CONFIDENCE';
  if (open.has(signal.symbol)) return 'ALREADY_IN_POSITION';
  if (lossAt !== undefined && now - lossAt < settings.cooldownSeconds * 1_000) return 'COOLDOWN';
  if (open.size >= settings.maxOpenPositions) return 'MAX_OPEN_POSITIONS';
  if (hasLostTooMuchToday(books)) return 'DAILY_LOSS_LIMIT';
  if (hasFallenTooFar(books, prices)) return 'DRAWDOWN_LIMIT';
  const figures = affordable(books, question);
  return typeof figures !== 'string' && isRejected(books, question, 'BUY') ? 'ORDER_REJECTED' : figures;
}

const isRejected = (books: Books, { signal, now, house }: Question, action: VenueOrder['action']): boolean =>
  house.refuses({ accountId: books.id, symbol: signal.symbol, action, attempt: 1, at: now });

export function answerToSell(books: Books, question: Question): DenialReason | null {
  const { signal } = question;
  if (isHalted(books)) return 'TRADING_STOPPED';
  if (signal.confidence < books.settings.minConfidence) return 'LOW_CONFIDENCE';
  const position = books.open.get(signal.symbol);
  if (!position) return 'NO_POSITION';
  const isUnderWay = books.closings.has(position.tradeId);
  return isUnderWay || isRejected(books, question, 'SELL') ? 'ORDER_REJECTED' : null;
}

/** A SELL outside the band fills at the market price. */
export function sellPriceOf(question: Question): bigint {
  const market = question.prices.fresh(question.signal.symbol, question.now);
  const isOut = market !== null && !isWithin(question.signal.price, market, question.house.band);
  return isOut ? market : fillPriceOf(question);
}

function hasLostTooMuchToday({ settings, dayPnl, dayOpeningEquity }: Books): boolean {
  if (settings.dailyLossLimit === null) return false;
  return -dayPnl * ONE > dayOpeningEquity * widen(settings.dailyLossLimit);
}

function hasFallenTooFar(books: Books, prices: Prices): boolean {
  if (books.settings.maxDrawdown === null) return false;
  const fall = books.peakEquity - equityOf(books, prices.newest);
  return fall * ONE >= books.peakEquity * widen(books.settings.maxDrawdown);
}

function affordable(books: Books, question: Question): DenialReason | EntryFigures {
  const { instrument } = question;
  const cash = cashOf(books);
  const unit = instrument ? CENT * 10n ** BigInt(8 - instrument.amountDecimals) : CENT;
  const riskPerTrade = widen(books.settings.riskPerTrade);
  const rates = { ...ratesOf(books.settings), riskPerTrade, unit };
  const figures = entryFigures(fillPriceOf(question), cash, rates);
  if (figures.amount === 0n || figures.cost + figures.entryFee > cash) return 'INSUFFICIENT_FUNDS';
  const minimum = instrument?.minOrderValue ?? null;
  return minimum !== null && figures.cost < widen(minimum) ? 'BELOW_MINIMUM_ORDER' : figures;
}
