/** What commands mean for an account, from the contract's paragraphs on commands. */
import type { Command, Instant, RefusalCode, TradingEvent, TradingEventType } from '@kairos/schema';
import type { Books } from './books.js';
import type { House } from './decide.js';
import type { Course, Expected } from './expected.js';
import type { Moment } from './trades.js';
import { attempt } from './trades.js';

export interface Order {
  readonly command: Command;
  readonly isSigned: boolean;
  readonly house: House;
}

type When = () => Moment & { readonly wall: Instant };

/** An existing account and a command other than OPEN_ACCOUNT: nothing where it was obeyed before. */
export function* courseCommand(books: Books, order: Order, when: When): Course {
  const { command } = order;
  if (books.heard.has(command.id)) return;
  const refusal = refusalOf(books, order, when().wall);
  if (refusal !== 'NOT_SIGNED') books.heard.add(command.id);
  if (refusal) yield refused(command, refusal);
  else yield* obey(books, command, when);
}

const refused = (command: Command, refusal: RefusalCode): Expected => ({
  type: 'COMMAND_REFUSED',
  causedBy: command.id,
  refusal,
});

function refusalOf(books: Books, { command, isSigned, house }: Order, wall: Instant): RefusalCode | null {
  if (command.action === 'STOP_BOT') {
    const isLater = books.openedAt > command.time || (books.resumedAt !== null && books.resumedAt > command.time);
    return isLater ? 'NOT_ALLOWED' : null;
  }
  if (house.requiresSignature && !isSigned) return 'NOT_SIGNED';
  if (wall - command.time > house.commandAgeMaxMs) return 'EXPIRED';
  const { status } = books;
  if (command.action === 'PAUSE_BOT') return status === 'STOPPED' || status === 'STOPPING' ? 'NOT_ALLOWED' : null;
  if (command.action === 'RESUME_BOT') return status === 'STOPPING' || isOutrun(books, command) ? 'NOT_ALLOWED' : null;
  if (command.action !== 'CLOSE_POSITION') return null;
  if (!positionOf(books, command)) return 'NOT_FOUND';
  return status === 'STOPPING' || books.closings.has(command.tradeId ?? '') ? 'NOT_ALLOWED' : null;
}

/** Issued before what has stopped the account. */
const isOutrun = ({ stoppedAt }: Books, { time }: Command): boolean => stoppedAt !== null && time < stoppedAt;

const positionOf = (books: Books, { tradeId }: Command) =>
  [...books.open.values()].find((position) => position.tradeId === tradeId);

function* obey(books: Books, command: Command, when: When): Course {
  const happened = (type: TradingEventType): Expected => ({ type, causedBy: command.id });
  switch (command.action) {
    case 'STOP_BOT':
      books.stoppedAt = latest(books.stoppedAt, command, when().wall);
      yield* panic(books, command);
      return;
    case 'PAUSE_BOT':
      books.status = 'PAUSED';
      yield happened('TRADING_PAUSED');
      return;
    case 'RESUME_BOT':
      resume(books, command, when().wall);
      yield happened('TRADING_RESUMED');
      return;
    case 'UPDATE_SETTINGS':
      books.settings = { ...books.settings, ...command.settings };
      yield happened('SETTINGS_UPDATED');
      return;
    case 'CLOSE_POSITION':
      yield* closeByHand(books, command, when);
      return;
    case 'OPEN_ACCOUNT':
      return;
  }
}

/** What is open is closed by and by (`windUp`), and each STOP_BOT answered once the account is flat. */
function* panic(books: Books, { id }: Command): Course {
  if (books.status !== 'STOPPED') {
    books.status = 'STOPPING';
    books.stops.push(id);
    takeOver(books, id);
    const isFlat = books.open.size === 0;
    yield { type: 'TRADING_STOPPING', causedBy: id };
    if (!isFlat) return;
    books.stops = books.stops.filter((other) => other !== id);
  }
  books.status = 'STOPPED';
  yield { type: 'TRADING_STOPPED', causedBy: id };
}

/** What a stop level has wanted to close so far, the panic wants now. */
function takeOver(books: Books, panicId: string): void {
  for (const [tradeId, order] of books.closings) {
    if (order.commandId === null) books.closings.set(tradeId, { ...order, reason: 'PANIC', commandId: panicId });
  }
}

/**
 * What may happen to an account at any time, to be told by the event: another try to close what the venue has refused to
 * close or a panic wants closed, or word that the account is flat. Null = nothing may.
 */
export function windUp(books: Books, event: TradingEvent, moment: Moment): Expected | null {
  const [stop] = books.stops;
  if (books.open.size === 0) {
    if (stop === undefined) return null;
    books.status = 'STOPPED';
    books.stops.shift();
    return { type: 'TRADING_STOPPED', causedBy: stop };
  }
  const id = event.trade?.id ?? event.step?.tradeId;
  const position = [...books.open.values()].find(({ tradeId }) => tradeId === id);
  const wanted = stop === undefined ? null : { reason: 'PANIC' as const, commandId: stop, attempts: 0 };
  const order = (position && books.closings.get(position.tradeId)) ?? wanted;
  return position && order ? attempt(books, position, moment, order) : null;
}

/** A clock that is ahead makes no command younger than those after it. */
function latest(before: Instant | null, { time }: Command, wall: Instant): Instant {
  const issued = time < wall ? time : wall;
  return before === null || issued > before ? issued : before;
}

function resume(books: Books, command: Command, wall: Instant): void {
  books.resumedAt = latest(books.resumedAt, command, wall);
  books.status = 'RUNNING';
}

function* closeByHand(books: Books, command: Command, when: When): Course {
  const position = positionOf(books, command);
  if (!position) return;
  yield attempt(books, position, when(), { reason: 'MANUAL', commandId: command.id, attempts: 0 });
}
