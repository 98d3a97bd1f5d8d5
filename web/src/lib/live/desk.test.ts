import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../api/errors.js';
import type { Account } from '../api/fragments.js';
import { FakeApi } from '../testing/api.js';
import { account, command, decision, livePnl, signal, step, trade } from '../testing/entities.js';
import { FakeSockets } from '../testing/sockets.js';
import { FakePainter, FakeTiming, settled } from '../testing/timing.js';
import { Commands } from './commands.svelte.js';
import { Connection } from './connection.svelte.js';
import { Desk, STATS_INTERVAL_MS, STREAM_RETRY_MS } from './desk.svelte.js';

const edges = <Node>(...nodes: Node[]) => ({ edges: nodes.map((node) => ({ node })) });
const emptyDesk = { trades: edges(), decisions: edges(), signals: edges(), stats: null, commands: [] };

let api: FakeApi;
let sockets: FakeSockets;
let timing: FakeTiming;
let painter: FakePainter;
let commands: Commands;
let desk: Desk;
let known: Account;

beforeEach(async () => {
  known = account({ seq: 3 });
  api = new FakeApi()
    .on('Desk', () => emptyDesk)
    .on('Curve', () => ({ equityCurve: [] }))
    .on('Stats', () => ({ stats: null }))
    .on('Account', () => ({ account: known }));
  sockets = new FakeSockets();
  timing = new FakeTiming();
  painter = new FakePainter();
  const connection = new Connection({
    open: sockets.open,
    timing,
    authorization: () => 'Bearer one',
    renew: () => Promise.resolve(true),
  });
  commands = new Commands({ api, connection, timing });
  connection.start();
  sockets.last.accept();
  desk = new Desk({ api, connection, commands, timing, painter }, known);
  desk.start();
  await settled();
});

const push = (name: string, data: unknown): void => {
  for (const stream of sockets.last.running(name)) stream.next(data);
};
const afterSeqs = (): unknown[] =>
  ['TradeUpdated', 'DecisionMade'].map((name) => sockets.last.running(name)[0]?.variables['afterSeq']);

const reconnect = async (): Promise<void> => {
  sockets.last.lose(1006);
  timing.advance(500);
  sockets.last.accept();
  await settled();
};

describe('beginning', () => {
  it('facts follow from the event that the account was read at', () => expect(afterSeqs()).toEqual([3, 3]));

  it('what was answered is shown', async () => {
    api.on('Desk', () => ({ ...emptyDesk, trades: edges(trade()), decisions: edges(decision()) }));
    await desk.reload();
    expect(desk.trades.map((one) => one.id)).toEqual(['t1']);
    expect(desk.signals.rows[0]?.decision?.outcome).toBe('DENIED');
  });

  it('a panic that is still under way is followed', async () => {
    const running = command({ status: 'RUNNING', steps: [step('ENTRIES_BLOCKED')] });
    api.on('Desk', () => ({ ...emptyDesk, commands: [running] })).on('Command', () => ({ command: running }));
    await desk.reload();
    expect(commands.newest('STOP_BOT', 'a1')?.command.status).toBe('RUNNING');
  });

  it('what cannot be loaded says so, beside what can', async () => {
    api.on('Desk', () => {
      throw new ApiError('UNAVAILABLE', 'The store does not answer.');
    });
    await desk.reload();
    expect(desk.problems.trades).toBe('The store does not answer.');
    expect(desk.curve.problem).toBeNull();
  });
});

describe('pushes', () => {
  it('of many frames before a paint only the newest is drawn', () => {
    push('LivePnl', { livePnl: livePnl({ sentAt: '2024-08-05T12:00:01.000Z', equity: '1' }) });
    push('LivePnl', { livePnl: livePnl({ sentAt: '2024-08-05T12:00:02.000Z', equity: '2' }) });
    expect(desk.live).toBeNull();
    painter.paint();
    expect(desk.live?.equity).toBe('2');
  });

  it('facts are taken as they come, each once', () => {
    push('TradeUpdated', { tradeUpdated: trade({ seq: 4 }) });
    push('TradeUpdated', { tradeUpdated: trade({ seq: 4 }) });
    push('SignalPublished', { signalPublished: signal({ id: 's9' }) });
    painter.paint();
    push('DecisionMade', { decisionMade: decision({ seq: 5, signal: signal({ id: 's9' }) }) });
    expect(desk.trades).toHaveLength(1);
    expect(desk.signals.rows[0]?.decision?.seq).toBe(5);
    expect(desk.seq).toBe(5);
  });

  it('closing trades ask for the statistics once per interval', async () => {
    push('TradeUpdated', { tradeUpdated: trade({ seq: 4, status: 'CLOSED' }) });
    push('TradeUpdated', { tradeUpdated: trade({ id: 't2', seq: 5, status: 'CLOSED' }) });
    timing.advance(STATS_INTERVAL_MS);
    await settled();
    expect(api.timesAsked('Stats')).toBe(1);
  });

  it('statistics that cannot be had say so, beside those of before, until they can', async () => {
    const closed = async (seq: number): Promise<void> => {
      push('TradeUpdated', { tradeUpdated: trade({ id: `t${seq}`, seq, status: 'CLOSED' }) });
      timing.advance(STATS_INTERVAL_MS);
      await settled();
    };
    const known = { tradeCount: 7 };
    api.on('Stats', () => ({ stats: known }));
    await closed(4);
    api.on('Stats', () => {
      throw new ApiError('UNAVAILABLE', 'The store does not answer.');
    });
    await closed(5);
    expect([desk.stats, desk.problems.stats]).toEqual([known, 'The store does not answer.']);
    api.on('Stats', () => ({ stats: known }));
    await closed(6);
    expect(desk.problems.stats).toBeUndefined();
  });

  it('another status makes the page ask who did it and why', async () => {
    known = account({ status: 'STOPPED', statusChangedBy: 'admin', statusReason: 'Panic button' });
    push('LivePnl', { livePnl: livePnl({ status: 'STOPPED' }) });
    painter.paint();
    await settled();
    expect(desk.account.statusChangedBy).toBe('admin');
  });

  it('nothing is asked while only prices move', () => {
    const before = api.asked.length;
    for (let second = 0; second < 60; second += 1) {
      push('LivePnl', {
        livePnl: livePnl({ sentAt: new Date(Date.parse('2024-08-05T12:00:00Z') + second * 1_000).toISOString() }),
      });
      painter.paint();
      timing.advance(1_000);
      sockets.last.hear();
    }
    expect(api.asked.length).toBe(before);
  });
});

describe('after a loss of the line', () => {
  it('facts go on after the last one taken and everything is asked again', async () => {
    push('TradeUpdated', { tradeUpdated: trade({ seq: 4 }) });
    push('DecisionMade', { decisionMade: decision({ seq: 6 }) });
    known = account({ seq: 8 });
    const before = api.timesAsked('Desk');
    await reconnect();
    expect(afterSeqs()).toEqual([4, 6]);
    expect(api.timesAsked('Desk')).toBe(before + 1);
    expect(desk.trades).toHaveLength(1);
  });

  it('books that were begun anew are shown anew', async () => {
    push('TradeUpdated', { tradeUpdated: trade({ seq: 40 }) });
    known = account({ seq: 1 });
    await reconnect();
    expect(desk.trades).toEqual([]);
    expect(afterSeqs()).toEqual([1, 1]);
    push('LivePnl', { livePnl: livePnl({ seq: 1 }) });
    painter.paint();
    expect(desk.live?.seq).toBe(1);
  });

  it('too far behind (CONFLICT): everything is asked once, and both streams start from there', async () => {
    known = account({ seq: 5_000 });
    const before = api.timesAsked('Desk');
    const conflict = [{ message: 'Too far behind.', extensions: { code: 'CONFLICT' } }];
    sockets.last.running('TradeUpdated')[0]?.ended(conflict);
    sockets.last.running('DecisionMade')[0]?.ended(conflict);
    await settled();
    expect(api.timesAsked('Desk')).toBe(before + 1);
    expect(afterSeqs()).toEqual([5_000, 5_000]);
  });

  it('a stream that failed otherwise is asked for again after a while', () => {
    const [stream] = sockets.last.running('LivePnl');
    stream?.ended([{ message: 'Not now.', extensions: { code: 'UNAVAILABLE' } }]);
    const before = sockets.last.streams.length;
    timing.advance(STREAM_RETRY_MS);
    expect(sockets.last.streams.length).toBe(before + 1);
  });

  it('once stopped it takes and asks nothing more', async () => {
    desk.stop();
    const before = api.asked.length;
    push('TradeUpdated', { tradeUpdated: trade({ seq: 4 }) });
    await reconnect();
    expect(desk.trades).toEqual([]);
    expect(api.asked.length).toBe(before);
  });
});
