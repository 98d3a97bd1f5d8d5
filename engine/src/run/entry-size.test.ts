/** However much one commit comes to, its entry stays within the named limit. */
import { encodeEntry } from '../../../ports/src/store/entry-codec.js';
import type { Command, Instant } from '@kairos/schema';
import { ENTRY_BYTES_MAX, parseAmount, parseMoney, parsePrice, readConfig } from '@kairos/schema';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEngine } from '../core/engine.js';
import type { Input } from '../core/input.js';
import { emptyState } from '../core/state.js';
import type { Batch } from './batch.js';
import { createBatch } from './batch.js';
import { rulesOf } from './trader.js';

const START = Date.parse('2024-08-01T12:00:00Z') as Instant;
const ACCOUNTS = 1_200;
/** As many as an account may trade. */
const SYMBOLS = Array.from({ length: 200 }, (_, index) => `SYMBOLOFTWENTYL${String(index).padStart(5, '0')}`);
/** Text that takes most in JSON: each character six bytes. */
const COSTLY_TEXT = '\u0001'.repeat(8 * 1_024);
const TEST_MS = 120_000;

const COMMAND: Command = {
  id: 'c',
  action: 'STOP_BOT',
  accountId: null,
  tradeId: null,
  settings: null,
  account: null,
  issuedBy: 'x'.repeat(100),
  reason: 'y'.repeat(500),
  time: START,
  signature: null,
};

function crowd() {
  const config = readConfig({ FEED: 'simulator' });
  const engine = createEngine(
    emptyState('EXCHANGE:binance'),
    rulesOf(config, () => true),
  );
  for (let i = 0; i < ACCOUNTS; i++) {
    const account = {
      name: 'n'.repeat(100),
      mode: 'PAPER' as const,
      initialBalance: parseMoney('5000'),
      userId: `user-${i}`,
    };
    const id = `an-account-with-quite-a-long-name-${i}`;
    const command = {
      ...COMMAND,
      id: `open-${i}`,
      action: 'OPEN_ACCOUNT' as const,
      accountId: id,
      account,
      settings: { symbols: SYMBOLS },
    };
    engine.step({ kind: 'command', command, isSigned: true, wall: START });
  }
  engine.takeChanges();
  return engine;
}

/** What comes next, by number. */
function inputOf(kind: number, index: number, symbol: string): Input {
  const wall = (START + index * 1_000) as Instant;
  if (kind === 0) {
    return {
      kind: 'command',
      command: { ...COMMAND, id: `all-${index}`, action: index % 2 ? 'PAUSE_BOT' : 'RESUME_BOT', time: wall },
      isSigned: true,
      wall,
    };
  }
  if (kind < 4) {
    const action = kind === 3 ? ('SELL' as const) : ('BUY' as const);
    const signal = {
      id: `a-signal-with-a-long-id-${'z'.repeat(100)}-${index}`,
      symbol,
      action,
      confidence: 0.9,
      price: parsePrice('123.456789012345'.slice(0, 15)),
      time: wall,
      source: 'external',
      horizonSeconds: 60,
      votes: null,
    };
    return { kind: 'signal', signal, wall };
  }
  const price = parsePrice(String(100 + (index % 50)));
  const candle = {
    symbol,
    interval: '1m' as const,
    time: (wall - 60_000) as Instant,
    open: price,
    high: price,
    low: price,
    close: price,
    volume: parseAmount('1'),
    closed: true,
    at: wall,
    source: 'test',
    last: true,
  };
  return { kind: 'price', candle, wall };
}

function bytesOf(engine: ReturnType<typeof crowd>, batch: Batch): number {
  const entry = {
    shard: 0,
    entry: 1,
    epoch: 1,
    owner: 'owner',
    worldTime: engine.state.now,
    committedAt: START,
    positions: {},
    events: batch.events,
    ...engine.takeChanges(),
    deadLetters: batch.deadLetters,
    notes: engine.state.notes,
    publishedThrough: 0,
  };
  return encodeEntry(entry).length;
}

describe('an entry of the journal', { timeout: TEST_MS }, () => {
  it(`has at most ${ENTRY_BYTES_MAX} bytes, whatever ${ACCOUNTS} accounts of one shard with 200 symbols each make of it`, () => {
    const engine = crowd();
    let index = 0;
    let largest = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 2 })), {
          minLength: 1,
          maxLength: 30,
        }),
        (steps) => {
          const batch = createBatch(engine.changedBytes);
          for (const [kind, symbol] of steps) {
            if (batch.isFull()) break;
            const input = inputOf(kind, (index += 1), SYMBOLS[symbol]!);
            batch.add(input, { result: engine.step(input), points: [], writesShared: true });
          }
          const bytes = bytesOf(engine, batch);
          largest = Math.max(largest, bytes);
          expect(bytes).toBeLessThanOrEqual(ENTRY_BYTES_MAX);
        },
      ),
      { numRuns: 60, seed: 7 },
    );
    expect(largest).toBeGreaterThan(512 * 1_024);
  });

  it('ends with a few dead letters where these are large', () => {
    const engine = createEngine(
      emptyState('EXCHANGE:binance'),
      rulesOf(readConfig({ FEED: 'simulator' }), () => true),
    );
    const batch = createBatch(engine.changedBytes);
    let count = 0;
    for (; !batch.isFull(); count++) {
      batch.addNothing();
      const letter = {
        topic: 'crypto.ml_signals',
        partition: 0,
        offset: count,
        key: COSTLY_TEXT.slice(0, 100),
        value: COSTLY_TEXT,
        reason: 'no',
        time: START,
      };
      batch.addDeadLetter(letter);
    }
    expect(count).toBeLessThan(30);
    expect(bytesOf(engine, batch)).toBeLessThanOrEqual(ENTRY_BYTES_MAX);
  });
});
