/**
 * Runs services in one process, in order, until they are asked to stop or one of them cannot go on. Never half alive:
 * when one fails all are stopped and the process ends with an exit code that has it restarted.
 */
import type { Clock, Log, Service } from '@kairos/ports';
import { LATE, orLate } from '@kairos/ports';
import { EXIT } from '../cli.js';
import { aborted } from './stop-signal.js';

/**
 * What is under way must end within this time; then the process ends all the same. Together with CLOSE_MS_MAX less than
 * the supervisor waits before it ends it by force.
 */
export const STOP_MS_MAX = 3_000;
/** How long a process that is over with its work waits for bus and store to be closed. */
export const CLOSE_MS_MAX = 700;

export interface NamedService {
  readonly name: string;
  /** Made when its turn comes. */
  create(): Promise<Service> | Service;
}

export interface RunDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when the process is asked to stop. */
  readonly signal: AbortSignal;
  /** Whether an error is one of usage or configuration, so that starting again changes nothing. */
  readonly isUsageError: (error: unknown) => boolean;
}

/** Each starts when the one before it does its work. Resolves with the exit code when all have stopped. */
export async function runServices(parts: readonly NamedService[], deps: RunDeps): Promise<number> {
  const { clock, log, signal, isUsageError } = deps;
  const running: Service[] = [];
  const failure = createFailure(log, isUsageError);
  const stopped = aborted(signal);
  let current = parts[0]?.name ?? '';
  try {
    for (const part of parts) {
      current = part.name;
      const service = await part.create();
      running.push(service);
      failure.watch(part.name, service);
      await Promise.race([service.start(), stopped, failure.promise]);
      if (signal.aborted || failure.exitCode() !== null) break;
    }
    const allEnded = Promise.allSettled(running.map((service) => service.ended));
    await Promise.race([stopped, failure.promise, allEnded]);
  } catch (error) {
    failure.tell(current, error);
  }
  const stops = Promise.allSettled(running.reverse().map((service) => service.stop()));
  const isInTime = (await orLate(clock, STOP_MS_MAX, stops)) !== LATE;
  if (!isInTime) log.error({}, `not everything ended within ${STOP_MS_MAX / 1_000} s`);
  return failure.exitCode() ?? (isInTime ? EXIT.done : EXIT.failed);
}

/** The first failure of any service; told once. */
function createFailure(log: Log, isUsageError: RunDeps['isUsageError']) {
  const failed = new AbortController();
  let exitCode: number | null = null;
  const tell = (name: string, error: unknown) => {
    if (exitCode !== null) return;
    exitCode = isUsageError(error) ? EXIT.usage : EXIT.failed;
    const detail = exitCode === EXIT.usage ? {} : { error: detailOf(error) };
    log.error({ part: name, ...detail }, `${name} cannot go on: ${textOf(error)}`);
    failed.abort();
  };
  return {
    promise: aborted(failed.signal),
    exitCode: () => exitCode,
    tell,
    watch(name: string, service: Service) {
      service.ended.catch((error: unknown) => tell(name, error));
    },
  };
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const detailOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));
