/** How everything is: live state to GraphQL. */
import type { SystemState } from '../../live/system-state.js';
import type { SystemStatusType } from './system.type.js';
import { VERSION } from './version.js';

const LAG_MAX = 2 ** 31 - 1;

export const toSystemStatus = (state: SystemState): SystemStatusType => ({
  feed: state.feed,
  feedName: state.feedName,
  feedSpeed: state.feedSpeed,
  feedLastSeenAt: state.feedLastSeenAt,
  feedEndedAt: state.feedEndedAt,
  serverTime: state.serverTime,
  worldTime: state.worldTime,
  healthy: state.isHealthy,
  components: state.components.map(({ name, isHealthy, detail, latencyMs, lag, lastSeen }) => ({
    name,
    healthy: isHealthy,
    detail,
    latencyMs,
    lag: lag === null ? null : Math.min(Math.round(lag), LAG_MAX),
    lastSeen,
  })),
  version: VERSION,
});
