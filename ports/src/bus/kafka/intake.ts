/** Takes what a broker answered into the places it was asked for. */
import { PortError } from '../../errors.js';
import type { Log } from '../../log/log.js';
import { decodeBatches } from './batch-decode.js';
import type { FetchFound } from './fetch-call.js';
import type { PartitionDeps } from './partitions.js';
import { endsOf } from './partitions.js';
import type { Place, Places } from './places.js';
import { CODE, refusal } from './refusals.js';

export interface Intake {
  /** @throws PortError what kept it from taking one of the parts; the others are taken */
  take(wanted: readonly Place[], found: readonly FetchFound[]): Promise<void>;
}

/** Reads of a partition that fail one after the other before it is given up: bytes may break on their way. */
const FAILURES_MAX = 2;

export function createIntake(deps: PartitionDeps & { readonly log: Log | null }, places: Places): Intake {
  const { cluster, names, log } = deps;

  async function takePart(place: Place, part: FetchFound): Promise<void> {
    if (part.errorCode === CODE.offsetOutOfRange) return moveInto(place);
    if (part.errorCode !== CODE.none) {
      const error = refusal(cluster.wire, part.errorCode, `read ${part.topic}/${part.partition} from ${place.next}`);
      if (error.isRetriable) throw error;
      return fail(place, error);
    }
    const { records, next, failure } = decodeBatches(place.at, part.data, place.next, part.aborted);
    if (next > place.next) place.failures = 0;
    places.append(place, records);
    place.next = next;
    if (failure) fail(place, failure);
  }

  /** The position is gone, or was never reached: reading goes on at the earliest kept. */
  async function moveInto(place: Place): Promise<void> {
    const wanted = place.next;
    const [ends] = await endsOf(deps, [place.at]);
    if (!ends || place.next !== wanted) return;
    if (ends.earliest <= wanted && wanted <= ends.next) {
      throw new PortError('UNAVAILABLE', 'its leader does not know the position yet');
    }
    place.next = ends.earliest;
    places.noteGap({ at: place.at, wanted, found: ends.earliest });
    log?.debug({ ...place.at, wanted, found: ends.earliest }, 'a position is gone: going on at the earliest kept');
  }

  return {
    async take(wanted, found) {
      const errors: unknown[] = [];
      for (const part of found) {
        const topic = names.own(part.topic);
        const place = wanted.find(({ at }) => at.topic === topic && at.partition === part.partition);
        // It may have been moved or given up meanwhile.
        if (!place || !places.all().includes(place)) continue;
        await takePart(place, part).catch((error: unknown) => errors.push(error));
      }
      if (errors.length > 0) throw errors[0];
    },
  };
}

/** Gives a place up; the first time what is read may only have broken on its way. */
function fail(place: Place, error: PortError): void {
  place.failures += 1;
  const mayPass = error.code !== 'INVALID' && place.failures < FAILURES_MAX;
  if (mayPass) throw new PortError('UNAVAILABLE', error.message, error);
  place.failure = error;
}
