/** Where processes that change one account count their changes. */
export const COUNTER = 'changes';
export const COUNTED_MS = 86_400_000;
