import type { ConfigError } from '@kairos/schema';
import type { Check } from '../finding.js';
import { well, wrong } from '../finding.js';
import { oneLine } from '../fault-of.js';

export const configurationCheck = (error: ConfigError | null): Check => ({
  name: 'configuration',
  limitMs: 1_000,
  async run() {
    if (error === null) return well('valid');
    const lines = error.problems.map(({ variable, message }) => `${variable}: ${message}`);
    return wrong(
      oneLine(lines.join('\n')),
      'Correct each in the environment or .env (docs/reference/configuration.md)',
    );
  },
});
