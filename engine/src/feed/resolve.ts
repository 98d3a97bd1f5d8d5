/** `FEED=auto`: Binance if it answers within 5 s, else the simulator. Asked once per start, for all processes. */
import type { Clock, Log } from '@kairos/ports';
import { LATE, orLate } from '@kairos/ports';
import type { Config, FeedChoice } from '@kairos/schema';

/** The exchange that `auto` tries. */
export const AUTO_EXCHANGE = 'binance';
/** How long it may take to answer. */
export const PROBE_MS_MAX = 5_000;

const BINANCE_URL = 'https://api.binance.com';
const PING_PATH = '/api/v3/ping';

/** Resolves when the exchange answers as it should; rejects with the reason otherwise. */
export type Probe = (signal: AbortSignal) => Promise<void>;

export interface ResolveDeps {
  readonly log: Log;
  readonly clock: Clock;
  /** Left out: asks Binance, or FEED_URL in its place. */
  readonly probe?: Probe;
}

/** The feed to use: what FEED says, or what `auto` comes to. Never rejects for an exchange that does not answer. */
export async function resolveFeed(
  config: Pick<Config, 'FEED' | 'FEED_URL'>,
  { log, clock, probe = binanceProbe(config.FEED_URL) }: ResolveDeps,
): Promise<Exclude<FeedChoice, { readonly kind: 'auto' }>> {
  if (config.FEED.kind !== 'auto') return config.FEED;
  const reason = await reasonAgainst(probe, clock);
  if (reason === null) {
    log.info({ feed: AUTO_EXCHANGE }, 'FEED=auto: Binance answers, prices are LIVE');
    return { kind: 'exchange', exchange: AUTO_EXCHANGE };
  }
  const advice = 'set FEED=binance to wait for it instead';
  log.warn({ feed: 'simulator', reason }, `FEED=auto: prices are SIMULATED, because Binance ${reason}; ${advice}`);
  return { kind: 'simulator' };
}

/** Why the exchange cannot be used; null when it answers. */
async function reasonAgainst(probe: Probe, clock: Clock): Promise<string | null> {
  const stop = new AbortController();
  const answer = probe(stop.signal).then(
    () => null,
    (error: unknown) => `does not answer (${textOf(error)})`,
  );
  const reason = await orLate(clock, PROBE_MS_MAX, answer);
  stop.abort();
  return reason === LATE ? `does not answer within ${PROBE_MS_MAX / 1_000} s` : reason;
}

/** A probe of Binance's REST interface. */
export function binanceProbe(url: URL | null): Probe {
  const base = (url?.href ?? BINANCE_URL).replace(/\/+$/, '');
  return async (signal) => {
    const response = await fetch(`${base}${PING_PATH}`, { signal, redirect: 'error' });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
  };
}

/** An error with what caused it: `fetch failed` alone says nothing. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
