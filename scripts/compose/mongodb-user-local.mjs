/** The user of docker-compose.yml on a MongoDB of this machine: made by the very script that the container runs. */
import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { MongoClient } from 'mongodb';

const SCRIPT = new URL('./mongodb-user.js', import.meta.url);
const USER_EXISTS = 51003;

/** What the script asks for, as `{ database, user }`. */
export function wantedUser(password) {
  let wanted = null;
  const getSiblingDB = (database) => ({ createUser: (user) => (wanted = { database, user }) });
  runInNewContext(readFileSync(SCRIPT, 'utf8'), {
    db: { getSiblingDB },
    process: { env: { KAIROS_MONGODB_PASSWORD: password } },
  });
  return wanted;
}

/** Makes the user; one of an earlier run gets this password. */
export async function makeUser(uri, password) {
  const { database, user } = wantedUser(password);
  const { user: name, pwd, roles } = user;
  const client = new MongoClient(uri);
  try {
    const db = client.db(database);
    await db.command({ createUser: name, pwd, roles }).catch(async (error) => {
      if (error.code !== USER_EXISTS) throw error;
      await db.command({ updateUser: name, pwd, roles });
    });
  } finally {
    await client.close();
  }
}
