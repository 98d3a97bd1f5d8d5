import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../api/errors.js';
import { FakeApi } from '../testing/api.js';
import { command, step } from '../testing/entities.js';
import { FakeSockets } from '../testing/sockets.js';
import { FakeTiming, settled } from '../testing/timing.js';
import { ASK_AGAIN_MS, Commands, COMMANDS_MAX } from './commands.svelte.js';
import { Connection } from './connection.svelte.js';

let api: FakeApi;
let sockets: FakeSockets;
let timing: FakeTiming;
let commands: Commands;

beforeEach(() => {
  api = new FakeApi().on('Command', () => ({ command: null }));
  sockets = new FakeSockets();
  timing = new FakeTiming();
  const connection = new Connection({
    open: sockets.open,
    timing,
    authorization: () => 'Bearer one',
    renew: () => Promise.resolve(true),
  });
  connection.start();
  sockets.last.accept();
  commands = new Commands({ api, connection, timing });
});

const done = command({ status: 'DONE', steps: [step('ENTRIES_BLOCKED'), step('FLAT'), step('STOPPED')] });

it('each step is told with the time since the request', () => {
  const tracked = commands.follow(command(), timing.now());
  timing.advance(120);
  const blocked = command({ status: 'RUNNING', steps: [step('ENTRIES_BLOCKED')] });
  sockets.last.running('CommandUpdated')[0]?.next({ commandUpdated: blocked });
  timing.advance(400);
  sockets.last.running('CommandUpdated')[0]?.next({ commandUpdated: done });
  expect(tracked.command.status).toBe('DONE');
  expect(tracked.seenMs).toEqual([120, 520, 520]);
});

it('what was asked elsewhere has no such times', () => {
  const tracked = commands.follow(done, null);
  expect(tracked.seenMs).toEqual([null, null, null]);
});

it('the end is told once and ends the stream', () => {
  const ends: string[] = [];
  commands.follow(command(), timing.now(), (end) => ends.push(end.status));
  const [stream] = sockets.last.running('CommandUpdated');
  stream?.next({ commandUpdated: done });
  stream?.next({ commandUpdated: done });
  expect(ends).toEqual(['DONE']);
  expect(sockets.last.running('CommandUpdated')).toEqual([]);
});

it('steps that passed before the stream began are asked for', async () => {
  api.on('Command', () => ({ command: done }));
  const tracked = commands.follow(command(), timing.now());
  await settled();
  expect(tracked.command.status).toBe('DONE');
});

it('after a loss of the line it is asked for again', async () => {
  const tracked = commands.follow(command(), timing.now());
  await settled();
  api.on('Command', () => ({ command: done }));
  sockets.last.lose(1006);
  timing.advance(500);
  sockets.last.accept();
  await settled();
  expect(tracked.command.status).toBe('DONE');
});

it('is asked for again as long as nothing answers', async () => {
  api.on('Command', () => {
    throw new ApiError('UNAVAILABLE', 'The store does not answer.');
  });
  const tracked = commands.follow(command(), timing.now());
  await settled();
  api.on('Command', () => ({ command: done }));
  timing.advance(ASK_AGAIN_MS);
  await settled();
  expect(tracked.command.status).toBe('DONE');
  const before = api.timesAsked('Command');
  timing.advance(10 * ASK_AGAIN_MS);
  await settled();
  expect(api.timesAsked('Command')).toBe(before);
});

describe('the newest of an action', () => {
  it('is found by account', () => {
    commands.follow(command({ id: 'c1' }), null);
    commands.follow(command({ id: 'c2' }), null);
    commands.follow(command({ id: 'c3', accountIds: ['other'] }), null);
    expect(commands.newest('STOP_BOT', 'a1')?.id).toBe('c2');
    expect(commands.newest('PAUSE_BOT', 'a1')).toBeUndefined();
  });

  it('unsettled ones are never dropped for room', () => {
    commands.follow(command({ id: 'running' }), null);
    for (let i = 0; i < COMMANDS_MAX + 5; i += 1) commands.follow({ ...done, id: `done${i}` }, null);
    expect(commands.tracked).toHaveLength(COMMANDS_MAX);
    expect(commands.tracked.some((one) => one.id === 'running')).toBe(true);
  });
});
