import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newFolder } from '../../../fixtures/own-buses.js';
import { systemClock } from '../../clock/system.js';
import type { Bus } from '../bus.js';
import { SESSION_TIMEOUT_MS } from '../common/limits.js';
import { collect, outgoing, pollUntil, texts } from '../contract/harness.contract.js';
import { openLocalBus } from './open-local-bus.js';

const FIXTURES = join(import.meta.dirname, '../../../fixtures');
const TEST_MS = 60_000;
const PARTITIONS = 4;
const FIRST = { topic: 'crypto.trades', partition: 0 } as const;

describe('several processes on one local bus', { timeout: TEST_MS }, () => {
  let folder: string;
  let file: string;
  let bus: Bus;
  let children: ChildProcessByStdio<null, Readable, null>[];

  beforeEach(async () => {
    folder = newFolder();
    file = join(folder, 'bus.db');
    children = [];
    bus = await openLocalBus({ file, partitions: PARTITIONS }, { clock: systemClock });
  });
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL');
    await bus.close();
    rmSync(folder, { recursive: true });
  });

  function run(...task: readonly (string | number)[]) {
    const flags = ['--conditions=source', '--import', join(FIXTURES, 'register-typescript.mjs')];
    const script = [join(FIXTURES, 'bus-process.ts'), file, PARTITIONS, ...task].map(String);
    const child = spawn(process.execPath, [...flags, ...script], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const lines = createInterface({ input: child.stdout });
    return { child, lines, ended: once(child, 'exit') };
  }

  const readFirst = () => bus.read({ from: [{ ...FIRST, position: 'earliest' }] });
  const valuesOf = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name}:${index}`);

  it('loses nothing while two append and a third reads at the same time', async () => {
    const processes = [run('append', 'a', 60, 20), run('append', 'b', 60, 20)];
    const reader = await readFirst();
    const records = await collect(reader, 2_400, TEST_MS);
    for (const { ended } of processes) expect((await ended)[0]).toBe(0);
    expect(records.map(({ offset }) => offset)).toEqual(records.map((_, index) => index));
    for (const name of ['a', 'b']) {
      expect(texts(records).filter((text) => text.startsWith(name))).toEqual(valuesOf(name, 1_200));
    }
    expect(await reader.poll(10, 50)).toEqual([]);
  });

  it('keeps what was acknowledged, and each publish call whole, over kill -9 in the middle of appends', async () => {
    const perCall = 7;
    const reader = await readFirst();
    let before = 0;
    for (const [round, linesBefore] of [2, 5, 9, 14].entries()) {
      const name = `round${round}`;
      const { child, lines, ended } = run('append', name, 1_000_000, perCall);
      let acknowledged = -1;
      let seen = 0;
      lines.on('line', (line) => {
        acknowledged = Number(line);
        if (++seen === linesBefore) child.kill('SIGKILL');
      });
      await ended;
      const { next } = (await bus.offsets(FIRST.topic))[0]!;
      const records = await collect(reader, next - before, TEST_MS);
      before = next;
      expect(texts(records)).toEqual(valuesOf(name, records.length));
      expect(records.length).toBeGreaterThan(acknowledged);
      expect(records.length % perCall).toBe(0);
    }
    await expect(bus.publish(FIRST.topic, [outgoing('after', null, 0)])).resolves.toHaveLength(1);
  });

  it('gives the partitions of a killed process to another one before its session would time out', async () => {
    const { child, lines, ended } = run('hold', 'traders');
    for await (const line of lines) if (Number(line) === PARTITIONS) break;
    child.kill('SIGKILL');
    await ended;
    const member = await bus.join({ groupId: 'traders', topics: ['crypto.commands'], fallback: 'earliest' });
    await pollUntil([member], () => member.assignment().length === PARTITIONS, SESSION_TIMEOUT_MS / 2);
    expect(member.assignment()).toHaveLength(PARTITIONS);
  });
});
