import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openLocalBus, systemClock, worldFiles } from '@kairos/ports';
import { encodeHealth, TOPICS } from '@kairos/schema';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { report } from '../doctor/testing.fixture.js';
import { runCli } from '../main.js';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'kairos-doctor-'))));
afterEach(() => rmSync(folder, { recursive: true }));

async function doctor(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(['doctor', ...argv], {
    env: { FEED: 'simulator', DATA_DIR: join(folder, 'data'), PORT: '0', ...env },
    clock: systemClock,
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
  });
  return { code, out: out.join(''), err: err.join('') };
}

it('before the first start it finds nothing wrong, and makes nothing', async () => {
  const { code, out } = await doctor([]);
  expect(out).toMatch(/^ok +configuration: valid$/m);
  expect(out).toMatch(/^ok +DATA_DIR: .*\(made at the first start\)/m);
  expect(out).toMatch(/^\? +bus: not made yet/m);
  expect(code).toBe(0);
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

it('what FEED=auto would come to is not asked for good', async () => {
  const { out } = await doctor([], { FEED: 'auto', FEED_URL: 'http://127.0.0.1:9' });
  expect(out).toMatch(/^ok +FEED: auto means the simulator/m);
  expect(readdirSync(folder)).toEqual([]);
});

it('a configuration that is not valid is all it can tell, and ends with 1', async () => {
  const { code, out } = await doctor(['--json'], { PORT: 'x', INTERVAL: '2m' });
  const { isWell, findings } = JSON.parse(out) as { isWell: boolean; findings: { name: string; fault: string }[] };
  expect([code, isWell, findings.map(({ name }) => name)]).toEqual([1, false, ['Node.js', 'build', 'configuration']]);
  expect(findings[2]!.fault).toMatch(/^INTERVAL: .*; PORT: /);
});

it.each([[['--role', 'cook']], [['--role']]])('%j is wrong usage', async (argv) => {
  const { code, err } = await doctor(argv);
  expect(code).toBe(2);
  expect(err).toMatch(/--help/);
});

describe('over the files of a world in use', () => {
  const withBus = async (instance: string, use: () => Promise<void>) => {
    const { busFile } = worldFiles(join(folder, 'data'), 'SIMULATOR');
    const bus = await openLocalBus({ file: busFile, partitions: 8 }, { clock: systemClock });
    const value = encodeHealth(report('trader', { instance, at: systemClock.now() }));
    await bus.publish(TOPICS.health, [{ key: `trader:${instance}`, value }]);
    try {
      await use();
    } finally {
      await bus.close();
    }
  };

  it('a role that says that it is alive is', async () => {
    await withBus(`${hostname()}-1-a`, async () => {
      expect(await doctor(['--role', 'trader', '--here'])).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^ok /),
      });
      expect(await doctor(['--role', 'feed'])).toMatchObject({
        code: 1,
        out: expect.stringMatching(/^WRONG {2}feed: never/),
      });
    });
  });

  it('one on another machine does not count as one of this', async () => {
    await withBus('elsewhere-1-a', async () => {
      expect((await doctor(['--role', 'trader'])).code).toBe(0);
      expect((await doctor(['--role', 'trader', '--here'])).code).toBe(1);
    });
  });

  it('those that are missing beside it are', async () => {
    await withBus('elsewhere-1-a', async () => {
      const { code, out } = await doctor([]);
      expect(code).toBe(1);
      expect(out.match(/^WRONG {2}(\w+)/gm)).toEqual(['WRONG  feed', 'WRONG  predictor', 'WRONG  api']);
    });
  });
});
