/** The store on a MongoDB that fails, steps down, is killed, cut off or slow: what was acknowledged is there, once. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { MongodServer, TcpProxy } from '../../../scripts/servers/index.mjs';
import { createTcpProxy, freePort, startMongod } from '../../../scripts/servers/index.mjs';
import { isPortError } from '../../src/errors.js';
import { createDatabase } from '../../src/store/mongo/test-database.contract.js';
import { encodeEntry } from '../../src/store/entry-codec.js';
import type { JournalEntry } from '../../src/store/journal.js';
import type { Store } from '../../src/store/store.js';
import type { Appending, Ledger } from './ledger.fixture.js';
import { createLedger, journalOf, startAppending } from './ledger.fixture.js';
import { until } from './numbers.fixture.js';

/** R29. */
const APPENDS = Number(process.env['APPENDS'] ?? 10_000);
const FAULT_RATE = 0.1;
const STEP_DOWNS = Number(process.env['STEP_DOWNS'] ?? 20);
const KILLS = 5;
const PROGRESS_MS_MAX = 10_000;
/** Until a call on a server that says nothing must have ended. */
const CALL_MS_MAX = 5_000;
const SLOW_MS = 200;
/** Each way: an answer takes longer than a first try waits for it. */
const TOO_SLOW_MS = 1_100;
const TOO_SLOW_PROGRESS_MS_MAX = 30_000;

let mongod: MongodServer;
let proxy: TcpProxy;

beforeAll(async () => {
  const port = await freePort();
  proxy = await createTcpProxy({ target: `127.0.0.1:${port}` });
  mongod = await startMongod({ port, advertised: proxy.address });
}, 180_000);
afterAll(async () => {
  await mongod?.stop();
  await proxy?.close();
});

/** Clients of a database of the test's own. */
function newDatabase() {
  const database = createDatabase(mongod.uri);
  onTestFinished(async () => {
    proxy.restore();
    await database[Symbol.asyncDispose]();
  });
  return database;
}

/** The journal is what was acknowledged, entry by entry, and the read models have each effect once. */
async function expectWhole(store: Store, { accountId, entries }: Ledger): Promise<void> {
  const stored = await journalOf(store);
  expect(stored.length).toBe(entries.length);
  expect(stored.findIndex((entry, index) => !isSame(entry, entries[index]!))).toBe(-1);
  await store.journal.head(0);
  expect((await store.readModels.account(accountId))?.account.seq).toBe(entries.length);
  expect(await store.readModels.countDecisions({ accountId }, entries.length + 1)).toBe(entries.length - 1);
}

/** Whether more entries than these are acknowledged. @throws what ended the appending */
function reaches(appending: Appending, { entries }: Ledger, count: number): boolean {
  appending.assertAlive();
  return entries.length > count;
}

const isSame = (one: JournalEntry, other: JournalEntry): boolean =>
  Buffer.compare(encodeEntry(one), encodeEntry(other)) === 0;

interface Fault {
  readonly name: string;
  /** Begins to inject. */
  begin(): Promise<void>;
  /** Before each append. */
  before(index: number): void;
  /** Ends it; how often it has struck. */
  end(): Promise<number>;
}

function failing(name: string, data: object): Fault {
  let struckBefore = 0;
  return {
    name,
    async begin() {
      struckBefore = await mongod.failCommand(
        { failCommands: ['insert'], ...data },
        { activationProbability: FAULT_RATE },
      );
    },
    before: () => undefined,
    end: async () => (await mongod.failCommand({ failCommands: [] }, 'off')) - struckBefore,
  };
}

/** The server has done it, and its word is lost. */
function losingAnswers(): Fault {
  let struck = 0;
  return {
    name: 'a network that breaks after the insert',
    begin: () => Promise.resolve(),
    before(index) {
      if (index % (1 / FAULT_RATE) !== 0) return;
      proxy.cutAfter(0);
      struck++;
    },
    async end() {
      proxy.restore();
      return struck;
    },
  };
}

const FAULTS: readonly Fault[] = [
  failing('a network that breaks before the insert', { closeConnection: true }),
  losingAnswers(),
  failing('a write concern that is not met in time', { writeConcernError: { code: 64, errmsg: 'waiting timed out' } }),
  failing('a server that is no primary', { errorCode: 10107 }),
];
const APPENDS_EACH = Math.ceil(APPENDS / FAULTS.length);

describe('the store on MongoDB', () => {
  it.each(FAULTS)(`commits each of ${APPENDS_EACH} entries once over $name`, { timeout: 300_000 }, async (fault) => {
    const database = newDatabase();
    const store = await database.open();
    const ledger = createLedger(store);
    await fault.begin();
    for (let index = 0; index < APPENDS_EACH; index++) {
      fault.before(index);
      await ledger.append();
    }
    expect(await fault.end()).toBeGreaterThan((APPENDS_EACH * FAULT_RATE) / 2);
    await expectWhole(await database.open(), ledger);
  });

  const DISTURBANCES = [
    { name: `${STEP_DOWNS} step-downs`, times: STEP_DOWNS, disturb: () => mongod.stepDown() },
    {
      name: `${KILLS} times kill -9`,
      times: KILLS,
      async disturb() {
        await mongod.kill();
        await mongod.restart();
      },
    },
  ];

  it.each(DISTURBANCES)(
    'loses and doubles nothing over $name, and goes on within 10 s',
    { timeout: 400_000 },
    async ({ name, times, disturb }) => {
      const database = newDatabase();
      const ledger = createLedger(await database.open());
      const appending = startAppending(ledger);
      const tookMs: number[] = [];
      for (let time = 0; time < times; time++) {
        const mark = ledger.entries.length;
        await until('it appends', PROGRESS_MS_MAX, () => reaches(appending, ledger, mark));
        await disturb();
        const after = ledger.entries.length + 1;
        tookMs.push(await until(`it goes on after ${name}`, PROGRESS_MS_MAX, () => reaches(appending, ledger, after)));
      }
      await appending.stop();
      await expectWhole(await database.open(), ledger);
      console.info(`progress after each of ${name}: ms ${tookMs.map(Math.round).join(' ')}`);
    },
  );

  it.each([
    { name: 'cut', harm: () => proxy.cut() },
    { name: 'silent', harm: () => proxy.blackhole() },
  ])(
    'says within 5 s that the network is $name, and goes on with the same bytes afterwards',
    { timeout: 60_000 },
    async ({ harm }) => {
      const database = newDatabase();
      const store = await database.open();
      const ledger = createLedger(store);
      await ledger.append();
      harm();
      const pinging = store.ping().catch((error: unknown) => error);
      const appending = startAppending(ledger);
      await until('a try has failed', CALL_MS_MAX, () => {
        appending.assertAlive();
        return ledger.failures > 0;
      });
      expect(await pinging).toSatisfy((error) => isPortError(error) && error.isRetriable);
      proxy.restore();
      await until('it goes on', PROGRESS_MS_MAX, () => reaches(appending, ledger, 1));
      await appending.stop();
      await expectWhole(await database.open(), ledger);
    },
  );

  it(`works on over a network that takes ${SLOW_MS} ms each way`, { timeout: 60_000 }, async () => {
    const database = newDatabase();
    const store = await database.open();
    const ledger = createLedger(store);
    await ledger.append();
    proxy.delay(SLOW_MS);
    for (let index = 0; index < 5; index++) await ledger.append();
    expect(ledger.failures).toBe(0);
    proxy.restore();
    await expectWhole(store, ledger);
  });

  it(
    'commits in the end though every answer comes later than a first try waits for it',
    { timeout: 90_000 },
    async () => {
      const database = newDatabase();
      const store = await database.open();
      const other = await database.open();
      const ledger = createLedger(store);
      await ledger.append();
      proxy.delay(TOO_SLOW_MS);
      const appending = startAppending(ledger);
      await until('two are committed', TOO_SLOW_PROGRESS_MS_MAX, () => reaches(appending, ledger, 3));
      expect(ledger.failures).toBeGreaterThan(0);
      // Whoever takes the shard over can load it.
      await until('it is loaded', TOO_SLOW_PROGRESS_MS_MAX, () =>
        other.journal.head(0).then(
          ({ entry }) => entry >= 3,
          () => false,
        ),
      );
      proxy.restore();
      await appending.stop();
      await expectWhole(await database.open(), ledger);
    },
  );
});
