/**
 * Golden journals: what this release wrote must replay to the same state for ever, and the same history must still give
 * the same journal. A test that fails here says that a rule, or the form of what is stored, has changed: how to renew
 * them is in docs/testing.md.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { JournalEntry } from '@kairos/ports';
import { decodeEntry, encodeEntry } from '@kairos/ports/testing';
import { TRADING_EVENT_TYPES } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { evolveEntry } from '../src/core/evolve.js';
import { readSnapshot, writeSnapshot } from '../src/core/snapshot.js';
import { emptyState } from '../src/core/state.js';
import { goldenEntries } from './golden.fixture.js';

const FOLDER = fileURLToPath(new URL('../fixtures/golden/', import.meta.url));
/** The journal that this release writes; those of releases before it stay beside it. */
const NEWEST = 'release-0.1.jsonl';

const textOf = (entry: JournalEntry): string => new TextDecoder().decode(encodeEntry(entry));

function replay(lines: readonly string[]) {
  const state = emptyState('EXCHANGE:binance');
  for (const line of lines) evolveEntry(state, decodeEntry(new TextEncoder().encode(line)));
  return state;
}

const hashOf = (state: ReturnType<typeof replay>): string =>
  createHash('sha256').update(writeSnapshot(state)).digest('hex');

/** The last line of a file is the hash of the state after the entries before it. */
function journal(name: string): { lines: readonly string[]; hash: string } {
  const lines = readFileSync(`${FOLDER}${name}`, 'utf8').trimEnd().split('\n');
  return { lines: lines.slice(0, -1), hash: lines.at(-1) ?? '' };
}

if (process.env['GOLDEN'] === 'write') {
  const lines = goldenEntries().map(textOf);
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FOLDER}${NEWEST}`, `${[...lines, hashOf(replay(lines))].join('\n')}\n`);
}

describe('a golden journal', () => {
  it.each(readdirSync(FOLDER).filter((name) => name.endsWith('.jsonl')))('replays to the same state: %s', (name) => {
    const { lines, hash } = journal(name);
    const state = replay(lines);
    expect(hashOf(state)).toBe(hash);
    const restored = readSnapshot(writeSnapshot(state));
    expect(restored && hashOf(restored)).toBe(hash);
  });

  it('of this release is what the same history gives today, byte for byte', () => {
    expect(goldenEntries().map(textOf)).toEqual(journal(NEWEST).lines);
  });

  it('of this release touches every type of event and every reason to leave', () => {
    const events = goldenEntries().flatMap((entry) => entry.events);
    expect(new Set(events.map(({ type }) => type))).toEqual(new Set(TRADING_EVENT_TYPES));
    expect(new Set(events.flatMap(({ trade }) => trade?.exitReason ?? []))).toEqual(
      new Set(['SIGNAL', 'STOP_LOSS', 'TAKE_PROFIT', 'TRAILING_STOP', 'PANIC', 'MANUAL']),
    );
  });
});
