/** From what was read to an input of the core: messages that are not valid never reach it. */
import type { BusRecord } from '@kairos/ports';
import { isSignedBy } from '@kairos/ports';
import type { Decoded, Instant, ReceivedCommand } from '@kairos/schema';
import type { Input, InputOf } from '../core/input.js';
import type { Taken } from './intake.js';

/** An input, or why the message goes to the dead letter. */
export type Judged = { readonly input: Input } | { readonly reason: string; readonly record: BusRecord };

/** @param secret COMMAND_SECRET; null = commands need no signature. */
export function judge(taken: Taken, wall: Instant, secret: string | null): Judged {
  if (taken.choice === 'command') {
    return judged(taken.item, (received) => commandInput(received, wall, secret));
  }
  if (taken.choice === 'price') {
    return judged(taken.item, (message) =>
      message.kind === 'ended'
        ? { kind: 'ended', at: message.at, wall }
        : { kind: 'price', candle: message.candle, wall },
    );
  }
  return judged(taken.item, (signal) => ({ kind: 'signal', signal, wall }));
}

/** A command as an input: whether its signature is right is settled here, as keys stay out of the core. */
function commandInput(received: ReceivedCommand, wall: Instant, secret: string | null): InputOf<'command'> {
  const { command, signedText } = received;
  const isSigned = secret !== null && command.signature !== null && isSignedBy(signedText, command.signature, secret);
  return { kind: 'command', command, isSigned, wall };
}

function judged<T>(
  { record, decoded }: { readonly record: BusRecord; readonly decoded: Decoded<T> },
  toInput: (value: T) => Input,
): Judged {
  return decoded.ok ? { input: toInput(decoded.value) } : { reason: decoded.error.reason, record };
}
