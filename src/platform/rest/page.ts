/**
 * Keyset pagination, newest first. Ids sort by time of creation, and the last id of a page is the cursor of the next
 * page. So no row is skipped or repeated while rows are added and deleted, and a later page costs no more than the
 * first page.
 */
import type { QueryArgs } from '../cache/index.ts';
import { addressPrefix, fold } from '../text/index.ts';

/** A page of a list. */
export interface Page<Item> {
  items: Item[];
  /** The cursor of the next page; `null` at the end. */
  nextCursor: string | null;
}

/** The page that the caller requests. */
export type PageArgs = QueryArgs & { limit: number; cursor?: string | undefined };

/**
 * Returns the parameters of the database query. The query reads one row more than the page has, to find out whether a
 * next page exists.
 */
export function pageWindow({ limit, cursor }: Pick<PageArgs, 'limit' | 'cursor'>) {
  return {
    take: limit + 1,
    orderBy: { id: 'desc' },
    beforeCursor: cursor === undefined ? {} : { id: { lt: cursor } },
  } as const;
}

/**
 * Makes a page from the rows of the query. If a search found the ids of the rows in a statement before, `where` has them:
 * a row that was deleted in between is then left out, and is not the end of the list.
 */
export function toPage<Row extends { id: string }, Item>(
  rows: readonly Row[],
  limit: number,
  toItem: (row: Row) => Item,
  where?: { tenantId: string; id?: { in?: readonly string[]; lt?: string } },
): Page<Item> {
  const found = where?.id?.in ?? rows.map(({ id }) => id);
  const ids = found.slice(0, limit);
  const items = rows.filter(({ id }) => ids.includes(id)).map(toItem);
  return { items, nextCursor: found.length > limit ? (ids.at(-1) ?? null) : null };
}

/**
 * Returns a condition on a search column, such as `search_name`, which the database keeps in the form of {@link fold}:
 * the column begins with the typed text. Prisma turns the condition into a LIKE without escaping `%`, `_` and the
 * backslash, so this file escapes them.
 */
export function startsWith(typed: string): { startsWith: string } {
  return { startsWith: literally(fold(typed)) };
}

/** Returns a condition on a column of e-mail addresses in their normal form: the column begins with the typed text. */
export function addressStartsWith(typed: string): { startsWith: string } {
  return { startsWith: literally(addressPrefix(typed)) };
}

/**
 * Returns a condition on a text column: the column contains the typed text, in any case. The condition uses no index,
 * so it is only for short lists.
 */
export function contains(typed: string): { contains: string; mode: 'insensitive' } {
  return { contains: literally(typed), mode: 'insensitive' };
}

function literally(typed: string): string {
  return typed.replace(/[\\%_]/g, '\\$&');
}
