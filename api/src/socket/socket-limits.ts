/** Limits of sockets. */
export interface SocketLimits {
  readonly sockets: number;
  readonly socketsPerUser: number;
  /** Operations under way on one socket, subscriptions included. */
  readonly operationsPerSocket: number;
  /** Messages that one socket may send in 10 s. */
  readonly messagesPer10s: number;
  /** Bytes of one message from a client; a larger one closes the socket with 1009. */
  readonly messageBytes: number;
  /** Time from opening to `connection_init`, else 4408. */
  readonly initWaitMs: number;
  /** Above this many bytes waiting no further frame of a subscription is taken from its source. */
  readonly bufferedBytesHigh: number;
  /** Above this many bytes waiting the socket is closed with 1013. */
  readonly bufferedBytesMax: number;
  /** A socket that stays above `bufferedBytesHigh` for this long is closed with 1013. */
  readonly slowReaderMs: number;
  /** How often expiry, revocation and slow readers are looked for. */
  readonly sweepMs: number;
  /** How often a ping goes out; a socket that has not answered the last one is gone. */
  readonly pingMs: number;
  /** A socket that does not answer a close for this long is cut. */
  readonly closeWaitMs: number;
}

export const SOCKET_LIMITS: SocketLimits = {
  sockets: 500,
  socketsPerUser: 10,
  operationsPerSocket: 20,
  messagesPer10s: 1_000,
  messageBytes: 64 * 1024,
  initWaitMs: 5_000,
  bufferedBytesHigh: 64 * 1024,
  bufferedBytesMax: 1024 * 1024,
  slowReaderMs: 10_000,
  sweepMs: 1_500,
  pingMs: 15_000,
  closeWaitMs: 2_000,
};
