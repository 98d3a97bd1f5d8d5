/** Sources by key, opened for the first who asks and closed after the last: never one per subscriber. */

export interface Shared<S> {
  /** The open source, or a new one; every call needs one call of `release`. @throws what opening throws */
  acquire(key: string): Promise<{ readonly source: S; release(): void }>;
  /** The sources that are open. */
  open(): readonly S[];
  get(key: string): S | undefined;
}

interface Entry<S> {
  readonly opening: Promise<S>;
  source: S | null;
  users: number;
}

export function createShared<S extends { close(): void }>(openSource: (key: string) => Promise<S>): Shared<S> {
  const entries = new Map<string, Entry<S>>();

  const begin = (key: string): Entry<S> => {
    const entry: Entry<S> = { opening: openSource(key), source: null, users: 0 };
    entries.set(key, entry);
    return entry;
  };
  const leave = (key: string, entry: Entry<S>): void => {
    entry.users -= 1;
    if (entry.users > 0) return;
    if (entries.get(key) === entry) entries.delete(key);
    entry.source?.close();
  };

  return {
    async acquire(key) {
      const entry = entries.get(key) ?? begin(key);
      entry.users += 1;
      let isReleased = false;
      const release = (): void => {
        if (isReleased) return;
        isReleased = true;
        leave(key, entry);
      };
      try {
        entry.source = await entry.opening;
        return { source: entry.source, release };
      } catch (error) {
        release();
        throw error;
      }
    },
    open: () => [...entries.values()].flatMap(({ source }) => (source === null ? [] : [source])),
    get: (key) => entries.get(key)?.source ?? undefined,
  };
}
