/** What one operation remembers, so that its fields agree with each other and nothing is read twice. */
import type { ApiContext } from '../context.js';

/** What was made under this name before in the operation, else what `make` makes. */
export function remembered<T>(context: ApiContext, name: string, make: () => T): T {
  if (!context.memo.has(name)) context.memo.set(name, make());
  return context.memo.get(name) as T;
}

/** Each event of a subscription is an answer of its own: what was read for the one before is stale. */
export const forget = (context: ApiContext): void => context.memo.clear();

/** Collects the keys asked for within one turn of the event loop, loads them together, and each only once. */
export function createLoader<V>(loadAll: (keys: readonly string[]) => Promise<ReadonlyMap<string, V>>) {
  const loaded = new Map<string, Promise<V | undefined>>();
  let batch: { readonly keys: string[]; readonly answer: Promise<ReadonlyMap<string, V>> } | null = null;

  const begin = () => {
    const keys: string[] = [];
    const answer = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      batch = null;
      return loadAll(keys);
    });
    return { keys, answer };
  };
  return (key: string): Promise<V | undefined> => {
    const known = loaded.get(key);
    if (known) return known;
    batch ??= begin();
    batch.keys.push(key);
    const value = batch.answer.then((values) => values.get(key));
    loaded.set(key, value);
    return value;
  };
}

/** Rows by key, in their order. */
export function grouped<T>(rows: readonly T[], keyOf: (row: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
