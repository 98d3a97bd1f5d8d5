import type { Check } from '../finding.js';
import { unknown, well, wrong } from '../finding.js';
import type { Subject } from '../subject.js';
import { askedHost } from './port.js';

const FIX = 'Start it: npx kairos api (Docker: docker compose up --detach api), and read its log';

/** Whether the API of this machine serves. `isNeeded`: that there is none is a fault. */
export const apiCheck = (
  subject: Pick<Subject, 'config' | 'machine' | 'clock'>,
  isNeeded: () => Promise<boolean>,
): Check => ({
  name: 'api',
  limitMs: 5_000,
  async run() {
    const { config, machine, clock } = subject;
    const begun = clock.monotonicMs();
    const answer = await machine.get(askedHost(config.listenHost), config.PORT, '/readyz').catch(() => null);
    const latencyMs = Math.round(clock.monotonicMs() - begun);
    if (answer === null) {
      if (!(await isNeeded())) return unknown(`nobody answers on port ${config.PORT} of this machine`);
      return wrong(`nobody answers on port ${config.PORT}: no page, no dashboard, no GraphQL`, FIX);
    }
    const doors = doorsOf(answer.text);
    if (doors === null) return unknown(`another program answers on port ${config.PORT}`);
    if (answer.status === 200) return well('serves requests', { latencyMs });
    const silent = Object.entries(doors).filter(([, isAnswering]) => !isAnswering);
    return wrong(`it waits for the ${silent.map(([name]) => name).join(' and the ')}`, 'See the lines above', {
      latencyMs,
    });
  },
});

/** What `/readyz` says of store and bus; null where it is not the API that answers. */
function doorsOf(text: string): { store: boolean; bus: boolean } | null {
  try {
    const { store, bus } = JSON.parse(text) as Partial<Record<string, unknown>>;
    return typeof store === 'boolean' && typeof bus === 'boolean' ? { store, bus } : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}
