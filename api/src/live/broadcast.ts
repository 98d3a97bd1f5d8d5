/** One source, many subscribers: each value is made once and given to a bounded channel per subscriber. */
import type { Channel, ChannelOptions } from './channel.js';
import { createChannel } from './channel.js';

export interface Subscription<T> {
  /** Which values concern the subscriber; left out: all. */
  readonly accepts?: (value: T) => boolean;
  /** Values to begin with. */
  readonly initial?: readonly T[];
  /** Called once, when the subscriber has left or been ended. */
  readonly onEnd?: () => void;
}

export interface Broadcast<T> {
  subscribe(subscription?: Subscription<T>): Channel<T>;
  push(value: T): void;
  /** Ends every subscriber after what it has queued. */
  finish(): void;
  readonly size: number;
}

export function createBroadcast<T>(
  channelOptions: Pick<ChannelOptions<T>, 'capacity' | 'keyOf' | 'overflow'>,
): Broadcast<T> {
  const subscribers = new Map<Channel<T>, (value: T) => boolean>();
  const everything = (): boolean => true;
  return {
    subscribe({ accepts = everything, initial = [], onEnd } = {}) {
      const channel = createChannel<T>({
        ...channelOptions,
        initial,
        onEnd: () => {
          subscribers.delete(channel);
          onEnd?.();
        },
      });
      subscribers.set(channel, accepts);
      return channel;
    },
    push(value) {
      for (const [channel, accepts] of subscribers) if (accepts(value)) channel.push(value);
    },
    finish() {
      for (const channel of [...subscribers.keys()]) channel.finish();
    },
    get size() {
      return subscribers.size;
    },
  };
}
