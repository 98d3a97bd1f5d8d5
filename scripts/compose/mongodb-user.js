/**
 * Run once by MongoDB's image, in mongosh, while its data folder is empty: makes the user that Kairos connects as. It may
 * read and write its own database, set validators there, and look at how the server is; nothing else.
 */
/* global db */
db.getSiblingDB('admin').createUser({
  user: 'kairos',
  pwd: process.env.KAIROS_MONGODB_PASSWORD,
  roles: [
    { role: 'readWrite', db: 'crypto_trading_db' },
    { role: 'dbAdmin', db: 'crypto_trading_db' },
    { role: 'clusterMonitor', db: 'admin' },
  ],
});
