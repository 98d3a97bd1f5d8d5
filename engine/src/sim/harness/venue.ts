/** A venue that refuses orders now and then, always the same ones: nobody but the order itself decides. */
import type { TradingRules } from '../../core/rules.js';
import type { VenueOrder } from '../audit/decide.js';
import { VENUE_REFUSAL } from '../audit/decide.js';
import type { Swarm } from '../swarm.js';

/** Times that one order is refused at the most. */
const REFUSALS_MAX = 3;

/** Whether an order is refused. */
export const venueOf =
  ({ seed, venueRate }: Swarm) =>
  ({ accountId, symbol, action, attempt, at }: VenueOrder): boolean =>
    venueRate > 0 &&
    attempt <= REFUSALS_MAX &&
    shareOf(`${seed} ${accountId} ${symbol} ${action} ${attempt} ${at}`) < venueRate;

/** What a swarm makes of the rules of the house. */
export function simulatedRules(rules: TradingRules, swarm: Swarm): TradingRules {
  const refuses = venueOf(swarm);
  const { stepEventsMax } = swarm;
  return {
    ...rules,
    ...(stepEventsMax === null ? {} : { stepEventsMax }),
    fillModel: { volumeShare: null, refusalOf: (order) => (refuses(order) ? VENUE_REFUSAL : null) },
  };
}

/** A text as a number from 0 to below 1 (FNV-1a). */
function shareOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash / 2 ** 32;
}
