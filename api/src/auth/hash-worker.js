// @ts-check
/** Runs bcrypt off the event loop: plain JavaScript, because worker threads load this file as it stands. */
import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcryptjs';

/**
 * @typedef {{ kind: 'hash', password: string, cost: number } | { kind: 'compare', password: string, hash: string }} HashTask
 * @typedef {{ ok: true, value: string | boolean } | { ok: false, message: string }} HashAnswer
 */

/** @param {HashTask} task @returns {HashAnswer} */
function run(task) {
  try {
    const value =
      task.kind === 'hash' ? bcrypt.hashSync(task.password, task.cost) : bcrypt.compareSync(task.password, task.hash);
    return { ok: true, value };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (/** @type {HashTask} */ task) => parentPort?.postMessage(run(task)));
