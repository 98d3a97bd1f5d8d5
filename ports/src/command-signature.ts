/** Signatures of commands: hex HMAC-SHA256 with COMMAND_SECRET over the canonical JSON of the message without it. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Command } from '@kairos/schema';
import { signedTextOf } from '@kairos/schema';

const digestOf = (signedText: string, secret: string): Buffer =>
  createHmac('sha256', secret).update(signedText).digest();

/** The command with its signature; one that it carried before is replaced. */
export const signCommand = (command: Command, secret: string): Command => ({
  ...command,
  signature: digestOf(signedTextOf(command), secret).toString('hex'),
});

/** Whether a signature (hex, either case) was made over this text with this secret; takes the same time either way. */
export function isSignedBy(signedText: string, signature: string, secret: string): boolean {
  const expected = digestOf(signedText, secret);
  const found = Buffer.from(signature, 'hex');
  return found.length === expected.length && timingSafeEqual(found, expected);
}
