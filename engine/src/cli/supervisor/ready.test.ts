import { readReadyMessage } from '@kairos/ports';
import { describe, expect, it } from 'vitest';
import { readyLine, readyText } from './ready.js';

const message = { kind: 'ready', url: 'http://localhost:4000', username: 'admin', hasDefaultPassword: true } as const;

describe('what is told when the page answers', () => {
  it('names address, user and default password, and that it must be changed', () => {
    const text = readyText(message);
    for (const part of ['http://localhost:4000', 'admin123', 'change it']) expect(text).toContain(part);
  });

  it('is one line in a log', () => {
    expect(readyLine(message)).toBe(
      'Kairos is ready: http://localhost:4000 Log in as admin with the password admin123.',
    );
  });

  it('names no password once it was changed', () => {
    const text = readyText({ ...message, hasDefaultPassword: false });
    expect(text).toContain('admin');
    expect(text).not.toMatch(/password|admin123/);
  });
});

it.each([null, 'ready', {}, { kind: 'ready' }, { kind: 'other', url: 'x', username: 'y' }, { ...message, url: 5 }])(
  '%j is no such message',
  (input) => {
    expect(readReadyMessage(input)).toBeNull();
  },
);
