import type { Command, Instant } from '@kairos/schema';
import { decodeCommand, encodeCommand } from '@kairos/schema';
import { describe, expect, it } from 'vitest';
import { isSignedBy, signCommand } from './command-signature.js';

const SECRET = 'correct horse battery staple, and so on';
const command: Command = {
  id: 'c1',
  action: 'RESUME_BOT',
  accountId: 'acc-1',
  tradeId: null,
  settings: null,
  account: null,
  issuedBy: 'admin',
  reason: null,
  time: 1_700_000_000_000 as Instant,
  signature: null,
};
const received = (sent: Command) => {
  const meta = { topic: 'crypto.commands', partition: 0, offset: 0, timestamp: 1_700_000_000_000 as Instant };
  const decoded = decodeCommand(encodeCommand(sent), meta);
  if (!decoded.ok) throw new Error(decoded.error.reason);
  return decoded.value;
};

describe('a signed command', () => {
  it('is recognised after its way over the bus', () => {
    const { command: taken, signedText } = received(signCommand(command, SECRET));
    expect(isSignedBy(signedText, taken.signature ?? '', SECRET)).toBe(true);
  });

  it.each([
    ['another secret', signCommand(command, `${SECRET}!`)],
    ['another account', { ...signCommand(command, SECRET), accountId: 'acc-2' }],
    ['a cut signature', { ...signCommand(command, SECRET), signature: 'ab' }],
    ['text that is no hex', { ...signCommand(command, SECRET), signature: 'z'.repeat(64) }],
  ])('is refused with %s', (_what, sent) => {
    const { command: taken, signedText } = received(sent);
    expect(isSignedBy(signedText, taken.signature ?? '', SECRET)).toBe(false);
  });
});
