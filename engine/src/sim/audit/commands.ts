/** What commands mean for an account, from the contract's paragraphs on commands. */
import type { Command, Instant, RefusalCode, Trade, TradingEventType } from '@kairos/schema';
import type { Books } from './books.js';
import type { House } from './decide.js';
import type { Course, Expected } from './expected.js';
import type { Moment } from './trades.js';
import { close, newestFor } from './trades.js';

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
  if (command.action === 'RESUME_BOT') return status === 'STOPPING' ? 'NOT_ALLOWED' : null;
  if (command.action !== 'CLOSE_POSITION') return null;
  if (!positionOf(books, command)) return 'NOT_FOUND';
  return status === 'STOPPING' ? 'NOT_ALLOWED' : null;
}

const positionOf = (books: Books, { tradeId }: Command) =>
  [...books.open.values()].find((position) => position.tradeId === tradeId);

function* obey(books: Books, command: Command, when: When): Course {
  const happened = (type: TradingEventType): Expected => ({ type, causedBy: command.id });
  switch (command.action) {
    case 'STOP_BOT':
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
    yield { type: 'TRADING_STOPPING', causedBy: id };
    if (books.open.size > 0) return;
    books.stops = books.stops.filter((other) => other !== id);
  }
  books.status = 'STOPPED';
  yield { type: 'TRADING_STOPPED', causedBy: id };
}

/** What a panic may do to an account at any time, to be told by the event: close a position, or say that it is flat. */
export function windUp(books: Books, event: { readonly trade: Trade | null }, moment: Moment): Expected | null {
  const [stop] = books.stops;
  if (books.status !== 'STOPPING' && stop === undefined) return null;
  if (books.open.size === 0) {
    books.status = 'STOPPED';
    return { type: 'TRADING_STOPPED', causedBy: books.stops.shift() ?? '' };
  }
  const position = [...books.open.values()].find(({ tradeId }) => tradeId === event.trade?.id);
  if (!position) return null;
  const { price, priced } = newestFor(position, moment);
  const closed = close(books, position, { ...moment, price, reason: 'PANIC' });
  return { type: 'TRADE_CLOSED', causedBy: stop ?? '', closed, priced };
}

/** A clock that is ahead makes no resume younger than the stops after it. */
function resume(books: Books, command: Command, wall: Instant): void {
  const issued = command.time < wall ? command.time : wall;
  if (books.resumedAt === null || issued > books.resumedAt) books.resumedAt = issued;
  books.status = 'RUNNING';
}

function* closeByHand(books: Books, command: Command, when: When): Course {
  const position = positionOf(books, command);
  if (!position) return;
  const moment = when();
  const { price, priced } = newestFor(position, moment);
  const closed = close(books, position, { ...moment, price, reason: 'MANUAL' });
  yield { type: 'TRADE_CLOSED', causedBy: command.id, closed, priced };
}
