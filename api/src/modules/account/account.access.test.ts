import { describe, expect, it } from 'vitest';
import type { Viewer } from '../../context.js';
import {
  ADA,
  ADMIN,
  BOB,
  books,
  createTradingFixture,
  minutes,
  VERA,
  viewerOf,
} from '../../../test/trading-fixture.js';

const STRANGER = viewerOf('VIEWER', { userId: 'user-x', username: 'x' });

/** acc-2 of bob is the oldest; acc-1 of ada has an open trade. */
async function createWorld() {
  const world = await createTradingFixture();
  const [ada, bob] = [books('acc-1', 'user-ada'), books('acc-2', 'user-bob')];
  await world.commit({ events: [bob.opens()], marks: [bob.mark()] });
  await world.clock.advance(1_000);
  await world.commit({ events: [ada.opens(), ada.buys('BTCUSDT', '100', minutes(1))], marks: [ada.mark()] });
  const trade = ada.openTrades()[0]?.id ?? '';
  return { ...world, trade, [Symbol.asyncDispose]: world[Symbol.asyncDispose] };
}

const READS = [
  'account(id: $id) { id }',
  'trades(accountId: $id) { edges { cursor } }',
  'positions(accountId: $id) { id }',
  'stats(accountId: $id) { totalTrades }',
  'performance(accountId: $id, by: SYMBOL) { group }',
  'equityCurve(accountId: $id) { time }',
  'decisions(accountId: $id) { edges { cursor } }',
  'commands(accountId: $id) { id }',
];
const STREAMS = [
  'livePnl(accountId: $id) { seq }',
  'tradeUpdated(accountId: $id) { id }',
  'decisionMade(accountId: $id) { id }',
];
const MUTATIONS = [
  'panicStop(accountId: $id) { id }',
  'pauseTrading(accountId: $id) { id }',
  'resumeTrading(accountId: $id) { id }',
  'updateSettings(accountId: $id, settings: { cooldownSeconds: 5 }) { id }',
];
const OPEN_READS = [
  'accounts { id }',
  'instruments { symbol }',
  'signals { edges { cursor } }',
  'candles(symbol: "BTCUSDT") { time }',
  'prices { symbol }',
  'system { version }',
];

/** Who is answered what for an account: acc-1 is ada's, granted to vera. */
const CASES: readonly (readonly [string, Viewer | null, string, string | null, string | null])[] = [
  ['the administrator', ADMIN, 'acc-1', null, null],
  ['its owner', ADA, 'acc-1', null, null],
  ['another trader', BOB, 'acc-1', 'NOT_FOUND', 'NOT_FOUND'],
  ['a viewer it is granted to', VERA, 'acc-1', null, 'FORBIDDEN'],
  ['a viewer it is not granted to', STRANGER, 'acc-1', 'NOT_FOUND', 'FORBIDDEN'],
  ['nobody', null, 'acc-1', 'UNAUTHENTICATED', 'UNAUTHENTICATED'],
  ['its would-be owner, where there is none', ADA, 'acc-9', 'NOT_FOUND', 'NOT_FOUND'],
  ['the administrator, where there is none', ADMIN, 'acc-9', 'NOT_FOUND', 'NOT_FOUND'],
];

describe('access to an account', () => {
  it.each(CASES)('of %s', async (_who, viewer, id, onRead, onChange) => {
    await using world = await createWorld();
    for (const field of READS) {
      expect([field, (await world.ask(viewer, `query($id: ID) { ${field} }`, { id })).code]).toEqual([field, onRead]);
    }
    for (const field of STREAMS) {
      const { code, stream } = await world.subscribe(viewer, `subscription($id: ID) { ${field} }`, { id });
      await stream?.return(undefined);
      expect([field, code]).toEqual([field, onRead]);
    }
    for (const field of MUTATIONS) {
      const { code } = await world.ask(viewer, `mutation($id: ID) { ${field} }`, { id });
      expect([field, code]).toEqual([field, onChange]);
    }
  });

  it('answers for what is somebody else’s in the words for what does not exist', async () => {
    await using world = await createWorld();
    const account = 'query($id: ID) { account(id: $id) { id } }';
    const trade = 'query($id: ID!) { trade(id: $id) { id } }';
    const close = 'mutation($id: ID!) { closePosition(tradeId: $id) { id } }';
    const foreign = [
      await world.ask(BOB, account, { id: 'acc-1' }),
      await world.ask(BOB, trade, { id: world.trade }),
      await world.ask(BOB, close, { id: world.trade }),
    ];
    const missing = [
      await world.ask(BOB, account, { id: 'acc-9' }),
      await world.ask(BOB, trade, { id: 'no-trade' }),
      await world.ask(BOB, close, { id: 'no-trade' }),
    ];
    expect(foreign).toEqual(missing);
    expect(foreign.map(({ code }) => code)).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND']);
  });

  it('is needed for anything but logging in', async () => {
    await using world = await createWorld();
    for (const field of OPEN_READS) {
      expect([field, (await world.ask(null, `{ ${field} }`)).code]).toEqual([field, 'UNAUTHENTICATED']);
      expect([field, (await world.ask(STRANGER, `{ ${field} }`)).code]).toEqual([field, null]);
    }
    for (const field of ['signalPublished { id }', 'priceUpdated { symbol }', 'systemChanged { feed }']) {
      expect((await world.subscribe(null, `subscription { ${field} }`)).code).toBe('UNAUTHENTICATED');
    }
    const candles = 'subscription { candleUpdated(symbol: "BTCUSDT") { time } }';
    expect((await world.subscribe(null, candles)).code).toBe('UNAUTHENTICATED');
  });
});

describe('an account id left out', () => {
  it.each([
    ['the trader’s own account', ADA, 'acc-1'],
    ['the oldest account, for an administrator without one', ADMIN, 'acc-2'],
    ['the administrator’s own, if there is one', viewerOf('ADMIN', { userId: 'user-ada' }), 'acc-1'],
    ['the oldest granted account', VERA, 'acc-1'],
  ])('means %s', async (_what, viewer, id) => {
    await using world = await createWorld();
    expect((await world.ask(viewer, '{ account { id } }')).data).toEqual({ account: { id } });
  });

  it('finds nothing for a viewer without accounts, and leaves the list empty', async () => {
    await using world = await createWorld();
    expect((await world.ask(STRANGER, '{ account { id } }')).code).toBe('NOT_FOUND');
    expect((await world.ask(STRANGER, '{ accounts { id } }')).data).toEqual({ accounts: [] });
  });

  it('of a panic means every account that the viewer may trade', async () => {
    await using world = await createWorld();
    const panic = 'mutation { panicStop { accountIds } }';
    expect((await world.ask(ADMIN, panic)).data).toEqual({ panicStop: { accountIds: ['acc-2', 'acc-1'] } });
    expect((await world.ask(ADA, panic)).data).toEqual({ panicStop: { accountIds: ['acc-1'] } });
  });

  it('lists accounts oldest first, each viewer its own', async () => {
    await using world = await createWorld();
    const list = async (viewer: Viewer) => (await world.ask(viewer, '{ accounts { id } }')).data['accounts'];
    expect(await list(ADMIN)).toEqual([{ id: 'acc-2' }, { id: 'acc-1' }]);
    expect(await list(BOB)).toEqual([{ id: 'acc-2' }]);
    expect(await list(VERA)).toEqual([{ id: 'acc-1' }]);
  });
});
