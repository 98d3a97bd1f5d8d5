/** A list read page by page with opaque cursors, newest first. Another filter begins anew; an answer to an old one is dropped. */
import { errorOf } from '../api/errors.js';

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly endCursor: string | null;
  readonly hasNextPage: boolean;
  readonly totalCount: number | null;
}

/** Asks for one page after a cursor; null = the first. @throws ApiError */
export type AskPage<Filter, Row> = (filter: Filter, after: string | null) => Promise<Page<Row>>;

export class Pages<Filter, Row> {
  readonly #ask: AskPage<Filter, Row>;
  #filter: Filter;
  #page = $state.raw<Page<Row> | null>(null);
  #problem = $state.raw<string | null>(null);
  #isLoading = $state.raw(false);
  /** Where each page begins: the last is the one shown. */
  #starts = $state.raw<readonly (string | null)[]>([null]);
  #run = 0;

  constructor(ask: AskPage<Filter, Row>, filter: Filter) {
    this.#ask = ask;
    this.#filter = filter;
  }

  get rows(): readonly Row[] {
    return this.#page?.rows ?? [];
  }
  get totalCount(): number | null {
    return this.#page?.totalCount ?? null;
  }
  /** From 1. */
  get number(): number {
    return this.#starts.length;
  }
  get hasNext(): boolean {
    return this.#page?.hasNextPage ?? false;
  }
  get hasPrevious(): boolean {
    return this.#starts.length > 1;
  }
  get isLoading(): boolean {
    return this.#isLoading;
  }
  /** Whether any answer has come. */
  get isLoaded(): boolean {
    return this.#page !== null;
  }
  get problem(): string | null {
    return this.#problem;
  }

  /** Shows the first page of another filter. */
  async show(filter: Filter): Promise<void> {
    this.#filter = filter;
    await this.#load([null]);
  }

  async next(): Promise<void> {
    if (this.#page?.hasNextPage) await this.#load([...this.#starts, this.#page.endCursor]);
  }

  async previous(): Promise<void> {
    if (this.hasPrevious) await this.#load(this.#starts.slice(0, -1));
  }

  /** Asks for the page shown again. */
  async reload(): Promise<void> {
    await this.#load(this.#starts);
  }

  async #load(starts: readonly (string | null)[]): Promise<void> {
    this.#run += 1;
    const run = this.#run;
    this.#isLoading = true;
    try {
      const page = await this.#ask(this.#filter, starts.at(-1) ?? null);
      if (run !== this.#run) return;
      this.#page = page;
      this.#starts = starts;
      this.#problem = null;
    } catch (error) {
      if (run === this.#run) this.#problem = errorOf(error).message;
    } finally {
      if (run === this.#run) this.#isLoading = false;
    }
  }
}
