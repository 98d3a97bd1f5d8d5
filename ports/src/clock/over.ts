/**
 * The reason that is given to whatever is waited for and no longer needed: where none is given, an error is made up,
 * with its stack, for what happens hundreds of times a second.
 */
export const OVER = 'over';
