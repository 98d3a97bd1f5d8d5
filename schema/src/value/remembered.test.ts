import { describe, expect, it } from 'vitest';
import { remembered } from './remembered.js';

describe('what is remembered', () => {
  it('is worked out once per object, nothing and undefined too', () => {
    const asked: object[] = [];
    const answers = [undefined, 'second'];
    const answer = remembered((key: object) => {
      asked.push(key);
      return answers[asked.length - 1];
    });
    const [first, second] = [{}, {}];
    expect([answer(first), answer(first), answer(second), answer(second)]).toEqual([
      undefined,
      undefined,
      'second',
      'second',
    ]);
    expect(asked).toEqual([first, second]);
  });
});
