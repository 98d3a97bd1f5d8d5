/** How the parts of the system are, as four lights. Before the first answer nothing is green. */
import type { SystemStatus } from '../api/fragments.js';
import type { PnlState } from './pnl.js';
import { priceAgeMs, STALE_AFTER_MS } from './pnl.js';

export interface SystemState {
  readonly frame: SystemStatus | null;
  readonly receivedAt: number;
}

export const noSystem: SystemState = { frame: null, receivedAt: 0 };

/** The state after a frame; the same state when the frame is older than what is shown. */
export function reduceSystem(state: SystemState, frame: SystemStatus, receivedAt: number): SystemState {
  const isOlder = state.frame !== null && Date.parse(frame.serverTime) < Date.parse(state.frame.serverTime);
  return isOlder && receivedAt - state.receivedAt < STALE_AFTER_MS ? state : { frame, receivedAt };
}

export type LightState = 'unknown' | 'good' | 'warn' | 'bad';
export type LightName = 'engine' | 'prices' | 'bus' | 'store';

export interface Light {
  readonly name: LightName;
  readonly state: LightState;
  /** One or two words beside the name, such as an age; empty when all is well. */
  readonly note: string;
  /** What is known, for those who ask. */
  readonly detail: string;
  readonly ageMs: number | null;
}

export interface LightInput {
  readonly system: SystemState;
  readonly pnl: PnlState;
  /** The page's monotonic milliseconds. */
  readonly now: number;
  readonly isConnected: boolean;
}

const PARTS: Record<Exclude<LightName, 'prices'>, readonly string[]> = {
  engine: ['trader', 'predictor'],
  bus: ['bus'],
  store: ['store'],
};

/** The lights of the header, in their order. */
export const lightsOf = (input: LightInput): Light[] => [
  partLight('engine', input),
  pricesLight(input),
  partLight('bus', input),
  partLight('store', input),
];

function partLight(name: Exclude<LightName, 'prices'>, input: LightInput): Light {
  const { frame } = input.system;
  const parts = frame?.components.filter((component) => PARTS[name].includes(component.name)) ?? [];
  if (!frame || parts.length === 0) return { name, state: 'unknown', note: '', detail: 'Not known yet', ageMs: null };
  const detail = parts.map((part) => `${part.name}: ${part.detail}`).join('\n');
  if (isSilent(input)) return silent(name, input, detail);
  const seen = parts.flatMap((part) =>
    part.lastSeen ? [Date.parse(frame.serverTime) - Date.parse(part.lastSeen)] : [],
  );
  const ageMs = seen.length > 0 ? Math.max(0, ...seen) + input.now - input.system.receivedAt : null;
  if (parts.every((part) => part.healthy)) return { name, state: 'good', note: '', detail, ageMs };
  const isAlive = name === 'engine' && parts.some((part) => part.name === 'trader' && part.healthy);
  return { name, state: isAlive ? 'warn' : 'bad', note: isAlive ? 'no signals' : 'down', detail, ageMs };
}

function pricesLight(input: LightInput): Light {
  const name = 'prices';
  const ageMs = priceAgeMs(input.pnl, input.now);
  const { frame } = input.system;
  const feed = frame?.components.find((component) => component.name === 'feed');
  const detail = feed ? `feed: ${feed.detail}` : 'Not known yet';
  if (isSilent(input)) return silent(name, input, detail);
  if (frame?.feedEndedAt) return { name, state: 'warn', note: 'ended', detail: 'The replay has run out.', ageMs };
  if (feed && !feed.healthy) return { name, state: 'bad', note: 'down', detail, ageMs };
  if (ageMs === null) return { name, state: 'unknown', note: '', detail: 'No price yet', ageMs };
  return { name, state: ageMs > STALE_AFTER_MS ? 'warn' : 'good', note: '', detail, ageMs };
}

/** Nothing can be said now: disconnected, or the API has not spoken for longer than it ever should. */
const isSilent = ({ system, now, isConnected }: LightInput): boolean =>
  !isConnected || system.frame === null || now - system.receivedAt > STALE_AFTER_MS;

function silent(name: LightName, input: LightInput, detail: string): Light {
  const ageMs = input.system.frame ? input.now - input.system.receivedAt : null;
  return { name, state: 'unknown', note: '', detail: `Last known: ${detail}`, ageMs };
}

export interface Alarm {
  readonly title: string;
  readonly detail: string;
}

/** What the page must say when the trading engine does not answer; null while it does, or before anything is known. */
export function engineAlarm(system: SystemStatus | null): Alarm | null {
  const trader = system?.components.find((component) => component.name === 'trader');
  if (trader && !trader.healthy) {
    return {
      title: 'The engine is not answering',
      detail: `Nothing is bought or sold until it is back; a command is kept and obeyed then. ${trader.detail}`,
    };
  }
  return null;
}
