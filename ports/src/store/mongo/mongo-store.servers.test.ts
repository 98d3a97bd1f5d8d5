import { storeContract } from '../store.contract.js';
import { createDatabase } from './test-database.contract.js';

storeContract('mongo', async (options = {}) => {
  const database = createDatabase();
  return { connect: () => database.open(options), [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
});
