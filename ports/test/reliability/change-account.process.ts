/**
 * A process of its own that changes one account: `<uri> <database> <owner> <changes>`. Each change reads the newest entry
 * of the journal and appends the next one, with the account after it; who finds the entry taken looks again. Prints how
 * often it lost.
 */
import { systemClock } from '../../src/clock/system.js';
import { isPortError } from '../../src/errors.js';
import { openMongoStore } from '../../src/store/mongo/mongo-store.js';
import { createSampleBooks } from '../../src/store/sample-books.js';
import { NO_ROWS, sampleAccount, sampleEntry, sampleMark } from '../../src/store/samples.js';

const [uri, database, owner, changes] = process.argv.slice(2);
const options = { uri: uri!, database: database!, world: 'SIMULATOR', shards: 1 } as const;
const store = await openMongoStore(options, { clock: systemClock });

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
  if (await change()) done++;
  else lost++;
}
await store.close();
process.stdout.write(`${lost}\n`);
