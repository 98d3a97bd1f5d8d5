// A process that takes the lock on a file as `file-lock.ts` does, says so, and holds it until it is killed.
import Database from 'libsql';

const database = new Database(process.argv[2]);
database.exec('BEGIN EXCLUSIVE');
process.stdout.write('held\n');
setInterval(() => database.inTransaction, 60_000);
