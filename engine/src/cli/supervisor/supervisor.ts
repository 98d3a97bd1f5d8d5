/**
 * Runs engine and API as processes of their own: prefixes their lines, restarts one that dies, says when the page
 * answers, and ends both within 5 s.
 */
import type { Clock, Log, ReadyMessage } from '@kairos/ports';
import { readReadyMessage } from '@kairos/ports';
import { EXIT } from '../cli.js';
import { aborted } from '../process/stop-signal.js';
import { keepRunning } from './keeper.js';
import type { NodeProgram } from './spawn-node.js';
import { spawnNode } from './spawn-node.js';

export interface SupervisedProgram extends Pick<NodeProgram, 'file' | 'args' | 'env'> {
  readonly name: string;
}

export interface SupervisorDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Aborts when everything shall end. */
  readonly signal: AbortSignal;
  /** Takes each line of a program, with the program's name. */
  readonly onLine: (name: string, line: string) => void;
  /** Called when the page answers, also after a restart of the API. */
  readonly onReady: (message: ReadyMessage) => void;
}

/** Resolves with the exit code when every program has ended. */
export async function supervise(programs: readonly SupervisedProgram[], deps: SupervisorDeps): Promise<number> {
  const { clock, log, signal, onLine, onReady } = deps;
  const keepers = programs.map(({ name, ...program }) => {
    const onMessage = (message: unknown) => {
      const ready = readReadyMessage(message);
      if (ready) onReady(ready);
    };
    const spawn = () => spawnNode({ ...program, onMessage, onLine: (line) => onLine(name, line) });
    return keepRunning(name, { clock, log, spawn });
  });
  const first = await Promise.race([aborted(signal).then(() => EXIT.done), ...keepers.map((keeper) => keeper.ended)]);
  await Promise.all(keepers.map((keeper) => keeper.stop()));
  return first;
}
