/** The equity curve of one account over a chosen stretch: asked once per stretch, carried on by live figures. */
import type { Api } from '../api/client.js';
import { errorOf } from '../api/errors.js';
import type { LivePnl } from '../api/fragments.js';
import { curveQuery } from '../api/operations.js';
import type { CurvePoint, CurveRange, CurveState } from './curve.js';
import { CURVE_POINTS, curveFrom, noCurve, rangeStart, reduceCurve } from './curve.js';
import type { Timing } from './timing.js';

export class EquityCurve {
  readonly #api: Api;
  readonly #timing: Timing;
  readonly #accountId: string;
  #state = $state.raw<CurveState>(noCurve);
  #range = $state.raw<CurveRange>('All');
  #problem = $state.raw<string | null>(null);
  #isLoaded = $state.raw(false);
  #newest: LivePnl | null = null;
  #run = 0;

  constructor(api: Api, timing: Timing, accountId: string) {
    this.#api = api;
    this.#timing = timing;
    this.#accountId = accountId;
  }

  get points(): readonly CurvePoint[] {
    return this.#state.points;
  }
  get range(): CurveRange {
    return this.#range;
  }
  /** Why it could not be loaded. */
  get problem(): string | null {
    return this.#problem;
  }
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Asks for the stretch again, or for another one; what is shown stays meanwhile. */
  async load(range: CurveRange = this.#range): Promise<void> {
    this.#range = range;
    this.#run += 1;
    const run = this.#run;
    const now = this.#newest ? Date.parse(this.#newest.time) : this.#timing.wall();
    try {
      const { data, errors } = await this.#api.query(curveQuery, {
        accountId: this.#accountId,
        from: rangeStart(range, now),
        maxPoints: CURVE_POINTS,
      });
      if (run !== this.#run) return;
      if (data.equityCurve) this.#state = curveFrom(data.equityCurve);
      if (this.#newest) this.#state = reduceCurve(this.#state, this.#newest);
      this.#problem = errors[0]?.message ?? null;
      this.#isLoaded = data.equityCurve !== null;
    } catch (error) {
      if (run === this.#run) this.#problem = errorOf(error).message;
    }
  }

  take(frame: LivePnl): void {
    this.#newest = frame;
    if (this.#isLoaded) this.#state = reduceCurve(this.#state, frame);
  }

  stop(): void {
    this.#run += 1;
  }
}
