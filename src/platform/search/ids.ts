/** Finds the rows of a list that match a search, page by page: every row once, in the order of ids, without ranking. */
import type { SqlStore } from '../sql/index.ts';
import { matchQuery, readSearch, scopeOf } from './words.ts';

/** A part of a list. */
export interface SearchedList {
  tenant: string;
  kind: string;
  /** The text that a person typed. */
  text: string;
  /** The values of labels that a row must have; an `undefined` value is no condition. */
  labels?: Readonly<Record<string, string | undefined>>;
  order: 'asc' | 'desc';
  /** The id of the last row of the part before. */
  after?: string | undefined;
  limit: number;
}

/**
 * Returns the ids of the rows of a part; `null` if the text has no word of two letters or more, which is for a search
 * by the beginning of a name. 1 statement.
 */
export async function searchedIds(store: Pick<SqlStore, 'query'>, list: SearchedList): Promise<string[] | null> {
  const { tenant, kind, text, labels = {}, order, after, limit } = list;
  const wanted = readSearch(text);
  if (!wanted.some(isLong)) return null;
  const marks = Object.entries(labels).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const match = matchQuery(scopeOf(tenant, kind), wanted, marks, false);
  const beyond = after === undefined ? '' : `AND id ${order === 'asc' ? '>' : '<'} $4`;
  const rows = await store.query<{ id: string }>(
    `SELECT id FROM search_entries WHERE tenant_id = $1 AND kind = $2 AND terms @@ $3::tsquery ${beyond}
     ORDER BY id ${order} LIMIT ${limit}`,
    [tenant, kind, match, ...(after === undefined ? [] : [after])],
  );
  return rows.map(({ id }) => id);
}

function isLong({ text, as, optional }: ReturnType<typeof readSearch>[number]): boolean {
  return !optional && (as !== 'word' || [...text].length > 1);
}
