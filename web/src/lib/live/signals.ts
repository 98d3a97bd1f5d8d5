/** Signals as they come, each with what became of it. A signal and its decision may arrive in either order. */
import type { Decision, Signal } from '../api/fragments.js';

/** BUY and SELL signals kept for the dashboard. */
export const SIGNALS_SHOWN = 20;

export interface SignalRow {
  readonly signal: Signal;
  /** Null until decided, and for signals of symbols that the account does not trade. */
  readonly decision: Decision | null;
}

export interface SignalsState {
  /** The last decision taken: where the stream goes on from. */
  readonly seq: number;
  /** BUY and SELL, newest first. */
  readonly rows: readonly SignalRow[];
  /** Each symbol's newest signal, HOLD included. */
  readonly latest: Readonly<Record<string, Signal>>;
}

/** Nothing listed yet; the stream of decisions goes on after `seq`. */
export const noSignals = (seq: number): SignalsState => ({ seq, rows: [], latest: {} });

/** The state after a query's answer; the stream goes on where it was. */
export const mergeSignals = (
  state: SignalsState,
  signals: readonly Signal[],
  decisions: readonly Decision[],
): SignalsState => signals.reduce(reduceSignal, decisions.reduce(withDecision, state));

/** The state after a signal; the same state when it tells nothing new. */
export function reduceSignal(state: SignalsState, signal: Signal): SignalsState {
  const latest = withLatest(state.latest, signal);
  if (signal.action === 'HOLD' || state.rows.some((row) => row.signal.id === signal.id)) {
    return latest === state.latest ? state : { ...state, latest };
  }
  return { ...state, latest, rows: newest([{ signal, decision: null }, ...state.rows]) };
}

/** The state after a decision; the same state when it was taken before. */
export function reduceDecision(state: SignalsState, decision: Decision): SignalsState {
  if (decision.seq <= state.seq) return state;
  return { ...withDecision(state, decision), seq: decision.seq };
}

function withDecision(state: SignalsState, decision: Decision): SignalsState {
  const { signal } = decision;
  const others = state.rows.filter((row) => row.signal.id !== signal.id);
  return { ...state, latest: withLatest(state.latest, signal), rows: newest([{ signal, decision }, ...others]) };
}

function withLatest(latest: SignalsState['latest'], signal: Signal): SignalsState['latest'] {
  const known = latest[signal.symbol];
  const isNewer = !known || (known.id !== signal.id && Date.parse(signal.time) >= Date.parse(known.time));
  return isNewer ? { ...latest, [signal.symbol]: signal } : latest;
}

function newest(rows: readonly SignalRow[]): readonly SignalRow[] {
  const byTime = (a: SignalRow, b: SignalRow): number => Date.parse(b.signal.time) - Date.parse(a.signal.time);
  return [...rows].sort(byTime).slice(0, SIGNALS_SHOWN);
}
