/**
 * A process of its own that changes one account: `<owner> <changes> sqlite <app file> <journal file>`, or
 * `… mongodb <uri> <database>`. Each change reads the newest entry of the journal and appends the next one, with the account
 * after it; who finds the entry taken looks again. What is done is counted where all processes count. Prints how often it
 * lost.
 */
import { systemClock } from '../../src/clock/system.js';
import { isPortError } from '../../src/errors.js';
import { openMongoStore } from '../../src/store/mongo/mongo-store.js';
import { createSampleBooks } from '../../src/store/sample-books.js';
import { NO_ROWS, sampleAccount, sampleEntry, sampleMark } from '../../src/store/samples.js';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.js';
import type { Store } from '../../src/store/store.js';
import { COUNTED_MS, COUNTER } from './counted.fixture.js';

const [owner, changes, kind, first, second] = process.argv.slice(2);
const deps = { clock: systemClock };
const store = await openStore();

function openStore(): Promise<Store> {
  if (kind === 'sqlite') return openSqliteStore({ appFile: first!, journalFile: second! }, deps);
  return openMongoStore({ uri: first!, database: second!, world: 'SIMULATOR', shards: 1 }, deps);
}

/** Whether the change was committed. */
async function change(): Promise<boolean> {
  const { entry, epoch } = await store.journal.head(0);
  const [last] = entry === 0 ? [] : await store.journal.read(0, entry - 1, 1);
  const { seq, closedTrades } = last?.events[0]?.account ?? { seq: 0, closedTrades: 0 };
  const account = sampleAccount({ seq: seq + 1, closedTrades: closedTrades + 1 });
  const opened = createSampleBooks().opened();
  const event = { ...opened, id: `acc-1:${seq + 1}`, seq: seq + 1, account };
  const fields = { entry: entry + 1, epoch: epoch + 1, owner: owner!, events: [event], marks: [sampleMark('acc-1')] };
  try {
    await store.journal.append(sampleEntry(fields), NO_ROWS);
    return true;
  } catch (error) {
    if (isPortError(error, 'FENCED') || isPortError(error, 'CONFLICT')) return false;
    throw error;
  }
}

let lost = 0;
for (let done = 0; done < Number(changes);) {
  if (!(await change())) {
    lost++;
    continue;
  }
  done++;
  await store.app.counters.increment(COUNTER, COUNTED_MS, systemClock.now());
}
await store.close();
process.stdout.write(`${lost}\n`);
