/** What has been taken since the last commit. */
import type { ReadModelRows, StoredEquityPoint, StoredSignal, TakenCommand } from '@kairos/ports';
import type { DeadLetter, Instant, MarketCandle, TradingEvent } from '@kairos/schema';
import { COMMIT_BYTES_MAX, COMMIT_INPUTS_MAX } from '@kairos/schema';
import type { StepResult } from '../core/engine.js';
import type { Input } from '../core/input.js';

/** What one event, each symbol that its account trades, and one row take in a commit, in bytes of JSON: rather more. */
const EVENT_BYTES = 3_072;
const SYMBOL_BYTES = 24;
const ROW_BYTES = 256;

/** What came of an input, for the batch. */
export interface Outcome {
  readonly result: StepResult;
  readonly points: readonly StoredEquityPoint[];
  /** Whether rows that are the same for every shard are written by this one. */
  readonly writesShared: boolean;
}

export interface Batch {
  add(input: Input, outcome: Outcome): void;
  addDeadLetter(letter: DeadLetter): void;
  /** Counts an input that came to nothing. */
  addNothing(): void;
  /** No more inputs belong into this commit. */
  isFull(): boolean;
  /** Something has happened that must not wait. */
  isUrgent(): boolean;
  isEmpty(): boolean;
  readonly events: readonly TradingEvent[];
  readonly deadLetters: readonly DeadLetter[];
  rows(): ReadModelRows;
}

/** @param changedBytes How many bytes the state's changes since the last commit take. */
export function createBatch(changedBytes: () => number): Batch {
  const events: TradingEvent[] = [];
  const deadLetters: DeadLetter[] = [];
  const candles = new Map<string, MarketCandle>();
  const signals: StoredSignal[] = [];
  const equity = new Map<string, StoredEquityPoint>();
  const commands: TakenCommand[] = [];
  const steps: ReadModelRows['steps'][number][] = [];
  let inputs = 0;
  let mustEnd = false;
  let bytes = 0;

  const addCommand = ({ command }: StepResult, writesShared: boolean): void => {
    const hasNews = command && (writesShared || command.step || command.accountIds.length > 0);
    if (!hasNews) return;
    commands.push({ command: command.command, accountIds: command.accountIds });
    if (command.step) steps.push({ ...command.step, commandId: command.command.id });
  };

  return {
    events,
    deadLetters,
    add(input, { result, points, writesShared }) {
      inputs += 1;
      mustEnd ||= result.isPartial;
      for (const event of result.events) {
        events.push(event);
        bytes += EVENT_BYTES + event.account.settings.symbols.length * SYMBOL_BYTES;
      }
      if (input.kind === 'price' && writesShared) candles.set(candleKey(input.candle), input.candle);
      if (result.signal && writesShared) signals.push({ ...result.signal, receivedAt: input.wall });
      for (const point of points) equity.set(pointKey(point), point);
      addCommand(result, writesShared);
    },
    addDeadLetter(letter) {
      deadLetters.push(letter);
      bytes += Buffer.byteLength(JSON.stringify(letter));
    },
    addNothing() {
      inputs += 1;
    },
    isFull() {
      if (mustEnd) return true;
      const rows = candles.size + signals.length + equity.size;
      return inputs >= COMMIT_INPUTS_MAX || bytes + changedBytes() + rows * ROW_BYTES >= COMMIT_BYTES_MAX;
    },
    isUrgent: () => mustEnd || events.length > 0 || deadLetters.length > 0 || steps.length > 0,
    isEmpty: () => inputs === 0,
    rows: () => ({ candles: [...candles.values()], signals, equity: [...equity.values()], commands, steps }),
  };
}

const candleKey = ({ symbol, interval, time }: MarketCandle): string => `${symbol}:${interval}:${time}`;
const pointKey = ({ accountId, time }: { accountId: string; time: Instant }): string => `${accountId}:${time}`;
