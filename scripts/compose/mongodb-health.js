/**
 * Run in mongosh as the health check of MongoDB: exit 0 once it takes writes. It initiates the replica set of one member
 * at the first start; before that, and while the image still makes its users, it fails and is asked again.
 */
/* global db, quit */
const NOT_INITIATED = 94;
const admin = db.getSiblingDB('admin');
admin.auth('root', process.env.MONGO_INITDB_ROOT_PASSWORD);
try {
  admin.runCommand({ replSetGetStatus: 1 });
} catch (error) {
  if (error.code !== NOT_INITIATED) throw error;
  admin.runCommand({ replSetInitiate: { _id: 'rs0', members: [{ _id: 0, host: 'mongodb:27017' }] } });
}
quit(admin.runCommand({ hello: 1 }).isWritablePrimary ? 0 : 1);
