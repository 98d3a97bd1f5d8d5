import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/errors.js';
import { FakePainter, settled } from '../testing/timing.js';
import { createInbox } from './newest.js';
import type { Page } from './pages.svelte.js';
import { Pages } from './pages.svelte.js';

describe('frames held back until the next paint', () => {
  it('come in order, and of too many the newest', () => {
    const painter = new FakePainter();
    const taken: (readonly number[])[] = [];
    const inbox = createInbox<number>(painter, 3, (frames) => taken.push(frames));
    for (let frame = 0; frame < 1_000; frame += 1) inbox.push(frame);
    painter.paint();
    painter.paint();
    inbox.push(1_000);
    painter.paint();
    expect(taken).toEqual([[997, 998, 999], [1_000]]);
  });

  it('are dropped once stopped', () => {
    const painter = new FakePainter();
    const taken: unknown[] = [];
    const inbox = createInbox<number>(painter, 3, (frames) => taken.push(frames));
    inbox.push(1);
    inbox.stop();
    painter.paint();
    expect(taken).toEqual([]);
  });
});

describe('pages', () => {
  const rows = Array.from({ length: 7 }, (_, i) => `r${i}`);
  const answer = (after: string | null): Page<string> => {
    const from = after === null ? 0 : rows.indexOf(after) + 1;
    const shown = rows.slice(from, from + 3);
    return { rows: shown, endCursor: shown.at(-1) ?? null, hasNextPage: from + 3 < rows.length, totalCount: 7 };
  };

  it('go forth and back by cursors', async () => {
    const pages = new Pages<string, string>((_, after) => Promise.resolve(answer(after)), 'all');
    await pages.reload();
    await pages.next();
    await pages.next();
    expect([pages.rows, pages.number, pages.hasNext]).toEqual([['r6'], 3, false]);
    await pages.next();
    expect(pages.number).toBe(3);
    await pages.previous();
    expect(pages.rows).toEqual(['r3', 'r4', 'r5']);
  });

  it('another filter begins at the first page', async () => {
    const asked: [string, string | null][] = [];
    const pages = new Pages<string, string>((filter, after) => {
      asked.push([filter, after]);
      return Promise.resolve(answer(after));
    }, 'all');
    await pages.reload();
    await pages.next();
    await pages.show('won');
    expect(asked.at(-1)).toEqual(['won', null]);
    expect(pages.hasPrevious).toBe(false);
  });

  it('a late answer to an old filter is dropped', async () => {
    const answers: ((page: Page<string>) => void)[] = [];
    const pages = new Pages<string, string>(() => new Promise((resolve) => answers.push(resolve)), 'all');
    void pages.show('slow');
    void pages.show('quick');
    answers[1]?.({ ...answer(null), rows: ['quick'] });
    answers[0]?.({ ...answer(null), rows: ['slow'] });
    await settled();
    expect(pages.rows).toEqual(['quick']);
    expect(pages.isLoading).toBe(false);
  });

  it('a failure says so and keeps what is shown', async () => {
    let isDown = false;
    const pages = new Pages<string, string>((_, after) => {
      if (isDown) return Promise.reject(new ApiError('UNAVAILABLE', 'The store does not answer.'));
      return Promise.resolve(answer(after));
    }, 'all');
    await pages.reload();
    isDown = true;
    await pages.next();
    expect([pages.problem, pages.number, pages.rows.length]).toEqual(['The store does not answer.', 1, 3]);
  });
});
