import type { Machine } from '../machine.js';
import type { Check } from '../finding.js';
import { well, wrong } from '../finding.js';

const OLDEST = '20.19';

export const nodeCheck = ({ nodeVersion }: Machine): Check => ({
  name: 'Node.js',
  limitMs: 1_000,
  async run() {
    const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
    const [oldestMajor = 0, oldestMinor = 0] = OLDEST.split('.').map(Number);
    const isNewEnough = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
    if (isNewEnough) return well('', { version: nodeVersion });
    return wrong(`expected ${OLDEST} or newer, found ${nodeVersion}`, 'Install Node.js 20 or newer');
  },
});
