/** An account's facts of one kind as a stream for a subscription. */
import type { TradingEvent } from '@kairos/schema';
import type { ApiContext } from '../context.js';
import { BadInputError } from '../graphql/errors.js';
import type { Stream } from '../live/channel.js';
import { readableAccount } from './account/account.access.js';
import type { Optional } from './arguments.js';

export interface FactArguments {
  readonly accountId: Optional<string>;
  readonly afterSeq: Optional<number>;
}

/** The events that `concerns` picks, in order of seq. @throws NotFoundError, BadInputError, ConflictError */
export async function factsOf(
  context: ApiContext,
  { accountId, afterSeq }: FactArguments,
  concerns: (event: TradingEvent) => boolean,
): Promise<Stream<TradingEvent>> {
  if (typeof afterSeq === 'number' && afterSeq < 0) {
    throw new BadInputError(`afterSeq: expected a seq of 0 or more, found ${afterSeq}.`);
  }
  const { account } = await readableAccount(context, accountId);
  return only(await context.deps.live.facts(account.id, afterSeq ?? null), concerns);
}

function only<T>(stream: Stream<T>, concerns: (value: T) => boolean): Stream<T> {
  return {
    async next() {
      let result = await stream.next();
      while (!result.done && !concerns(result.value)) result = await stream.next();
      return result;
    },
    return: async () => (await stream.return?.()) ?? { done: true, value: undefined },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
