/**
 * Hears of every journal entry and every record as they become durable, whoever wrote them, and asks every checker. The
 * first rule that does not hold is kept: nothing is thrown into the system under test.
 */
import type { BusRecord, JournalEntry, Store } from '@kairos/ports';
import { shardOf } from '@kairos/ports';
import { TOPICS } from '@kairos/schema';
import type { World } from '@kairos/schema';
import type { Auditor, AuditorOptions } from '../audit/auditor.js';
import { createAuditor } from '../audit/auditor.js';
import type { Check } from '../checks/check.js';
import { createEventsCheck } from '../checks/events.js';
import { createInputsCheck } from '../checks/inputs.js';
import { createFiguresCheck, createJournalCheck } from '../checks/journal.js';
import { createPublishedCheck } from '../checks/published.js';
import { createReadModelsCheck } from '../checks/read-models.js';
import { checkRecovered } from '../checks/recovered.js';
import type { Ledger } from '../workload/ledger.js';
import { Violation } from '../violation.js';
import type { Behind } from './process.js';

export interface OverseerOptions extends Omit<AuditorOptions, 'owns'> {
  readonly world: World;
  readonly shards: number;
  readonly ledger: Ledger;
  /** Records of prices and signals that a partition keeps. */
  readonly recordsMax: number;
  readonly behind: (entry: JournalEntry) => Behind | undefined;
  readonly copiesAllowed: (letterKey: string) => number;
  /** A store that does not fail. */
  readonly store: Store;
  /** The entry itself, but for tests that break it. */
  readonly heard: (entry: JournalEntry) => JournalEntry;
}

export interface Overseer {
  onEntry(entry: JournalEntry): void;
  onRecord(record: BusRecord): void;
  /** The first broken rule, or what a checker itself fell over; null while all is well. */
  failure(): Error | null;
  /** Notes what was seen elsewhere. */
  fail(error: Error): void;
  /** @throws what `failure` says */
  check(): void;
  auditorOf(shard: number): Auditor;
  /** Committed positions, by shard and cursor. */
  position(shard: number, cursor: string): number | undefined;
  /** Asks what is to be asked at the end. @throws Violation */
  finish(): Promise<void>;
  /** What is committed and not published yet; null = nothing. */
  unpublished(): Promise<Violation | null>;
}

export function createOverseer(options: OverseerOptions): Overseer {
  const { shards, recordsMax, behind } = options;
  const auditors = Array.from({ length: shards }, (_, shard) =>
    createAuditor({ ...options, owns: (accountId) => shardOf(accountId, shards) === shard }),
  );
  const auditorOf = (shard: number): Auditor => auditors[shard]!;
  const ends = new Map<string, number>();
  const context = {
    ...options,
    auditorOf,
    earliest: (topic: string, partition: number) => {
      const isTrimmed = topic === TOPICS.marketData || topic === TOPICS.signals;
      return isTrimmed ? Math.max(0, (ends.get(`${topic}:${partition}`) ?? 0) - recordsMax) : 0;
    },
  };
  const published = createPublishedCheck(context);
  const beforeAudit: Check[] = [
    createJournalCheck(),
    createEventsCheck(context),
    createInputsCheck(context),
    published,
  ];
  const afterAudit: Check[] = [createFiguresCheck(context), createReadModelsCheck()];
  const positions = new Map<string, number>();
  let failure: Error | null = null;

  const guarded = (work: () => void): void => {
    if (failure) return;
    try {
      work();
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
    }
  };

  const audit = (durable: JournalEntry): void => {
    const entry = options.heard(durable);
    const { steps, loaded } = behind(durable) ?? { steps: [], loaded: null };
    const auditor = auditorOf(entry.shard);
    const committed = { entry, steps, hasLoaded: loaded !== null };
    if (loaded !== null) checkRecovered(loaded, auditor);
    for (const check of beforeAudit) check.onCommitted?.(committed);
    for (const step of steps) auditor.take(step);
    for (const check of afterAudit) check.onCommitted?.(committed);
    for (const [cursor, next] of Object.entries(entry.positions)) positions.set(`${entry.shard}/${cursor}`, next);
  };

  return {
    auditorOf,
    failure: () => failure,
    fail(error) {
      failure ??= error;
    },
    check() {
      if (failure) throw failure;
    },
    onEntry: (entry) => guarded(() => audit(entry)),
    onRecord(record) {
      ends.set(`${record.topic}:${record.partition}`, record.offset + 1);
      if (record.topic !== TOPICS.trades && record.topic !== TOPICS.deadLetter) return;
      guarded(() => published.onPublished?.(record));
    },
    position: (shard, cursor) => positions.get(`${shard}/${cursor}`),
    async finish() {
      for (const check of [...beforeAudit, ...afterAudit]) await check.atEnd?.(options.store);
    },
    async unpublished() {
      try {
        await published.atEnd?.(options.store);
        return null;
      } catch (error) {
        if (error instanceof Violation) return error;
        throw error;
      }
    },
  };
}
