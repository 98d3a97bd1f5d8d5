import { createContext } from 'svelte';

/** Whether what depends on prices is too old to act on. */
export interface Freshness {
  readonly isStale: boolean;
}

export const [useFreshness, provideFreshness] = createContext<Freshness>();
