/** What the API's process tells the supervisor that started it, on the channel between them, once it answers. */
export interface ReadyMessage {
  readonly kind: 'ready';
  /** The address that people open. */
  readonly url: string;
  /** The administrator's name. */
  readonly username: string;
  /** True while the administrator's password is the one everybody knows. */
  readonly hasDefaultPassword: boolean;
}

/** Null when the message is none of these. */
export function readReadyMessage(input: unknown): ReadyMessage | null {
  if (typeof input !== 'object' || input === null) return null;
  const { kind, url, username, hasDefaultPassword } = input as Record<string, unknown>;
  const isReady = kind === 'ready' && typeof url === 'string' && typeof username === 'string';
  return isReady ? { kind: 'ready', url, username, hasDefaultPassword: hasDefaultPassword === true } : null;
}
