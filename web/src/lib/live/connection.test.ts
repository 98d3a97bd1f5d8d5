import { beforeEach, describe, expect, it } from 'vitest';
import { decisionSubscription, tradeSubscription } from '../api/subscriptions.js';
import type { ApiError } from '../api/errors.js';
import { trade } from '../testing/entities.js';
import { FakeSockets } from '../testing/sockets.js';
import { FakeTiming, settled } from '../testing/timing.js';
import { Connection, SILENCE_MAX_MS } from './connection.svelte.js';

let sockets: FakeSockets;
let timing: FakeTiming;
let token: string | null;
let renewals: number;
let connection: Connection;
let taken: number[];
let refusals: ApiError[];

beforeEach(() => {
  sockets = new FakeSockets();
  timing = new FakeTiming();
  token = 'Bearer one';
  renewals = 0;
  taken = [];
  refusals = [];
  connection = new Connection({
    open: sockets.open,
    timing,
    authorization: () => token,
    renew: () => {
      renewals += 1;
      return Promise.resolve(token !== null);
    },
  });
});

const follow = () =>
  connection.stream({
    document: tradeSubscription,
    variables: () => ({ accountId: 'a1', afterSeq: taken.at(-1) ?? 0 }),
    next: ({ tradeUpdated }) => taken.push(tradeUpdated.seq),
    failed: (error) => refusals.push(error),
  });

const push = (seq: number, socket = sockets.last): void => {
  for (const stream of socket.running('TradeUpdated')) stream.next({ tradeUpdated: trade({ seq }) });
};

describe('streams outlive their sockets', () => {
  it('nothing is subscribed before the server has taken the token', () => {
    follow();
    connection.start();
    expect(sockets.last.streams).toEqual([]);
    sockets.last.accept();
    expect(sockets.last.running('TradeUpdated')).toHaveLength(1);
    expect(sockets.last.authorization).toBe('Bearer one');
  });

  it('a stream begun while open is subscribed at once', () => {
    connection.start();
    sockets.last.accept();
    follow();
    expect(sockets.last.running('TradeUpdated')).toHaveLength(1);
  });

  it('after a loss they go on after the last fact taken', () => {
    follow();
    connection.start();
    sockets.last.accept();
    push(4);
    sockets.last.lose(1006);
    expect(connection.phase.name).toBe('waiting');
    timing.advance(500);
    expect(sockets.all).toHaveLength(2);
    sockets.last.accept();
    expect(sockets.last.running('TradeUpdated')[0]?.variables).toEqual({ accountId: 'a1', afterSeq: 4 });
  });

  it('a stopped stream is not taken up again', () => {
    const stream = follow();
    connection.start();
    sockets.last.accept();
    stream.stop();
    sockets.last.lose(1006);
    timing.advance(500);
    sockets.last.accept();
    expect(sockets.last.streams).toEqual([]);
  });

  it('queries are due after each opening that followed a loss, not after a hand-over', () => {
    let opened = 0;
    connection.onOpen(() => (opened += 1));
    connection.start();
    sockets.last.accept();
    connection.handOver();
    sockets.last.accept();
    expect(opened).toBe(1);
    sockets.last.lose(1006);
    timing.advance(500);
    sockets.last.accept();
    expect(opened).toBe(2);
  });
});

describe('trying again', () => {
  it('waits longer each time and says when it tries', () => {
    connection.start();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 4; attempt += 1) {
      sockets.last.lose(1006);
      const { phase } = connection;
      if (phase.name !== 'waiting') throw new Error('It does not wait');
      waits.push(phase.retryAt - timing.now());
      timing.advance(phase.retryAt - timing.now());
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000]);
  });

  it('a socket that stood for long starts the waits anew', () => {
    connection.start();
    sockets.last.lose(1006);
    timing.advance(500);
    sockets.last.accept();
    for (let i = 0; i < 20; i += 1) {
      timing.advance(1_000);
      sockets.last.hear();
    }
    sockets.last.lose(1006);
    expect(connection.phase).toEqual({ name: 'waiting', retryAt: timing.now() + 500 });
  });

  it('can be asked for at once', () => {
    connection.start();
    sockets.last.lose(1006);
    connection.retryNow();
    expect(sockets.all).toHaveLength(2);
    timing.advance(60_000);
    expect(sockets.all).toHaveLength(2);
  });

  it('a socket that says nothing is given up', () => {
    connection.start();
    sockets.last.accept();
    timing.advance(SILENCE_MAX_MS * 2);
    expect(sockets.all[0]?.isClosed).toBe(true);
    expect(sockets.all.length).toBeGreaterThan(1);
  });

  it('one that speaks is kept', () => {
    connection.start();
    sockets.last.accept();
    for (let i = 0; i < 60; i += 1) {
      timing.advance(2_000);
      sockets.last.hear();
    }
    expect(connection.isOpen).toBe(true);
    expect(sockets.all).toHaveLength(1);
  });

  it('nothing more happens once stopped', () => {
    connection.start();
    sockets.last.lose(1006);
    connection.stop();
    timing.advance(60_000);
    expect(sockets.all).toHaveLength(1);
    expect(connection.phase.name).toBe('idle');
  });
});

describe('the token', () => {
  it('one that ended is renewed before the next socket', async () => {
    connection.start();
    sockets.last.accept();
    token = 'Bearer two';
    sockets.last.lose(4403, 'token-expired');
    await settled();
    expect(renewals).toBe(1);
    expect(sockets.last.authorization).toBe('Bearer two');
  });

  it('a new one that is refused too is not hammered', async () => {
    connection.start();
    sockets.last.lose(4403, 'forbidden');
    await settled();
    sockets.last.lose(4403, 'forbidden');
    await settled();
    expect(sockets.all).toHaveLength(2);
    expect(connection.phase.name).toBe('waiting');
  });

  it('without one no socket is opened', async () => {
    connection.start();
    token = null;
    sockets.last.lose(4403, 'revoked');
    await settled();
    timing.advance(1_000);
    expect(sockets.all).toHaveLength(1);
  });
});

describe('handing over before the token ends', () => {
  it('the old socket serves until the new one stands, then facts go on after the last one taken', () => {
    follow();
    connection.start();
    const [former] = sockets.all;
    former?.accept();
    push(4, former);
    token = 'Bearer two';
    connection.handOver();
    push(5, former);
    expect(former?.isClosed).toBe(false);
    sockets.last.accept();
    expect(sockets.last.running('TradeUpdated')[0]?.variables).toEqual({ accountId: 'a1', afterSeq: 5 });
    expect(former?.isClosed).toBe(true);
    push(6);
    expect(taken).toEqual([4, 5, 6]);
    expect(connection.isOpen).toBe(true);
  });

  it('what the old socket still delivers is not taken twice', () => {
    follow();
    connection.start();
    const [former] = sockets.all;
    former?.accept();
    const [old] = former?.running('TradeUpdated') ?? [];
    connection.handOver();
    sockets.last.accept();
    old?.next({ tradeUpdated: trade({ seq: 9 }) });
    expect(taken).toEqual([]);
  });

  it('a new socket that fails leaves the old one in service', () => {
    connection.start();
    sockets.last.accept();
    connection.handOver();
    sockets.last.lose(1006);
    expect(connection.isOpen).toBe(true);
    expect(sockets.all[0]?.isClosed).toBe(false);
  });
});

describe('a stream that the server ends', () => {
  it('says why and stands still until restarted', () => {
    const stream = follow();
    connection.start();
    sockets.last.accept();
    sockets.last.streams[0]?.ended([{ message: 'Too far behind.', extensions: { code: 'CONFLICT' } }]);
    expect(refusals.map((error) => error.code)).toEqual(['CONFLICT']);
    taken.push(40);
    stream.restart();
    expect(sockets.last.streams[1]?.variables).toEqual({ accountId: 'a1', afterSeq: 40 });
  });

  it('leaves the others running', () => {
    follow();
    connection.stream({
      document: decisionSubscription,
      variables: () => ({ accountId: 'a1', afterSeq: 0 }),
      next: () => undefined,
      failed: () => undefined,
    });
    connection.start();
    sockets.last.accept();
    sockets.last.running('TradeUpdated')[0]?.ended([]);
    expect(sockets.last.running('DecisionMade')).toHaveLength(1);
    expect(refusals[0]?.code).toBe('UNAVAILABLE');
  });
});
