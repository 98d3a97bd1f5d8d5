/** How good past signals were: by confidence, how many came right once their horizon had passed. For reports and tests. */
import type { SignalAction } from '@kairos/schema';

/** A signal beside the closes that followed it. */
export interface JudgedSignal {
  readonly action: SignalAction;
  readonly confidence: number;
  readonly price: number;
  /** Closes of the candles of its horizon, oldest first. */
  readonly closes: readonly number[];
}

/** Signals of one action within one span of confidence. */
export interface ConfidenceBucket {
  readonly action: SignalAction;
  /** from ≤ confidence < to; the last one includes 1. */
  readonly from: number;
  readonly to: number;
  readonly signals: number;
  /** Mean of what was claimed. */
  readonly meanConfidence: number;
  /** Share that came right: some close within the horizon paid both commissions. */
  readonly hitRate: number;
  /** Share whose last close of the horizon was on its side of the price at all. */
  readonly endedRight: number;
  /** Mean return to the end of the horizon in its direction, before costs. */
  readonly meanReturn: number;
}

const BUCKET = 0.05;

/** Whether a signal came right, as confidence means it. */
export function cameRight(signal: JudgedSignal, costs: number): boolean {
  return signal.action === 'BUY'
    ? signal.closes.some((close) => close >= signal.price * (1 + costs))
    : signal.closes.some((close) => close <= signal.price * (1 - costs));
}

/** BUY and SELL signals in buckets of 0.05, in order of action and confidence. */
export function bucketsOf(signals: readonly JudgedSignal[], costs: number): readonly ConfidenceBucket[] {
  const groups = new Map<string, JudgedSignal[]>();
  for (const signal of signals) {
    if (signal.action === 'HOLD' || signal.closes.length === 0) continue;
    const bucket = Math.min(Math.floor(signal.confidence / BUCKET + 1e-9), 1 / BUCKET - 1);
    const key = `${signal.action} ${String(bucket).padStart(2, '0')}`;
    groups.set(key, [...(groups.get(key) ?? []), signal]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, members]) => bucketOf(members, costs));
}

function bucketOf(members: readonly JudgedSignal[], costs: number): ConfidenceBucket {
  const { action, confidence } = members[0]!;
  const from = Math.floor(confidence / BUCKET + 1e-9) * BUCKET;
  const returnOf = (signal: JudgedSignal): number => {
    const change = signal.closes.at(-1)! / signal.price - 1;
    return signal.action === 'BUY' ? change : -change;
  };
  const mean = (of: (signal: JudgedSignal) => number): number =>
    members.reduce((sum, signal) => sum + of(signal), 0) / members.length;
  return {
    action,
    from,
    to: from + BUCKET,
    signals: members.length,
    meanConfidence: mean((signal) => signal.confidence),
    hitRate: mean((signal) => Number(cameRight(signal, costs))),
    endedRight: mean((signal) => Number(returnOf(signal) > 0)),
    meanReturn: mean(returnOf),
  };
}
