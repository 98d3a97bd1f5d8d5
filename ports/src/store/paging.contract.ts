/** Reading lists page by page in suites. */
import type { Page, PageRequest } from './read-models.js';

/** Every row of a list, read page by page. */
export async function allPages<T>(ask: (page: PageRequest) => Promise<Page<T>>, first: number): Promise<T[]> {
  const rows: T[] = [];
  for (let after: string | null = null; ;) {
    const page = await ask({ first, after });
    rows.push(...page.rows.map(({ row }) => row));
    if (!page.hasNext) return rows;
    after = page.rows.at(-1)!.cursor;
  }
}
