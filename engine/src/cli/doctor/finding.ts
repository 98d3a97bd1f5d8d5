/** What an examination finds, as plain data. */

/** One thing to look at. */
export interface Check {
  readonly name: string;
  /** It counts as failed when it has not ended after this long. */
  readonly limitMs: number;
  /** Whatever it throws is a fault too. */
  run(): Promise<Outcome>;
}

/** `unknown`: could not be told, because something else is wrong or nothing runs yet; that alone is no fault. */
export type State = 'ok' | 'wrong' | 'unknown';

export interface Outcome {
  readonly state: State;
  /** What was found, one line. */
  readonly detail: string;
  /** What is wrong, one line; null where nothing is. */
  readonly fault: string | null;
  /** What to do about it, one line; null where nothing is wrong. */
  readonly fix: string | null;
  readonly version: string | null;
  /** How long the answer took; null where nobody was asked. */
  readonly latencyMs: number | null;
}

export interface Finding extends Outcome {
  readonly name: string;
}

const NOTHING = { detail: '', fault: null, fix: null, version: null, latencyMs: null };

type Extras = Partial<Pick<Outcome, 'version' | 'latencyMs'>>;

export const well = (detail: string, extras: Extras = {}): Outcome => ({ ...NOTHING, state: 'ok', detail, ...extras });

export const unknown = (detail: string): Outcome => ({ ...NOTHING, state: 'unknown', detail });

export const wrong = (fault: string, fix: string, extras: Extras & { readonly detail?: string } = {}): Outcome => ({
  ...NOTHING,
  state: 'wrong',
  fault,
  fix,
  ...extras,
});

/** Nothing is wrong; what could not be told does not count. */
export const isWell = (findings: readonly Finding[]): boolean => findings.every(({ state }) => state !== 'wrong');
