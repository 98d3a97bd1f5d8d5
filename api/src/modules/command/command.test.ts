import { faultsOf, sampleCommand, sampleStep } from '@kairos/ports/testing';
import { isSignedBy } from '@kairos/ports';
import type { Command } from '@kairos/schema';
import { decodeCommand, TOPICS } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import type { FixtureOptions, TradingFixture } from '../../../test/trading-fixture.js';
import { ADA, ADMIN, BOB, books, createTradingFixture, minutes, START, take } from '../../../test/trading-fixture.js';
import { createCommandSender, SEND_LIMIT_MS } from './command.sender.js';

const SECRET = 'correct horse battery staple, and so on';
const PANIC =
  'mutation { panicStop(reason: "smoke") { id action status accountIds issuedBy reason sentAt steps { kind } } }';

/** acc-1 of ada with an open trade, acc-2 of bob. */
async function createWorld(options: FixtureOptions = {}) {
  const world = await createTradingFixture(options);
  const [ada, bob] = [books('acc-1', 'user-ada'), books('acc-2', 'user-bob')];
  const events = [ada.opens(), bob.opens(), ada.buys('BTCUSDT', '68234', minutes(1))];
  await world.commit({ events, marks: [ada.mark(), bob.mark()] });
  await world.live.start();
  return { ...world, ada, bob, [Symbol.asyncDispose]: world[Symbol.asyncDispose] };
}

/** The commands on the bus, with the key of each. */
async function published(world: Pick<TradingFixture, 'trader'>) {
  const { bus } = world.trader;
  const ends = await bus.offsets(TOPICS.commands);
  const reader = await bus.read({ from: ends.map((end) => ({ ...end, position: 'earliest' as const })) });
  const records = await reader.poll(100, 0);
  await reader.close();
  return records.map((record) => {
    const decoded = decodeCommand(record.value, record);
    if (!decoded.ok) throw new Error(decoded.error.reason);
    return { key: record.key, ...decoded.value };
  });
}

/** Asks while time passes, as everything has its limit. */
async function askInTime(
  world: TradingFixture | Awaited<ReturnType<typeof createWorld>>,
  source: string,
  viewer = ADA,
) {
  const begun = world.clock.monotonicMs();
  const asked = world.ask(viewer, source).then((answer) => ({ ...answer, tookMs: world.clock.monotonicMs() - begun }));
  for (let passed = 0; passed < 5_000; passed += 50) await world.clock.advance(50);
  return asked;
}

describe('a command', () => {
  it('is kept in the store, published once per account under one id, and answered as SENT', async () => {
    await using world = await createWorld();
    const { data } = await world.ask(ADMIN, PANIC);
    const sent = data['panicStop'] as unknown as { id: string };
    expect(sent).toMatchObject({
      action: 'STOP_BOT',
      status: 'SENT',
      accountIds: ['acc-1', 'acc-2'],
      issuedBy: 'admin',
      reason: 'smoke',
      sentAt: '2026-01-01T00:00:00.000Z',
      steps: [],
    });
    const messages = await published(world);
    expect(new Set(messages.map(({ key }) => key))).toEqual(new Set(['acc-1', 'acc-2']));
    expect(messages).toHaveLength(2);
    for (const { key, command } of messages) {
      expect(command).toMatchObject({ id: sent.id, accountId: key, time: START, issuedBy: 'admin', signature: null });
    }
    expect(await world.store.app.commands.byId(sent.id)).toMatchObject({ isPublished: true });
    const audited = await world.store.app.audit.list(10);
    expect(audited).toHaveLength(2);
    for (const accountId of ['acc-1', 'acc-2']) {
      expect(audited).toContainEqual(expect.objectContaining({ actor: 'admin', action: 'STOP_BOT', accountId }));
    }
  });

  it('is signed where there is a secret', async () => {
    await using world = await createWorld({ env: { COMMAND_SECRET: SECRET } });
    await world.ask(ADA, 'mutation { resumeTrading { id } }');
    const [message] = await published(world);
    expect(isSignedBy(message?.signedText ?? '', message?.command.signature ?? '', SECRET)).toBe(true);
  });

  it.each([
    ['mutation { pauseTrading(accountId: "acc-1") { id } }', { action: 'PAUSE_BOT', accountId: 'acc-1' }],
    ['mutation { resumeTrading(accountId: "acc-1") { id } }', { action: 'RESUME_BOT', accountId: 'acc-1' }],
    [
      'mutation { closePosition(tradeId: "acc-1:BTCUSDT:sig-BTCUSDT-1767225660000") { id } }',
      { action: 'CLOSE_POSITION', accountId: 'acc-1', tradeId: 'acc-1:BTCUSDT:sig-BTCUSDT-1767225660000' },
    ],
    [
      'mutation { updateSettings(settings: { stopLoss: null, riskPerTrade: "0.25", cooldownSeconds: 60 }) { id } }',
      {
        action: 'UPDATE_SETTINGS',
        accountId: 'acc-1',
        settings: { stopLoss: null, riskPerTrade: 25_000_000n, cooldownSeconds: 60 },
      },
    ],
  ])('of %s says what is asked', async (source, expected) => {
    await using world = await createWorld();
    expect((await world.ask(ADA, source)).code).toBeNull();
    expect((await published(world)).map(({ command }) => command)).toMatchObject([expected]);
  });
});

describe('a command while something is down', () => {
  it('is kept as STORED without the bus', async () => {
    await using world = await createWorld();
    world.busFaults.down(true);
    const { data, tookMs } = await askInTime(world, PANIC);
    expect(data).toMatchObject({ panicStop: { status: 'STORED' } });
    expect(tookMs).toBeLessThanOrEqual(2_000);
    const waiting = await world.store.app.commands.waiting('SIMULATOR');
    expect(waiting).toMatchObject([{ accountIds: ['acc-1'], command: { action: 'STOP_BOT' } }]);
  });

  it('is kept as STORED where the bus hangs, within 2 s', async () => {
    await using world = await createWorld();
    world.busFaults.set({ delays: 1, delayMsMax: 60_000 });
    const { data, tookMs } = await askInTime(world, PANIC);
    expect(data).toMatchObject({ panicStop: { status: 'STORED' } });
    expect(tookMs).toBeLessThanOrEqual(2_000);
    world.busFaults.clear();
  });

  it('is published without the store, to the accounts known a moment ago', async () => {
    await using world = await createWorld();
    world.storeServer.setDown(true);
    const { data, tookMs } = await askInTime(world, PANIC);
    expect(data).toMatchObject({ panicStop: { status: 'SENT', accountIds: ['acc-1'] } });
    expect(tookMs).toBeLessThanOrEqual(2_000);
    expect((await published(world)).map(({ key }) => key)).toEqual(['acc-1']);
  });

  it('is refused with what was not done where neither answers', async () => {
    await using world = await createWorld();
    world.storeServer.setDown(true);
    world.busFaults.down(true);
    const { code, message, tookMs } = await askInTime(world, PANIC);
    expect(code).toBe('UNAVAILABLE');
    expect(message).toContain('STOP_BOT was not sent and not kept');
    expect(tookMs).toBeLessThanOrEqual(2_000);
  });

  it('takes no longer than its limit where both hang', async () => {
    await using world = await createWorld();
    const slow = world.storeServer.connect(faultsOf('commands.insert', [{ kind: 'slow', ms: 60_000 }]));
    world.busFaults.set({ delays: 1, delayMsMax: 60_000 });
    const sender = createCommandSender(
      { bus: world.bus, store: slow, clock: world.clock, log: world.log, newId: () => 'c1' },
      { world: 'SIMULATOR', secret: null },
    );
    const begun = world.clock.monotonicMs();
    const request = { action: 'STOP_BOT', tradeId: null, settings: null, reason: null } as const;
    const sending = sender.send({ ...request, accountIds: ['acc-1'], issuedBy: 'ada' }).then(
      () => null,
      (error: { code: string }) => [error.code, world.clock.monotonicMs() - begun] as const,
    );
    for (let passed = 0; passed < 3_000; passed += 50) await world.clock.advance(50);
    const [code, tookMs] = (await sending) ?? [];
    expect(code).toBe('UNAVAILABLE');
    expect(tookMs).toBeLessThanOrEqual(SEND_LIMIT_MS + 50);
    world.busFaults.clear();
  });
});

describe('what is refused', () => {
  it.each([
    [
      'mutation { updateSettings(settings: { riskPerTrade: "1.5", maxOpenPositions: 0 }) { id } }',
      /riskPerTrade.*maxOpenPositions/,
    ],
    ['mutation { updateSettings(settings: { symbols: ["btc"] }) { id } }', /symbols/],
    ['mutation { updateSettings(settings: { minConfidence: null }) { id } }', /minConfidence/],
    ['mutation { updateSettings(settings: {}) { id } }', /settings/],
    [`mutation { panicStop(reason: "${'x'.repeat(501)}") { id } }`, /reason/],
    ['mutation { resumeTrading(code: "123456") { id } }', /code/],
  ])('%s', async (source, words) => {
    await using world = await createWorld();
    const { code, message } = await world.ask(ADA, source);
    expect(code).toBe('BAD_USER_INPUT');
    expect(message).toMatch(words);
    expect(await published(world)).toEqual([]);
  });

  it('closing a trade that is closed', async () => {
    await using world = await createWorld();
    const event = world.ada.sells('BTCUSDT', '68891', minutes(2));
    await world.commit({ events: [event] });
    const { code } = await world.ask(ADA, `mutation { closePosition(tradeId: "${event.trade?.id}") { id } }`);
    expect(code).toBe('CONFLICT');
    expect(await published(world)).toEqual([]);
  });
});

describe('how far a command is', () => {
  const FOLLOW =
    'subscription($id: ID!) { commandUpdated(id: $id) { status accountIds steps { kind accountId symbol price error } } }';

  it('is told with every step until it is done', async () => {
    await using world = await createWorld();
    const { data } = await world.ask(ADA, PANIC);
    const id = String((data['panicStop'] as unknown as { id: string }).id);
    const { stream } = await world.subscribe(ADA, FOLLOW, { id });
    if (!stream) throw new Error('expected a stream');
    expect(await take(stream, 1)).toMatchObject([{ status: 'SENT', steps: [] }]);

    const stopping = { account: { status: 'STOPPING' as const } };
    await world.commitAndPublish({ events: [world.ada.obeys('TRADING_STOPPING', id, stopping)] });
    await world.clock.advance(100);
    expect(await take(stream, 1)).toMatchObject([{ status: 'RUNNING', steps: [{ kind: 'ENTRIES_BLOCKED' }] }]);

    const failed = { step: { tradeId: 't1', symbol: 'BTCUSDT', error: 'no price' } };
    await world.commitAndPublish({ events: [world.ada.obeys('CLOSE_FAILED', id, failed)] });
    await world.clock.advance(100);
    expect(await take(stream, 1)).toMatchObject([{ status: 'PARTIAL' }]);

    const stopped = { account: { status: 'STOPPED' as const } };
    await world.commitAndPublish({ events: [world.ada.obeys('TRADING_STOPPED', id, stopped)] });
    await world.clock.advance(100);
    const [last] = await take(stream, 1);
    expect(last).toMatchObject({ status: 'DONE' });
    expect((last?.['steps'] as { kind: string }[]).map(({ kind }) => kind)).toEqual([
      'ENTRIES_BLOCKED',
      'CLOSE_FAILED',
      'FLAT',
      'STOPPED',
    ]);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  it('shows each viewer the part that concerns its accounts', async () => {
    await using world = await createWorld();
    const command: Command = sampleCommand({ id: 'everybody', time: START });
    await world.commit({
      rows: {
        commands: [{ command, accountIds: ['acc-1', 'acc-2'] }],
        steps: [{ ...sampleStep({ accountId: 'acc-2', kind: 'STOPPED', time: START }), commandId: 'everybody' }],
      },
    });
    const source = '{ command(id: "everybody") { status accountIds steps { accountId } } }';
    const seen = async (viewer: typeof ADA) => (await world.ask(viewer, source)).data['command'];
    expect(await seen(ADA)).toEqual({ status: 'SENT', accountIds: ['acc-1'], steps: [] });
    expect(await seen(BOB)).toEqual({ status: 'DONE', accountIds: ['acc-2'], steps: [{ accountId: 'acc-2' }] });
    expect(await seen(ADMIN)).toMatchObject({ status: 'RUNNING', accountIds: ['acc-1', 'acc-2'] });
  });

  it('is a secret to those whom it does not concern', async () => {
    await using world = await createWorld();
    const { data } = await world.ask(ADA, PANIC);
    const { id } = data['panicStop'] as unknown as { id: string };
    const foreign = await world.ask(BOB, `{ command(id: "${id}") { id } }`);
    expect(foreign).toEqual(await world.ask(BOB, '{ command(id: "no-command") { id } }'));
    expect(foreign.code).toBe('NOT_FOUND');
    expect((await world.subscribe(BOB, FOLLOW, { id })).code).toBe('NOT_FOUND');
  });

  it('lists commands sent from here and taken from elsewhere, newest first', async () => {
    await using world = await createWorld();
    const theirs = sampleCommand({ id: 'theirs', action: 'PAUSE_BOT', time: START });
    await world.commit({ rows: { commands: [{ command: theirs, accountIds: ['acc-1'] }] } });
    await world.clock.advance(1_000);
    await world.ask(ADA, PANIC);
    await world.ask(BOB, PANIC);
    const { data } = await world.ask(ADA, '{ commands { action status } }');
    expect(data['commands']).toEqual([
      { action: 'STOP_BOT', status: 'SENT' },
      { action: 'PAUSE_BOT', status: 'SENT' },
    ]);
    expect((await world.ask(ADA, '{ commands(last: 1) { action } }')).data['commands']).toEqual([
      { action: 'STOP_BOT' },
    ]);
  });
});
