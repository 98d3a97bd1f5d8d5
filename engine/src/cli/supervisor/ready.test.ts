import { readReadyMessage } from '@kairos/ports';
import { describe, expect, it } from 'vitest';
import { readyText } from './ready.js';

const message = { kind: 'ready', url: 'http://localhost:4000', username: 'admin', hasDefaultPassword: true } as const;

describe('what is told when the page answers', () => {
  it('names address, user and default password, and that it must be changed', () => {
    const text = readyText(message);
    for (const part of ['http://localhost:4000', 'admin123', 'change it']) expect(text).toContain(part);
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
