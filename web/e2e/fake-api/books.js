/** The pretend books of one account: signals become decisions, decisions become trades. */
import { decimal, SYMBOLS } from './market.js';

const FEE = 0.001;

export function createBooks({ id, name, mode, feed, market, random, emit }) {
  const account = {
    id,
    name,
    mode,
    feed,
    status: 'RUNNING',
    statusChangedBy: null,
    statusReason: null,
    statusChangedAt: null,
    quoteCurrency: 'USDT',
    initialBalance: 5_000,
    cash: 5_000,
    seq: 1,
    createdAt: new Date().toISOString(),
    settings: {
      symbols: SYMBOLS.map(({ symbol }) => symbol),
      minConfidence: 0.75,
      riskPerTrade: '0.5',
      commission: '0.001',
      slippage: '0',
      maxOpenPositions: 10,
      stopLoss: '0.02',
      takeProfit: '0.04',
      trailingStop: null,
      cooldownSeconds: 0,
      dailyLossLimit: null,
      maxDrawdown: '0.2',
    },
  };
  const trades = [];
  const decisions = [];
  const curve = [];
  let peak = account.initialBalance;
  let signalCount = 0;
  const signals = [];

  const openTrades = () => trades.filter((trade) => trade.status === 'OPEN');
  const sum = (list, of) => list.reduce((total, one) => total + of(one), 0);
  const realized = () => sum(trades, (trade) => trade.pnlNumber ?? 0);
  const unrealizedOf = (trade) => trade.amountNumber * market.priceOf(trade.symbol) - trade.costNumber;
  const unrealized = () => sum(openTrades(), unrealizedOf);
  const openFees = () => sum(openTrades(), (trade) => trade.feeNumber);
  const equity = () => account.initialBalance + realized() - openFees() + unrealized();

  function open(signal, now) {
    const price = market.priceOf(signal.symbol);
    const cost = account.cash * 0.5;
    const fee = cost * FEE;
    account.cash -= cost + fee;
    const trade = {
      id: `t${String(trades.length + 1).padStart(5, '0')}`,
      accountId: id,
      seq: account.seq,
      symbol: signal.symbol,
      action: 'BUY',
      status: 'OPEN',
      amountNumber: cost / price,
      costNumber: cost,
      feeNumber: fee,
      amount: decimal(cost / price),
      entryPrice: decimal(price, 2),
      cost: decimal(cost),
      entryFee: decimal(fee),
      entryTime: new Date(now).toISOString(),
      confidence: signal.confidence,
      stopLossPrice: decimal(price * 0.98, 2),
      takeProfitPrice: decimal(price * 1.04, 2),
      exitPrice: null,
      exitTime: null,
      exitReason: null,
      pnl: null,
      pnlPercent: null,
    };
    trades.unshift(trade);
    return trade;
  }

  function close(trade, reason, now) {
    const price = market.priceOf(trade.symbol);
    const revenue = trade.amountNumber * price;
    const exitFee = revenue * FEE;
    account.cash += revenue - exitFee;
    const pnl = revenue - exitFee - trade.costNumber - trade.feeNumber;
    Object.assign(trade, {
      status: 'CLOSED',
      seq: account.seq,
      exitPrice: decimal(price, 2),
      revenue: decimal(revenue),
      exitFee: decimal(exitFee),
      exitFeeNumber: exitFee,
      exitTime: new Date(now).toISOString(),
      exitReason: reason,
      pnlNumber: pnl,
      pnl: decimal(pnl),
      pnlPercent: (pnl / (trade.costNumber + trade.feeNumber)) * 100,
    });
    return trade;
  }

  function decide(signal, now) {
    const held = openTrades().find((trade) => trade.symbol === signal.symbol);
    const deny = (reason, observed = null, limit = null) => ({ outcome: 'DENIED', reason, observed, limit });
    let made;
    if (account.status === 'STOPPED' || account.status === 'STOPPING') made = deny('TRADING_STOPPED');
    else if (account.status === 'PAUSED' && signal.action === 'BUY') made = deny('TRADING_PAUSED');
    else if (signal.confidence < account.settings.minConfidence)
      made = deny('LOW_CONFIDENCE', decimal(signal.confidence), decimal(account.settings.minConfidence));
    else if (signal.action === 'SELL' && !held) made = deny('NO_POSITION');
    else if (signal.action === 'BUY' && held) made = deny('ALREADY_IN_POSITION');
    else if (signal.action === 'BUY' && account.cash < 50)
      made = deny('INSUFFICIENT_FUNDS', decimal(account.cash), '50');
    account.seq += 1;
    const trade = made ? null : signal.action === 'BUY' ? open(signal, now) : close(held, 'SIGNAL', now);
    made ??= { outcome: trade.status === 'OPEN' ? 'OPENED' : 'CLOSED', reason: null, observed: null, limit: null };
    const decision = {
      id: `${id}:${account.seq}`,
      accountId: id,
      seq: account.seq,
      signal,
      trade,
      time: new Date(now).toISOString(),
      ...made,
    };
    decisions.unshift(decision);
    signal.decisions = [decision];
    emit('decision', decision);
    if (trade) emit('trade', trade);
  }

  function makeSignal({ symbol }, now) {
    const roll = random();
    const held = openTrades().some((trade) => trade.symbol === symbol);
    const action = roll < 0.035 ? (held ? 'SELL' : 'BUY') : roll < 0.05 ? 'SELL' : 'HOLD';
    signalCount += 1;
    const signal = {
      id: `s${signalCount}`,
      symbol,
      action,
      confidence: action === 'HOLD' ? 0.3 + random() * 0.4 : 0.62 + random() * 0.34,
      price: decimal(market.priceOf(symbol), 2),
      time: new Date(now).toISOString(),
      receivedAt: new Date().toISOString(),
      source: 'kairos-predictor',
      votes: { linearRegression: (random() - 0.5) * 0.01, knn: random(), regime: 'RANGING' },
      decisions: [],
    };
    signals.unshift(signal);
    signals.length = Math.min(signals.length, 5_000);
    emit('signal', signal);
    if (action !== 'HOLD') decide(signal, now);
  }

  return {
    account,
    trades,
    decisions,
    signals,
    curve,
    openTrades,
    unrealizedOf,
    close,
    figures: () => ({
      cash: account.cash,
      realized: realized(),
      unrealized: unrealized(),
      openFees: openFees(),
      equity: equity(),
    }),
    step: (now) => {
      for (const symbol of SYMBOLS) makeSignal(symbol, now);
      for (const trade of openTrades()) {
        const price = market.priceOf(trade.symbol);
        const isStop = price <= Number(trade.stopLossPrice);
        if (!isStop && price < Number(trade.takeProfitPrice)) continue;
        account.seq += 1;
        emit('trade', close(trade, isStop ? 'STOP_LOSS' : 'TAKE_PROFIT', now));
      }
      const now_ = equity();
      peak = Math.max(peak, now_);
      curve.push({
        time: now,
        equity: now_,
        balance: account.initialBalance + realized(),
        drawdownPercent: ((peak - now_) / peak) * 100,
      });
    },
  };
}
