import { createContext } from 'svelte';

/** Whether what depends on prices is too old to act on. */
export interface Freshness {
  readonly isStale: boolean;
  /** How old it is; null before anything is known. */
  readonly ageMs: number | null;
}

export const [useFreshness, provideFreshness] = createContext<Freshness>();
