/** Limits of the bus on Kafka. */

/** Until a connection is made, encrypted and logged in. */
export const CONNECT_TIMEOUT_MS = 3_000;
/** Until a broker has answered an ordinary request. */
export const REQUEST_TIMEOUT_MS = 5_000;
/** Until `ping` gives up. */
export const PING_TIMEOUT_MS = 2_000;
/** A call that finds its broker gone or its leader moved tries again for this long. */
export const CALL_TIMEOUT_MS = 5_000;
/** Opening the bus, with the topics that it makes. */
export const OPEN_TIMEOUT_MS = 15_000;
/** Of that: how long brokers are waited for when there are fewer than a topic is to have copies. */
export const BROKERS_WAIT_MS = 5_000;
/** A publish call that is not acknowledged after this fails; what became of it is then not known. */
export const PUBLISH_TIMEOUT_MS = 5_000;

/** Tries after a failure are this far apart at first, twice as far each time, up to the most. */
export const BACKOFF_MS_MIN = 100;
export const BACKOFF_MS_MAX = 5_000;

/** How long a broker holds an answer back while there is nothing to read. */
export const FETCH_WAIT_MS = 500;
/** The same while some partitions are not asked for because enough of them was read ahead. */
export const FETCH_WAIT_FULL_MS = 20;
/** Bytes of one answer, and of one partition in it. */
export const FETCH_BYTES_MAX = 4 * 1024 * 1024;
export const FETCH_PARTITION_BYTES_MAX = 1024 * 1024;
/** A partition is read ahead until this much waits. */
export const AHEAD_BYTES_MAX = 1024 * 1024;
/** A longer answer is none of Kafka's. */
export const ANSWER_BYTES_MAX = 128 * 1024 * 1024;
/** A compressed batch that unpacks to more is refused. */
export const UNPACKED_BYTES_MAX = 64 * 1024 * 1024;

/** Records of one partition go out in batches of at most this many bytes: brokers take 1,048,588 by default. */
export const BATCH_BYTES_MAX = 1_040_000;
/** All batches of one request: brokers take 100 MiB by default. */
export const PRODUCE_BYTES_MAX = 8 * 1024 * 1024;
/** What waits to be published in this process; more is refused. */
export const WAITING_BYTES_MAX = 256 * 1024 * 1024;

/** A member of a group that is not heard of for this long loses its partitions. */
export const SESSION_TIMEOUT_MS = 6_000;
export const HEARTBEAT_INTERVAL_MS = 1_000;
/** Signs of life that may wait for their answers: as many as come due before the first one is given up. */
export const HEARTBEATS_MAX = REQUEST_TIMEOUT_MS / HEARTBEAT_INTERVAL_MS;
/** How long the others wait for a member to come back when the partitions are shared out anew. */
export const REBALANCE_TIMEOUT_MS = 10_000;
/** A member that nobody polls for this long says nothing any more, so that others take over. */
export const POLL_PAUSE_MS_MAX = 30_000;
/** Coordinators move, and a young cluster has none yet: only what lasts longer is told to those who poll. */
export const TROUBLE_QUIET_MS = 3_000;
/** Until a member that closes has said good-bye. */
export const LEAVE_TIMEOUT_MS = 800;
export const GROUP_ID_LENGTH_MAX = 200;

/** How often a reader that gets nothing is compared with the ends of its partitions. */
export const WATCH_INTERVAL_MS = 5_000;
/** Records there are and none come for this long: the reader is stuck. With the interval before it: within 30 s. */
export const STALL_MS_MAX = 20_000;
