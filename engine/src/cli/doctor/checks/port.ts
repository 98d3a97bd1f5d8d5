import type { Check } from '../finding.js';
import { well, wrong } from '../finding.js';
import type { Subject } from '../subject.js';

/** Whether page and API could listen, or already do. */
export const portCheck = ({ config, machine }: Pick<Subject, 'config' | 'machine'>): Check => ({
  name: 'PORT',
  limitMs: 5_000,
  async run() {
    const { PORT, listenHost } = config;
    if (PORT === 0) return well('any free one');
    const reason = await machine.whyNotFree(listenHost, PORT);
    if (reason === null) return well(`${listenHost}:${PORT} is free`);
    if (reason.code !== 'EADDRINUSE') {
      return wrong(
        `cannot listen on ${listenHost}:${PORT} (${reason.message})`,
        'Set HOST and PORT to what is allowed',
      );
    }
    if (await answersAsKairos(machine, config)) return well(`Kairos itself listens on ${listenHost}:${PORT}`);
    return wrong(`another program listens on ${listenHost}:${PORT}`, 'End it, or set PORT to another one');
  },
});

type Place = Pick<Subject['config'], 'PORT' | 'listenHost'>;

/** Where a server that listens on every address is asked. */
export const askedHost = (listenHost: string): string =>
  ({ '0.0.0.0': '127.0.0.1', '::': '::1', '[::]': '::1', '[::1]': '::1' })[listenHost] ?? listenHost;

async function answersAsKairos({ get }: Subject['machine'], { PORT, listenHost }: Place): Promise<boolean> {
  const answer = await get(askedHost(listenHost), PORT, '/healthz').catch(() => null);
  return answer?.status === 200 && answer.text === '{"healthy":true}';
}
