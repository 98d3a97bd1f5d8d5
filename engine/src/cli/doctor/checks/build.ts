import type { Check } from '../finding.js';
import { well, wrong } from '../finding.js';
import { oneLine } from '../fault-of.js';

/** `find`: the file of the API's program. @throws Error when it is not there */
export const buildCheck = (find: () => string): Check => ({
  name: 'build',
  limitMs: 1_000,
  async run() {
    try {
      return well(find());
    } catch (error) {
      return wrong(oneLine((error as Error).message), 'Run: npm run build');
    }
  },
});
