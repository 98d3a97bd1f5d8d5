/** How this browser likes the page: kept in its local storage, read once, unknown values ignored. */

export type Theme = 'auto' | 'dark' | 'light';
export type GainColour = 'green' | 'red';

interface Values {
  readonly theme: Theme;
  /** The colour of a gain: green, or red as in East Asia. */
  readonly gain: GainColour;
  /** Shift+P opens the panic sheet. */
  readonly shortcuts: boolean;
}

const KEY = 'kairos.preferences';
const DEFAULTS: Values = { theme: 'auto', gain: 'green', shortcuts: true };

export class Preferences {
  readonly #storage: Storage | null;
  #values = $state.raw<Values>(DEFAULTS);

  constructor(storage: Storage | null) {
    this.#storage = storage;
    this.#values = read(storage);
  }

  get theme(): Theme {
    return this.#values.theme;
  }
  get gain(): GainColour {
    return this.#values.gain;
  }
  get shortcuts(): boolean {
    return this.#values.shortcuts;
  }

  set(values: Partial<Values>): void {
    this.#values = { ...this.#values, ...values };
    this.#storage?.setItem(KEY, JSON.stringify(this.#values));
  }
}

function read(storage: Storage | null): Values {
  const text = storage?.getItem(KEY);
  if (!text) return DEFAULTS;
  const kept = parse(text);
  return {
    theme: kept['theme'] === 'dark' || kept['theme'] === 'light' ? kept['theme'] : 'auto',
    gain: kept['gain'] === 'red' ? 'red' : 'green',
    shortcuts: kept['shortcuts'] !== false,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
