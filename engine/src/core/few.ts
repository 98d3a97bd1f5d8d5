/**
 * A map of a few entries, in order of entry. An account has a handful of each kind, and thousands of accounts decide on
 * one signal: hash tables that grow and shrink with every fill would cost more than the fill's arithmetic. Here entries
 * are found by looking at all of them, and their places are used again: what comes and goes allocates nothing.
 */
export class Few<V> {
  #names: string[] = [];
  #held: (V | undefined)[] = [];
  #count = 0;

  static of<V>(entries: Iterable<readonly [string, V]>): Few<V> {
    const few = new Few<V>();
    for (const [name, value] of entries) few.set(name, value);
    return few;
  }

  get size(): number {
    return this.#count;
  }

  get(name: string): V | undefined {
    const index = this.#indexOf(name);
    return index === -1 ? undefined : this.#held[index];
  }

  has(name: string): boolean {
    return this.#indexOf(name) !== -1;
  }

  set(name: string, value: V): void {
    const index = this.#indexOf(name);
    if (index !== -1) {
      this.#held[index] = value;
    } else if (this.#names.length === 0) {
      // A list written down has room for just what it holds: most have one entry at the most.
      this.#names = [name];
      this.#held = [value];
      this.#count = 1;
    } else {
      this.#names[this.#count] = name;
      this.#held[this.#count] = value;
      this.#count += 1;
    }
  }

  delete(name: string): void {
    const index = this.#indexOf(name);
    if (index === -1) return;
    this.#count -= 1;
    for (let next = index; next < this.#count; next++) {
      this.#names[next] = this.#names[next + 1]!;
      this.#held[next] = this.#held[next + 1];
    }
    this.#held[this.#count] = undefined;
  }

  clear(): void {
    this.#names = [];
    this.#held = [];
    this.#count = 0;
  }

  /** The name and the value of one entry, counted from 0 in order of entry, below `size`. */
  nameAt(index: number): string {
    return this.#names[index]!;
  }

  at(index: number): V {
    return this.#held[index]!;
  }

  /** Copies: entries may come and go while they are walked through. */
  keys(): string[] {
    return this.#names.slice(0, this.#count);
  }

  values(): V[] {
    return this.#held.slice(0, this.#count) as V[];
  }

  *[Symbol.iterator](): Iterator<[string, V]> {
    for (let index = 0; index < this.#count; index++) yield [this.nameAt(index), this.at(index)];
  }

  #indexOf(name: string): number {
    const names = this.#names;
    for (let index = 0; index < this.#count; index++) if (names[index] === name) return index;
    return -1;
  }
}
