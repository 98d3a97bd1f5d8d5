/** What the page's line to the API gives and takes. */
import type { TypedDocumentNode } from '@apollo/client/core';
import type { ApiError } from '../api/errors.js';
import type { OpenSocket } from './socket.js';
import type { Timing } from './timing.js';

export type Phase =
  | { readonly name: 'idle' }
  | { readonly name: 'connecting' }
  | { readonly name: 'open' }
  /** `retryAt`: monotonic milliseconds. */
  | { readonly name: 'waiting'; readonly retryAt: number };

export interface StreamRequest<Data, Variables> {
  readonly document: TypedDocumentNode<Data, Variables>;
  /** Asked at every (re)subscription. */
  readonly variables: () => Variables;
  readonly next: (data: Data) => void;
  /** The server ended the stream, CONFLICT included; it stands still until restarted. */
  readonly failed: (error: ApiError) => void;
}

export interface Stream {
  /** Subscribes anew, with fresh variables. */
  restart(): void;
  stop(): void;
}

export interface ConnectionDeps {
  readonly open: OpenSocket;
  readonly timing: Timing;
  readonly authorization: () => string | null;
  /** Gets a new token; false when there is none to get now. */
  readonly renew: () => Promise<boolean>;
}
