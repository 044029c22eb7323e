/**
 * Keyset pagination, newest first. Ids sort by time of creation, so the last id of a page is the cursor to the next:
 * nothing is skipped or repeated while rows come and go, and no page costs more than the first.
 */
import type { QueryArgs } from '../platform/cache/index.ts';

/** A page of a list. */
export interface Page<Item> {
  items: Item[];
  /** The cursor of the next page; `null` at the end. */
  nextCursor: string | null;
}

/** Which page is asked for. */
export type PageArgs = QueryArgs & { limit: number; cursor?: string | undefined };

/** What to ask the database for: one row more than the page holds tells whether there is another page. */
export function pageWindow({ limit, cursor }: Pick<PageArgs, 'limit' | 'cursor'>) {
  return {
    take: limit + 1,
    orderBy: { id: 'desc' },
    beforeCursor: cursor === undefined ? {} : { id: { lt: cursor } },
  } as const;
}

/** Makes the page of the rows that came back. */
export function toPage<Row extends { id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  return { items: shown.map(toItem), nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
}

/**
 * A condition on a search column (kept in lower case by the database): it begins with what the caller typed. Prisma
 * makes a LIKE of it and leaves `%`, `_` and the backslash as they are, so they are escaped here.
 */
export function startsWith(typed: string): { startsWith: string } {
  return { startsWith: literally(typed.toLowerCase()) };
}

/** A condition on any text: it has in it what the caller typed, in any case. It finds no index: for short lists. */
export function contains(typed: string): { contains: string; mode: 'insensitive' } {
  return { contains: literally(typed), mode: 'insensitive' };
}

function literally(typed: string): string {
  return typed.replace(/[\\%_]/g, '\\$&');
}
