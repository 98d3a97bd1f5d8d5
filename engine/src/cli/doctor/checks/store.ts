import type { Check } from '../finding.js';
import { unknown, well, wrong } from '../finding.js';
import type { Cures } from '../fault-of.js';
import { faultOf } from '../fault-of.js';
import type { Subject } from '../subject.js';
import { FREE_BYTES_MIN } from './data-dir.js';

const CURES: Cures = {
  UNAVAILABLE: 'Start MongoDB, or correct MONGODB_URI; until it answers nothing is opened and nothing is lost',
  TIMEOUT: 'See whether MongoDB is overloaded or the network is cut',
  INVALID: 'Correct user, password and authSource in MONGODB_URI, and the rights of that user (docs/operating.md)',
};
const MIB = 1024 * 1024;

export const storeName = ({ isStoreEmbedded }: Subject['config']): string => (isStoreEmbedded ? 'store' : 'MongoDB');

/** Whether the store answers, what it is, and whether what is written now would be kept. */
export const storeCheck = (subject: Subject): Check => ({
  name: storeName(subject.config),
  limitMs: 10_000,
  async run() {
    const { config, clock, world } = subject;
    if (world === null) return unknown('not made yet: FEED=auto is asked at the first start');
    const begun = clock.monotonicMs();
    try {
      const survey = await subject.store();
      if (survey === null) return unknown('not made yet: the first start makes it');
      const found = await survey.describe();
      const extras = {
        version: `${found.product} ${found.version}`,
        latencyMs: Math.round(clock.monotonicMs() - begun),
      };
      if (found.fault !== null) return wrong(found.fault, fixOf(config), extras);
      if (found.freeBytes !== null && found.freeBytes < FREE_BYTES_MIN) {
        const room = `${Math.floor(found.freeBytes / MIB)} MiB free where it keeps its data: nothing new can be stored`;
        return wrong(room, 'Free some space on that disk; Kairos goes on by itself', extras);
      }
      return well(found.detail, extras);
    } catch (error) {
      return faultOf(error, config.isStoreEmbedded ? {} : CURES);
    }
  },
});

const fixOf = ({ isStoreEmbedded }: Subject['config']): string =>
  isStoreEmbedded
    ? 'Start the newer version again, or name another DATA_DIR'
    : 'See to the members of the replica set (rs.status() in mongosh): a majority of them must run';
