/** `/healthz`: the process runs. `/readyz`: store and bus answer, so requests can be served. `/metrics`: its figures. */
import type { Router } from 'express';
import express from 'express';
import type { Bus, Clock, Store } from '@kairos/ports';
import { orLate } from '@kairos/ports';
import type { Metrics } from './metrics.js';

/** A door that has not answered after this long counts as not answering. */
export const READY_TIMEOUT_MS = 1_000;
/** An answer of `/readyz` stands for this long. */
export const READY_TTL_MS = 500;

export interface ProbesDeps {
  readonly store: Pick<Store, 'ping'>;
  readonly bus: Pick<Bus, 'ping'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
}

interface Readiness {
  readonly store: boolean;
  readonly bus: boolean;
}

export function createProbes({ store, bus, clock, metrics }: ProbesDeps): Router {
  const router = express.Router();
  let known: { readonly at: number; readonly value: Promise<Readiness> } | null = null;
  const answers = async (door: { ping(): Promise<void> }): Promise<boolean> => {
    const isAnswered = door.ping().then(
      () => true,
      () => false,
    );
    return (await orLate(clock, READY_TIMEOUT_MS, isAnswered)) === true;
  };
  const readiness = () => {
    if (!known || clock.monotonicMs() - known.at > READY_TTL_MS) {
      const value = Promise.all([answers(store), answers(bus)]).then((all) => ({ store: all[0], bus: all[1] }));
      known = { at: clock.monotonicMs(), value };
    }
    return known.value;
  };

  router.get('/healthz', (_request, response) => {
    response.set('Cache-Control', 'no-store').json({ healthy: true });
  });
  router.get('/readyz', async (_request, response) => {
    const doors = await readiness();
    const isReady = doors.store && doors.bus;
    response
      .status(isReady ? 200 : 503)
      .set('Cache-Control', 'no-store')
      .json({ ready: isReady, ...doors });
  });
  router.get('/metrics', async (_request, response) => {
    response
      .set('Cache-Control', 'no-store')
      .type(metrics.contentType)
      .send(await metrics.text());
  });
  return router;
}
