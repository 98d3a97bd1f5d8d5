/** Where a process says what it does. Fields are data; the message is one line for people. Secrets never go in. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A log whose every line carries these fields. */
  child(fields: object): Log;
}
