/**
 * A server as a process: started and looked at until it answers, killed, stopped, started again on the same files. Its
 * process id lies in its folder, so that another process finds it; an id that by now belongs to somebody else, or to
 * nobody, is told from a living one by the command line, which names the folder.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { retryUntil, until } from './wait.mjs';

const START_MS_MAX = 30_000;
const STOP_MS_MAX = 20_000;
const KILL_MS_MAX = 5_000;
const LOG_TAIL = 2_000;
const ENDING = ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGQUIT'];

const pidFileOf = (folder) => join(folder, 'server.pid');

/** What the pid file of a folder says: `{ pid, isAlive }`, or null where there is none. */
export function readPid(folder) {
  const file = pidFileOf(folder);
  if (!existsSync(file)) return null;
  const { pid, named } = parsed(readFileSync(file, 'utf8'));
  return { pid, isAlive: isServer(pid, named) };
}

/** The process id, and the folder as its arguments name it. */
function parsed(text) {
  const [pid, named = ''] = text.split(/ (.*)/s);
  return { pid: Number(pid), named };
}

/** Whether the process exists and names the folder in its command line, or is that one still giving up what it holds. */
function isServer(pid, named) {
  if (!Number.isInteger(pid) || pid <= 0 || named === '' || !exists(pid)) return false;
  const commandLine = commandLineOf(pid);
  return commandLine === '' ? isEnding(pid) : commandLine.includes(named);
}

/** Set while a process ends: its command line is gone already, its ports are not. */
const ENDING_FLAG = 0x4;

/** False for a process that only waits for its parent to notice. */
function isEnding(pid) {
  const stat = readProc(pid, 'stat');
  if (stat === '') return false;
  // What stands before is the name, which may have blanks and brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, flags, threads] = [fields[0], Number(fields[6]), Number(fields[17])];
  return (flags & ENDING_FLAG) !== 0 && !(state === 'Z' && threads <= 1);
}

function exists(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return false;
    if (error.code === 'EPERM') return true;
    throw error;
  }
}

/** Empty for a process that has just ended, is about to, or has and waits for its parent to notice. */
const commandLineOf = (pid) =>
  process.platform === 'linux' ? readProc(pid, 'cmdline').replaceAll('\0', ' ') : psOf(pid);

/** A file that Linux keeps about a process; empty where there is none. */
function readProc(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return '';
    throw error;
  }
}

function psOf(pid) {
  try {
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch (error) {
    if (error.status === 1) return '';
    throw error;
  }
}

/** A server that may run in a folder already, by whoever started it. */
export function attachServer(name, folder) {
  /** Sends the signal and waits until the process is gone. */
  async function end(signal, msMax) {
    const found = readPid(folder);
    if (found?.isAlive) {
      process.kill(found.pid, signal);
      // One that was stopped in its tracks hears nothing else before.
      if (signal !== 'SIGKILL') process.kill(found.pid, 'SIGCONT');
      await until(`${name} to end by ${signal}`, () => !readPid(folder)?.isAlive, msMax);
    }
    rmSync(pidFileOf(folder), { force: true });
  }
  return {
    folder,
    get pid() {
      const found = readPid(folder);
      return found?.isAlive ? found.pid : null;
    },
    /** After a signal that ends it, resolves when it is gone. */
    async kill(signal = 'SIGKILL') {
      if (ENDING.includes(signal)) return end(signal, signal === 'SIGKILL' ? KILL_MS_MAX : STOP_MS_MAX);
      const found = readPid(folder);
      if (!found?.isAlive) throw new Error(`Expected ${name} to be running to send it ${signal}, found it has ended`);
      process.kill(found.pid, signal);
    },
    /** Asks it to end, and makes it end when it does not. */
    async stop() {
      try {
        await end('SIGTERM', STOP_MS_MAX);
      } catch {
        await end('SIGKILL', KILL_MS_MAX);
      }
    },
  };
}

/**
 * A server to be started here.
 *
 * @param name as messages call it
 * @param folder its own: `server.pid` and `server.log` lie there, and its arguments name it
 * @param command, args the program
 * @param checkReady rejects as long as the server does not answer
 * @param isDetached whether it outlives this process; otherwise it ends with it
 */
export function createServerProcess({ name, folder, command, args, checkReady, isDetached = false }) {
  const logFile = join(folder, 'server.log');
  const server = attachServer(name, folder);
  const killNow = () => {
    if (server.pid !== null) process.kill(server.pid, 'SIGKILL');
  };

  async function spawnIt() {
    const log = openSync(logFile, 'a');
    try {
      const child = spawn(command, args, { cwd: folder, detached: isDetached, stdio: ['ignore', log, log] });
      await once(child, 'spawn');
      writeFileSync(pidFileOf(folder), `${child.pid} ${folder}`);
      if (isDetached) child.unref();
      else endWithThisProcess(child);
      return child;
    } finally {
      closeSync(log);
    }
  }

  function endWithThisProcess(child) {
    process.once('exit', killNow);
    child.once('exit', () => process.off('exit', killNow));
  }

  const tailOfLog = () => readFileSync(logFile, 'utf8').slice(-LOG_TAIL).trim();

  async function start() {
    if (server.pid !== null) throw new Error(`${name} is running already in ${folder}`);
    const child = await spawnIt();
    const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
    const stopWhen = () =>
      hasEnded() ? new Error(`Expected ${name} to start, found that it ended:\n${tailOfLog()}`) : null;
    try {
      await retryUntil(`${name} to answer`, checkReady, { msMax: START_MS_MAX, stopWhen });
    } catch (error) {
      await server.kill();
      throw error;
    }
  }

  return Object.assign(server, { start });
}
