/** The pretend world: a clock 60 times as fast, one engine that can be killed, commands that take their time. */
import { createBooks } from './books.js';
import { createMarket, createRandom } from './market.js';

const SPEED = 60;
const HISTORY = 2_400;
const VOLATILITY = 0.0016;

export function createWorld({ feed, mode, isEmpty, hasSlowClose }) {
  const listeners = new Set();
  const emit = (kind, value) => {
    for (const listener of listeners) listener(kind, value);
  };
  const random = createRandom(20_240_805);
  const market = createMarket(random);
  const started = Date.now();
  const origin = feed === 'REPLAY' ? Date.parse('2024-08-05T06:00:00Z') : started;
  let isEngineUp = true;
  let engineSeenAt = Date.now();
  let pricedAt = Date.now();
  let commandCount = 0;
  let password = 'admin123';
  const now = () => origin + (Date.now() - started) * SPEED;
  const books = [createBooks({ id: 'a-main', name: 'Main account', mode, feed, market, random, emit })];
  const commands = [];
  const dayOpening = new Map();
  const user = {
    id: 'u1',
    username: 'admin',
    role: 'ADMIN',
    createdAt: new Date().toISOString(),
    mustChangePassword: true,
    accounts: [],
  };

  const live = () => {
    market.step(VOLATILITY);
    pricedAt = Date.now();
    engineSeenAt = Date.now();
    for (const one of books) one.step(now());
  };
  for (let candle = isEmpty ? 0 : HISTORY; candle > 0; candle -= 1) {
    market.step(VOLATILITY);
    for (const one of books) one.step(origin - candle * 60_000);
  }
  for (const one of books) dayOpening.set(one.account.id, one.curve.at(-300)?.equity ?? one.account.initialBalance);
  const timer = setInterval(() => isEngineUp && live(), 1_000);

  const command = (action, accountId, reason) => {
    commandCount += 1;
    const made = {
      id: `c${commandCount}`,
      action,
      accountIds: [accountId],
      status: 'SENT',
      steps: [],
      issuedBy: user.username,
      reason: reason ?? null,
      sentAt: new Date().toISOString(),
    };
    commands.unshift(made);
    return made;
  };
  const step = (made, kind, more = {}) => {
    const time = new Date(now()).toISOString();
    made.steps = [
      ...made.steps,
      { time, accountId: made.accountIds[0], kind, tradeId: null, symbol: null, price: null, error: null, ...more },
    ];
    const final = {
      STOP_BOT: 'STOPPED',
      PAUSE_BOT: 'PAUSED',
      RESUME_BOT: 'RESUMED',
      CLOSE_POSITION: 'POSITION_CLOSED',
      UPDATE_SETTINGS: 'SETTINGS_CHANGED',
    }[made.action];
    made.status = kind === final ? 'DONE' : kind === 'CLOSE_FAILED' ? 'PARTIAL' : 'RUNNING';
    emit('command', { ...made });
  };
  const settle = (one, status, made) => {
    one.account.seq += 1;
    Object.assign(one.account, {
      status,
      statusChangedBy: made.issuedBy,
      statusReason: made.reason,
      statusChangedAt: new Date().toISOString(),
    });
    emit('pnl', null);
  };
  const later = (ms, run) => setTimeout(run, ms);
  const closeStep = (one, trade, made, reason) => {
    one.account.seq += 1;
    emit('trade', one.close(trade, reason, now()));
    step(made, 'POSITION_CLOSED', { tradeId: trade.id, symbol: trade.symbol, price: trade.exitPrice });
  };

  return {
    books,
    commands,
    market,
    user,
    now,
    dayOpening,
    pricedAt: () => pricedAt,
    on: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    stop: () => clearInterval(timer),
    setEngine: (isUp) => {
      isEngineUp = isUp;
      emit('system', null);
    },
    checkPassword: (text) => text === password,
    changePassword: (current, next) => {
      if (current !== password) return false;
      password = next;
      user.mustChangePassword = false;
      return true;
    },
    panic: (one, reason) => {
      const made = command('STOP_BOT', one.account.id, reason);
      const open = one.openTrades();
      later(120, () => {
        settle(one, 'STOPPING', made);
        step(made, 'ENTRIES_BLOCKED');
        if (hasSlowClose && open[0])
          step(made, 'CLOSE_FAILED', {
            tradeId: open[0].id,
            symbol: open[0].symbol,
            error: 'the venue did not answer',
          });
      });
      open.forEach((trade, index) =>
        later((hasSlowClose ? 6_000 : 300) + index * 180, () => closeStep(one, trade, made, 'PANIC')),
      );
      later((hasSlowClose ? 6_200 : 500) + open.length * 180, () => {
        settle(one, 'STOPPED', made);
        step(made, 'FLAT');
        step(made, 'STOPPED');
      });
      return made;
    },
    setStatus: (one, status, reason) => {
      const made = command(status === 'PAUSED' ? 'PAUSE_BOT' : 'RESUME_BOT', one.account.id, reason);
      later(150, () => {
        settle(one, status, made);
        step(made, status === 'PAUSED' ? 'PAUSED' : 'RESUMED');
      });
      return made;
    },
    closeOne: (tradeId) => {
      const one = books.find((each) => each.openTrades().some((trade) => trade.id === tradeId));
      if (!one) return undefined;
      const made = command('CLOSE_POSITION', one.account.id, null);
      later(400, () =>
        closeStep(
          one,
          one.openTrades().find((trade) => trade.id === tradeId),
          made,
          'MANUAL',
        ),
      );
      return made;
    },
    updateSettings: (one, settings) => {
      const made = command('UPDATE_SETTINGS', one.account.id, null);
      later(200, () => {
        Object.assign(one.account.settings, settings);
        one.account.seq += 1;
        step(made, 'SETTINGS_CHANGED');
      });
      return made;
    },
    system: () => {
      const at = new Date().toISOString();
      const seen = new Date(isEngineUp ? Date.now() : engineSeenAt).toISOString();
      const part = (name, healthy, detail, lastSeen = at) => ({
        name,
        healthy,
        detail,
        latencyMs: 1.2,
        lag: 0,
        lastSeen,
      });
      const gone = 'No word since it was last seen; it is being restarted.';
      return {
        feed,
        feedName: { SIMULATOR: 'simulator', REPLAY: 'btcusdt-1m.csv', EXCHANGE: 'binance' }[feed],
        feedSpeed: feed === 'EXCHANGE' ? null : SPEED,
        feedLastSeenAt: new Date(pricedAt).toISOString(),
        feedEndedAt: null,
        serverTime: at,
        worldTime: new Date(now()).toISOString(),
        healthy: isEngineUp,
        version: '0.1.0',
        components: [
          part('feed', isEngineUp, isEngineUp ? '4 symbols, 60 candles a minute' : gone, seen),
          part('predictor', isEngineUp, isEngineUp ? 'trained on 2,000 candles of each symbol' : gone, seen),
          part('trader', isEngineUp, isEngineUp ? 'taking prices and signals' : gone, seen),
          part('bus', true, 'local log'),
          part('store', true, 'SQLite, 1.2 ms'),
        ],
      };
    },
  };
}
