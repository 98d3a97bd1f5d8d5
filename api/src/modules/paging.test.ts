import { sampleSignal } from '@kairos/ports/testing';
import { describe, expect, it } from 'vitest';
import { ADA, ADMIN, books, createTradingFixture, minutes } from '../../test/trading-fixture.js';

async function createWorld(tradeCount: number) {
  const world = await createTradingFixture();
  const ada = books('acc-1', 'user-ada');
  const events = [ada.opens()];
  for (let i = 1; i <= tradeCount; i++) {
    events.push(ada.buys('BTCUSDT', '100', minutes(2 * i)), ada.sells('BTCUSDT', '101', minutes(2 * i + 1)));
  }
  const signals = events.flatMap(({ decision }) =>
    decision ? [sampleSignal({ id: decision.signalId, time: decision.time, action: 'BUY' })] : [],
  );
  await world.commit({ events, marks: [ada.mark()], rows: { signals } });
  return { ...world, ada, [Symbol.asyncDispose]: world[Symbol.asyncDispose] };
}

describe('pages', () => {
  it('go through everything once, newest first, also while rows are added', async () => {
    await using world = await createWorld(5);
    const page =
      'query($after: String) { trades(first: 2, after: $after) { edges { node { seq } } pageInfo { hasNextPage hasPreviousPage endCursor } } }';
    const seen: unknown[] = [];
    let after: string | null = null;
    for (let hasNext = true; hasNext;) {
      const { data } = await world.ask(ADA, page, { after });
      const { edges, pageInfo } = data['trades'] as unknown as {
        edges: { node: { seq: number } }[];
        pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string };
      };
      expect(pageInfo.hasPreviousPage).toBe(after !== null);
      seen.push(...edges.map(({ node }) => node.seq));
      if (after === null) {
        const later = [world.ada.buys('BTCUSDT', '100', minutes(100))];
        await world.commit({ events: later });
      }
      after = pageInfo.endCursor;
      hasNext = pageInfo.hasNextPage;
    }
    expect(seen).toEqual([11, 9, 7, 5, 3]);
  });

  it.each([
    ['trades(first: 0) { totalCount }'],
    ['trades(first: -1) { totalCount }'],
    ['trades(first: 101) { totalCount }'],
    ['trades(after: "nonsense") { totalCount }'],
    ['signals(first: 101) { totalCount }'],
    ['signals(minConfidence: 1.5) { totalCount }'],
    ['signals(symbols: ["btc/usdt"]) { totalCount }'],
    ['decisions(first: 1000000) { totalCount }'],
    ['candles(symbol: "BTCUSDT", last: 1501) { time }'],
    ['candles(symbol: "BTCUSDT", last: 0) { time }'],
    ['candles(symbol: "BTCUSDT", interval: "7m") { time }'],
    ['candles(symbol: "$ne") { time }'],
    ['equityCurve(maxPoints: 1) { time }'],
    ['equityCurve(maxPoints: 2001) { time }'],
    ['commands(last: 101) { id }'],
    ['prices(symbols: ["__proto__"]) { symbol }'],
  ])('refuse %s', async (field) => {
    await using world = await createWorld(1);
    const { code, data } = await world.ask(ADA, `{ ${field} }`);
    expect(code).toBe('BAD_USER_INPUT');
    expect(Object.values(data)).toEqual([null]);
  });

  it.each(['trades(first: 100)', 'trades(first: 1)', 'signals(first: 100)', 'decisions(first: 100)'])(
    'take %s',
    async (field) => {
      await using world = await createWorld(1);
      expect((await world.ask(ADA, `{ ${field} { pageInfo { hasNextPage } } }`)).code).toBeNull();
    },
  );

  it('count only when asked to', async () => {
    await using world = await createWorld(3);
    const counted: unknown[] = [];
    const { countTrades } = world.store.readModels;
    Object.assign(world.store.readModels, {
      countTrades: (...args: Parameters<typeof countTrades>) => {
        counted.push(args[1]);
        return countTrades(...args);
      },
    });
    await world.ask(ADA, '{ trades { pageInfo { hasNextPage } } }');
    expect(counted).toEqual([]);
    expect((await world.ask(ADA, '{ trades { totalCount } }')).data).toEqual({ trades: { totalCount: 3 } });
    expect(counted).toEqual([10_000]);
  });

  it('do not count beyond 10,000', async () => {
    await using world = await createWorld(1);
    Object.assign(world.store.readModels, { countTrades: async (_query: unknown, max: number) => max + 1 });
    expect((await world.ask(ADA, '{ trades { totalCount } }')).data).toEqual({ trades: { totalCount: null } });
  });
});

describe('what pages lead to', () => {
  it('is read together, not row by row', async () => {
    await using world = await createWorld(10);
    let reads = 0;
    for (const name of ['signalsById', 'decisionsOf', 'accounts', 'prices'] as const) {
      const read = world.store.readModels[name] as (...args: unknown[]) => unknown;
      Object.assign(world.store.readModels, { [name]: (...args: unknown[]) => ((reads += 1), read(...args)) });
    }
    const { data, code } = await world.ask(
      ADMIN,
      '{ decisions(accountId: "acc-1") { edges { node { signal { id decisions { id } } trade { currentPrice entrySignal { id } } } } } }',
    );
    expect(code).toBeNull();
    expect(data['decisions']?.['edges']).toHaveLength(20);
    expect(reads).toBeLessThanOrEqual(5);
  });

  it('shows of a signal only the decisions of accounts that the viewer may see', async () => {
    await using world = await createWorld(0);
    const bob = books('acc-2', 'user-bob');
    const events = [bob.opens(), bob.denies('BTCUSDT', minutes(1)), world.ada.denies('BTCUSDT', minutes(1))];
    const id = events[1]?.causedBy ?? '';
    const signals = [sampleSignal({ id, action: 'BUY', time: minutes(1) })];
    await world.commit({ events, marks: [bob.mark()], rows: { signals } });
    const source = '{ signals { edges { node { decisions { accountId } } } } }';
    const seenBy = async (viewer: typeof ADA) =>
      (await world.ask(viewer, source)).data['signals']?.['edges']?.[0]?.['node']?.['decisions'];
    expect(await seenBy(ADA)).toEqual([{ accountId: 'acc-1' }]);
    expect(await seenBy(ADMIN)).toHaveLength(2);
  });
});
