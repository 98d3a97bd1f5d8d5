/** Answers of the pretend API, in the shapes of the SDL. */
import { GraphQLError } from 'graphql';
import { decimal, SYMBOLS } from './market.js';

const refuse = (code, message) => {
  throw new GraphQLError(message, { extensions: { code } });
};

const page = (list, { first = 20, after }, keyOf) => {
  const from = after ? list.findIndex((one) => keyOf(one) === after) + 1 : 0;
  const rows = list.slice(from, from + first);
  const edges = rows.map((node) => ({ cursor: keyOf(node), node }));
  return {
    edges,
    totalCount: list.length,
    pageInfo: {
      hasNextPage: from + first < list.length,
      hasPreviousPage: from > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
};

const thin = (points, max) => {
  const size = Math.ceil(points.length / max);
  return points.filter((_, index) => index % size === 0 || index === points.length - 1);
};

export function createResolvers(world) {
  const booksOf = (id) =>
    (id ? world.books.find(({ account }) => account.id === id) : world.books[0]) ??
    refuse('NOT_FOUND', 'No such account.');
  const accountView = ({ account, figures }) => {
    const now = figures();
    return {
      ...account,
      initialBalance: decimal(account.initialBalance),
      cash: decimal(now.cash),
      balance: decimal(account.initialBalance + now.realized),
      equity: decimal(now.equity),
      openEntryFees: decimal(now.openFees),
    };
  };

  const livePnl = (books) => {
    const { account, trades } = books;
    const now = books.figures();
    const wins = trades.filter((trade) => trade.pnlNumber > 0).length;
    const closed = trades.filter((trade) => trade.status === 'CLOSED').length;
    const opening = world.dayOpening.get(account.id) ?? account.initialBalance;
    return {
      accountId: account.id,
      seq: account.seq,
      time: new Date(world.now()).toISOString(),
      sentAt: new Date().toISOString(),
      priceAgeMs: Math.round(Date.now() - world.pricedAt()),
      mode: account.mode,
      status: account.status,
      cash: decimal(now.cash),
      balance: decimal(account.initialBalance + now.realized),
      equity: decimal(now.equity),
      realizedPnl: decimal(now.realized),
      unrealizedPnl: decimal(now.unrealized),
      openEntryFees: decimal(now.openFees),
      todayPnl: decimal(now.equity - opening),
      todayPercent: ((now.equity - opening) / opening) * 100,
      dayOpeningEquity: decimal(opening),
      totalTrades: trades.length,
      openTrades: trades.length - closed,
      closedTrades: closed,
      wins,
      losses: closed - wins,
      winRate: closed === 0 ? null : wins / closed,
      positions: books.openTrades().map((trade) => {
        const price = world.market.priceOf(trade.symbol);
        const pnl = books.unrealizedOf(trade);
        return {
          ...trade,
          currentPrice: decimal(price, 2),
          priceTime: new Date(world.now()).toISOString(),
          currentValue: decimal(trade.amountNumber * price),
          unrealizedPnl: decimal(pnl),
          unrealizedPnlPercent: (pnl / trade.costNumber) * 100,
          openedAt: trade.entryTime,
          heldSeconds: Math.round((world.now() - Date.parse(trade.entryTime)) / 1_000),
        };
      }),
      entryBlocks: account.status === 'PAUSED' ? [{ symbol: null, reason: 'TRADING_PAUSED', until: null }] : [],
    };
  };

  const stats = (books) => {
    const closed = books.trades.filter((trade) => trade.status === 'CLOSED');
    const won = closed.filter((trade) => trade.pnlNumber > 0);
    const lost = closed.filter((trade) => trade.pnlNumber < 0);
    const total = (list) => list.reduce((sum, trade) => sum + trade.pnlNumber, 0);
    const [up, down] = [total(won), -total(lost)];
    const factor = lost.length === 0 ? null : up / down;
    const now = books.figures();
    const sorted = [...closed].sort((a, b) => b.pnlNumber - a.pnlNumber);
    const rate = () =>
      factor === null
        ? up > 0
          ? 'EXCELLENT'
          : 'LOSING'
        : factor > 2
          ? 'EXCELLENT'
          : factor > 1.5
            ? 'GOOD'
            : factor > 1
              ? 'PROFITABLE'
              : 'LOSING';
    const deepest = books.curve.reduce((most, point) => Math.max(most, point.drawdownPercent), 0);
    return {
      accountId: books.account.id,
      totalTrades: books.trades.length,
      openTrades: books.trades.length - closed.length,
      closedTrades: closed.length,
      wins: won.length,
      losses: lost.length,
      winRate: closed.length === 0 ? null : won.length / closed.length,
      initialBalance: decimal(books.account.initialBalance),
      cash: decimal(now.cash),
      balance: decimal(books.account.initialBalance + now.realized),
      equity: decimal(now.equity),
      realizedPnl: decimal(now.realized),
      unrealizedPnl: decimal(now.unrealized),
      openEntryFees: decimal(now.openFees),
      feesPaid: decimal(books.trades.reduce((sum, trade) => sum + trade.feeNumber + (trade.exitFeeNumber ?? 0), 0)),
      averageWin: won.length === 0 ? null : decimal(up / won.length),
      averageLoss: lost.length === 0 ? null : decimal(down / lost.length),
      payoffRatio: won.length && lost.length ? up / won.length / (down / lost.length) : null,
      profitFactor: factor,
      rating: closed.length === 0 ? 'UNRATED' : rate(),
      expectancy: closed.length === 0 ? null : decimal((up - down) / closed.length),
      maxDrawdown: decimal((deepest / 100) * 5_000),
      maxDrawdownPercent: deepest,
      bestTrade: sorted[0] ?? null,
      worstTrade: sorted.at(-1) ?? null,
      averageHoldingSeconds: closed.length === 0 ? null : 4_320,
      longestWinStreak: Math.min(4, won.length),
      longestLossStreak: Math.min(3, lost.length),
      exposure: closed.length === 0 ? null : 0.61,
    };
  };

  const signalsFor = ({ action, symbols }) =>
    world.books[0].signals.filter(
      (one) => (!action || one.action === action) && (!symbols || symbols.includes(one.symbol)),
    );

  const tradesFor = (books, filter) =>
    books.trades.filter(
      (trade) =>
        (!filter?.status || trade.status === filter.status) &&
        (!filter?.symbols || filter.symbols.includes(trade.symbol)) &&
        (filter?.profitable === undefined || filter.profitable === null || trade.pnlNumber > 0 === filter.profitable),
    );

  return {
    view: { livePnl, system: () => world.system() },
    query: {
      me: () => world.user,
      accounts: () => world.books.map(accountView),
      account: ({ id }) => accountView(booksOf(id)),
      instruments: () => SYMBOLS,
      trades: ({ accountId, filter, ...rest }) => page(tradesFor(booksOf(accountId), filter), rest, (one) => one.id),
      positions: ({ accountId }) => livePnl(booksOf(accountId)).positions,
      stats: ({ accountId }) => stats(booksOf(accountId)),
      equityCurve: ({ accountId, from, maxPoints }) =>
        thin(
          booksOf(accountId).curve.filter((point) => !from || point.time >= Date.parse(from)),
          maxPoints,
        ).map((point) => ({
          ...point,
          time: new Date(point.time).toISOString(),
          equity: decimal(point.equity),
          balance: decimal(point.balance),
        })),
      signals: (args) => page(signalsFor(args), args, (one) => one.id),
      decisions: ({ accountId, ...rest }) => page(booksOf(accountId).decisions, rest, (one) => one.id),
      command: ({ id }) => world.commands.find((one) => one.id === id) ?? refuse('NOT_FOUND', 'No such command.'),
      commands: ({ last = 20 }) => world.commands.slice(0, last),
      system: () => world.system(),
    },
    mutation: {
      changePassword: ({ current, next }) =>
        world.changePassword(current, next) || refuse('BAD_USER_INPUT', 'The current password is another one.'),
      panicStop: ({ accountId, reason }) => world.panic(booksOf(accountId), reason),
      pauseTrading: ({ accountId, reason }) => world.setStatus(booksOf(accountId), 'PAUSED', reason),
      resumeTrading: ({ accountId, reason }) => world.setStatus(booksOf(accountId), 'RUNNING', reason),
      closePosition: ({ tradeId }) => world.closeOne(tradeId) ?? refuse('NOT_FOUND', 'No such open trade.'),
      updateSettings: ({ accountId, settings }) => world.updateSettings(booksOf(accountId), settings),
    },
  };
}
