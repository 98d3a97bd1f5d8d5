import { PortError, systemClock } from '@kairos/ports';
import { addMs } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { startFakeExchange } from '../../feed/testing/fake-exchange.js';
import { feedCheck } from './checks/feed.js';
import { nodeCheck } from './checks/node.js';
import { checksOfRole } from './examination.js';
import { isWell } from './finding.js';
import { runChecks } from './run-checks.js';
import type { Situation } from './testing.fixture.js';
import {
  ALL_REPORTS,
  busOf,
  ENV,
  faultsOf,
  findingsIn,
  MACHINE,
  NOW,
  PASSWORD,
  report,
  storeOf,
  subjectIn,
} from './testing.fixture.js';

const without = (component: string) => ALL_REPORTS.filter((one) => one.component !== component);
const refuses = (code: 'UNAVAILABLE' | 'INVALID', message: string) => () => {
  throw new PortError(code, message);
};
const NOBODY = () => Promise.reject(new Error('connect ECONNREFUSED'));
const SMALL = 10 * 1024 * 1024;
const TAKEN = Object.assign(new Error('taken'), { code: 'EADDRINUSE' });

it('finds nothing wrong where nothing is, and says what it found', async () => {
  const findings = await findingsIn({});
  expect(faultsOf(findings)).toEqual({});
  expect(findings.map(({ name }) => name)).toEqual([
    'DATA_DIR',
    'files with secrets',
    'PORT',
    'FEED',
    'MongoDB',
    'world',
    'Kafka',
    'topics',
    'lag of groups',
    'lag of traders',
    'feed',
    'predictor',
    'trader',
    'api',
  ]);
  const of = Object.fromEntries(findings.map((finding) => [finding.name, finding]));
  expect(of['MongoDB']).toMatchObject({ version: 'MongoDB 6.0.5', latencyMs: 0, detail: 'replica set rs0' });
  expect(of['Kafka']).toMatchObject({ version: 'Apache Kafka 4.1', latencyMs: 0, detail: '1 broker' });
  expect(of['world']?.detail).toBe('SIMULATOR, 8 shards');
  expect(of['PORT']?.detail).toBe('Kairos itself listens on 0.0.0.0:4000');
  expect(of['trader']?.detail).toMatch(/^1 alive, heard of 400 ms ago/);
  expect(of['lag of traders']?.detail).toBe('8 shards of 1 owner, the last one 0 records behind');
});

describe('each trouble is told by its cause, and by what to do', () => {
  const CASES: readonly (readonly [string, Situation, Readonly<Record<string, RegExp>>])[] = [
    [
      'MongoDB is down',
      { store: refuses('UNAVAILABLE', 'no server answers at db.example:27017') },
      { MongoDB: /no server answers.* → Start MongoDB, or correct MONGODB_URI/ },
    ],
    [
      'Kafka is down',
      { bus: refuses('UNAVAILABLE', 'no broker answers at kafka.example:9092') },
      { Kafka: /no broker answers.* → Start Kafka, or correct KAFKA_BROKERS/ },
    ],
    [
      'no trades on the dashboard, because there is no engine',
      { bus: () => busOf({ reports: without('trader') }) },
      { trader: /never heard of: no trades on the dashboard.* → Start it: npx kairos trade / },
    ],
    [
      'no engine at all, while the page is served',
      { env: { KAFKA_BROKERS: '' }, bus: () => busOf({ reports: [] }) },
      { feed: /no prices/, predictor: /no signals/, trader: /no trades on the dashboard/ },
    ],
    [
      'no prices, because the feed died three minutes ago',
      { bus: () => busOf({ reports: [...without('feed'), report('feed', { at: addMs(NOW, -180_000) })] }) },
      { feed: /not heard of for 3 min: no prices.* → Start it: npx kairos feed / },
    ],
    [
      'no signals, because the predictor is down',
      { bus: () => busOf({ reports: without('predictor') }) },
      { predictor: /no signals, and this world stands still.* → Start it: npx kairos predict / },
    ],
    [
      'no page, while the engine runs here',
      { env: { KAFKA_BROKERS: '' }, machine: { get: NOBODY, whyNotFree: async () => null } },
      { api: /nobody answers on port 4000: no page.* → Start it: npx kairos api/ },
    ],
    [
      'a role that says that it is ill',
      { bus: () => busOf({ reports: [...without('feed'), report('feed', { healthy: false, detail: 'banned' })] }) },
      { feed: /here-1-feed says: banned/ },
    ],
    [
      'the API waits for its store',
      { machine: { get: async () => ({ status: 503, text: '{"ready":false,"store":false,"bus":true}' }) } },
      { api: /it waits for the store/, PORT: /another program/ },
    ],
    ['a full disk', { machine: { freeBytes: async () => SMALL } }, { DATA_DIR: /10 MiB free.* → Free some space/ }],
    [
      'a store whose disk is full',
      { store: () => storeOf({ freeBytes: SMALL }) },
      { MongoDB: /10 MiB free.* → Free some space/ },
    ],
    [
      'a replica set without a majority',
      { store: () => storeOf({ fault: '1 of 3 members answers: nothing can be written' }) },
      { MongoDB: /1 of 3 members answers.* → See to the members/ },
    ],
    [
      'books of another world',
      { store: () => storeOf({ world: 'EXCHANGE:binance' }) },
      { world: /holds the books of EXCHANGE:binance, but FEED means SIMULATOR → Set FEED back, or/ },
    ],
    [
      'another count of partitions than at the first start',
      { env: { KAFKA_PARTITIONS: '4' } },
      { world: /8 shards, but KAFKA_PARTITIONS is 4 → Set KAFKA_PARTITIONS=8/, topics: /→ Set KAFKA_PARTITIONS=8/ },
    ],
    [
      'user or password that MongoDB does not know',
      { store: refuses('INVALID', `refused kairos: mongodb://kairos:${PASSWORD}@db.example failed`) },
      { MongoDB: /refused kairos.* → Correct user, password and authSource in MONGODB_URI/ },
    ],
    [
      'user or password that Kafka does not know',
      { bus: refuses('INVALID', 'SASL authentication failed') },
      { Kafka: /SASL authentication failed → Correct KAFKA_SASL_MECHANISM/ },
    ],
    [
      'a trader that does not keep up',
      { bus: () => busOf({ ends: { earliest: 0, next: 50_000 } }), store: () => storeOf({}, 100) },
      { 'lag of traders': /99800 records behind → See the log of the traders/ },
    ],
    [
      'a bus that was emptied under the journal',
      { bus: () => busOf({ ends: { earliest: 0, next: 3 } }) },
      { 'lag of traders': /read further than crypto\.market_data:0.* reaches/ },
    ],
    [
      'records that were removed before they were read',
      { bus: () => busOf({ ends: { earliest: 90, next: 100 } }), store: () => storeOf({}, 50) },
      { 'lag of traders': /crypto\.market_data:0.* were removed before/ },
    ],
    [
      'a group that does not keep up',
      {
        bus: () =>
          busOf({
            ends: { earliest: 0, next: 90_000 },
            groups: [{ groupId: 'g', members: 1, committed: [{ topic: 'crypto.trades', partition: 0, next: 1 }] }],
          }),
        store: () => storeOf({}, 90_000),
      },
      { 'lag of groups': /g is 89999 records behind/ },
    ],
    [
      'a port that another program has',
      { machine: { whyNotFree: async () => TAKEN, get: async () => ({ status: 404, text: 'Not found' }) } },
      { PORT: /another program listens on 0\.0\.0\.0:4000 → End it, or set PORT/ },
    ],
    [
      'a folder that may not be written',
      { machine: { isWritable: async () => false } },
      { DATA_DIR: /cannot be written by this user → Give it to this user/ },
    ],
    [
      'a file where the folder should be',
      { machine: { look: async () => ({ isFolder: false, mode: 0o600 }) } },
      { DATA_DIR: /expected a folder, found a file/ },
    ],
    [
      'secrets that others may read',
      {
        machine: {
          look: async (path) => ({ isFolder: !path.includes('jwt'), mode: path.includes('jwt') ? 0o644 : 0o700 }),
        },
      },
      { 'files with secrets': /other users may read \S*jwt-secret → Run: chmod 600 / },
    ],
    [
      'a file to replay that is not there',
      { env: { FEED: 'replay:none.csv', SYMBOLS: 'BTCUSDT' }, machine: { isReadable: async () => false } },
      { FEED: /cannot read \S*none\.csv → Correct FEED=replay/ },
    ],
  ];

  it.each(CASES)('%s', async (_name, situation, expected) => {
    const findings = await findingsIn(situation);
    const faults = faultsOf(findings);
    expect(Object.keys(faults).sort()).toEqual(Object.keys(expected).sort());
    for (const [name, pattern] of Object.entries(expected)) expect(faults[name]).toMatch(pattern);
    expect(isWell(findings)).toBe(false);
    const told = JSON.stringify(findings);
    for (const secret of [PASSWORD, ENV['JWT_SECRET']!]) expect(told).not.toContain(secret);
    for (const { fault, fix, detail } of findings) expect(`${fault}${fix}${detail}`).not.toContain('\n');
  });
});

describe('a file .env that others may read', () => {
  it.each([
    ['FEED=binance\nPORT=4000\n', {}],
    ['# JWT_SECRET=\nADMIN_PASSWORD=\n', {}],
    ['JWT_SECRET=x\n', { 'files with secrets': expect.stringMatching(/\.env → Run: chmod 600 \S*\.env$/) }],
    ['export MONGODB_URI=mongodb://u:p@h/\n', { 'files with secrets': expect.stringContaining('.env') }],
  ])('with %j', async (text, expected) => {
    const look = async (path: string) => ({
      isFolder: !path.endsWith('.env'),
      mode: path.endsWith('.env') ? 0o644 : 0o700,
    });
    expect(faultsOf(await findingsIn({ machine: { look, textOf: async () => text } }))).toEqual(expected);
  });
});

describe('what could not be told is no fault', () => {
  it('what stands on a bus that does not answer is not asked', async () => {
    const findings = await findingsIn({ bus: refuses('UNAVAILABLE', 'no broker answers') });
    const unknowns = findings
      .filter(({ state }) => state === 'unknown')
      .map(({ name, detail }) => `${name}: ${detail}`);
    const dependents = ['topics', 'lag of groups', 'lag of traders', 'feed', 'predictor', 'trader'];
    expect(unknowns).toEqual(dependents.map((name) => `${name}: Kafka does not answer`));
  });

  it('before the first start there is nothing, and nothing is wrong', async () => {
    const silent = { get: NOBODY, whyNotFree: async () => null };
    const findings = await findingsIn({ machine: silent, bus: () => null, store: () => null });
    expect(faultsOf(findings)).toEqual({});
  });

  it('embedded and ended, everything rests; on servers that were used, roles are missed', async () => {
    const situation = {
      machine: { get: NOBODY, whyNotFree: async () => null },
      bus: () => busOf({ reports: ALL_REPORTS.map((one) => ({ ...one, at: addMs(NOW, -60_000) })) }),
    };
    expect(faultsOf(await findingsIn({ ...situation, env: { KAFKA_BROKERS: '' } }))).toEqual({});
    expect(Object.keys(faultsOf(await findingsIn(situation)))).toEqual(['feed', 'predictor', 'trader']);
  });
});

describe('a role alone, as a health check', () => {
  const stateOf = async (situation: Situation, role: 'trader' | 'api', hostname: string | null) => {
    const subject = subjectIn(situation);
    const [finding] = await runChecks(checksOfRole(subject, role, hostname), subject.clock);
    return finding?.state;
  };

  it.each([
    ['that is alive', {}, 'trader', null, 'ok'],
    ['that is alive here', {}, 'trader', 'here', 'ok'],
    ['that is alive elsewhere only', {}, 'trader', 'there', 'wrong'],
    ['of a machine whose name only begins so', {}, 'trader', 'her', 'wrong'],
    ['that is not', { bus: () => busOf({ reports: without('trader') }) }, 'trader', null, 'wrong'],
    ['behind a bus that does not answer', { bus: refuses('UNAVAILABLE', 'no') }, 'trader', 'here', 'wrong'],
    ['api that serves', {}, 'api', null, 'ok'],
    ['api that is gone', { machine: { get: NOBODY } }, 'api', null, 'wrong'],
  ] as const)('%s', async (_name, situation, role, hostname, expected) => {
    expect(await stateOf(situation, role, hostname)).toBe(expected);
  });
});

describe('the clock of the exchange', () => {
  it.each([
    [0, 'ok'],
    [60_000, 'wrong'],
    [-60_000, 'wrong'],
  ])('%i ms from ours is %s', async (aheadMs, expected) => {
    const exchange = await startFakeExchange({
      now: () => Date.now() + aheadMs,
      symbols: ['BTCUSDT'],
      priceAt: () => 1,
    });
    const config = { ...subjectIn({ env: { FEED: 'binance', FEED_URL: exchange.url } }).config };
    const check = feedCheck({ config, clock: systemClock, machine: MACHINE });
    const [finding] = await runChecks([check], systemClock);
    expect(finding?.state).toBe(expected);
    if (aheadMs !== 0) {
      expect(finding?.fault).toMatch(
        aheadMs > 0 ? /clock is (59|60)\d{3} ms behind/ : /clock is (59|60)\d{3} ms ahead of/,
      );
      expect(finding?.fix).toMatch(/NTP/);
    }
    await exchange.close();
  });

  it('is a fault where it does not answer, unless auto may simulate', async () => {
    const exchange = await startFakeExchange({ now: () => NOW, symbols: [], priceAt: () => 1 });
    exchange.cutOff(true);
    const base = subjectIn({ env: { FEED: 'binance', FEED_URL: exchange.url } }).config;
    const look = async (FEED: typeof base.FEED) => {
      const [finding] = await runChecks(
        [feedCheck({ config: { ...base, FEED }, clock: systemClock, machine: MACHINE })],
        systemClock,
      );
      return finding!;
    };
    expect(await look(base.FEED)).toMatchObject({
      state: 'wrong',
      fault: expect.stringMatching(/^no prices: binance does not answer/),
    });
    expect(await look({ kind: 'auto' })).toMatchObject({
      state: 'ok',
      detail: expect.stringMatching(/^auto means the simulator/),
    });
    await exchange.close();
  });
});

it.each([
  ['20.18.9', 'wrong'],
  ['18.20.0', 'wrong'],
  ['20.19.0', 'ok'],
  ['24.1.0', 'ok'],
])('Node.js %s is %s', async (nodeVersion, expected) => {
  expect((await nodeCheck({ ...MACHINE, nodeVersion }).run()).state).toBe(expected);
});
