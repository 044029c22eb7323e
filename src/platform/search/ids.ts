/** Finds the rows of a list that match a search, page by page: every row once, in the order of ids, without ranking. */
import type { SqlStore } from '../sql/index.ts';
import { nearWords } from './near-words.ts';
import { matchQuery, readSearch, scopeOf, type Wanted } from './words.ts';

/**
 * A further condition on the row of an entry, as SQL. `$1` is the tenant and `entry.id` the row; `bind` makes a
 * parameter of a value, which must not be in the text.
 */
export type Condition = (bind: (value: string) => string) => string;

/** A part of a list. */
export interface SearchedList {
  tenant: string;
  kind: string;
  /** The text that a person typed. */
  text: string;
  /** The values of labels that a row must have; an `undefined` value is no condition. */
  labels?: Readonly<Record<string, string | undefined>>;
  conditions?: readonly Condition[];
  order: 'asc' | 'desc';
  /** The id of the last row of the part before. */
  after?: string | undefined;
  limit: number;
}

type Store = Pick<SqlStore, 'query'>;

/**
 * Returns the ids of the rows of a part; none for a text without a letter and a digit. If the list has no row with the
 * words, rows match that have similar words in their place. 1 statement for a part with rows, otherwise at most 4.
 */
export async function searchedIds(store: Store, list: SearchedList): Promise<string[]> {
  const wanted = readSearch(list.text);
  const ids = await idsWith(store, list, wanted);
  if (ids.length > 0) return ids;
  // Every part of a list must have the same rows in view, so the first row decides, not the first row of this part.
  const first = { ...list, after: undefined, limit: 1 };
  if (list.after && (await idsWith(store, first, wanted)).length > 0) return [];
  const near = await nearWords(store, list.tenant, wanted);
  return near === null ? [] : idsWith(store, list, near);
}

async function idsWith(store: Store, list: SearchedList, wanted: readonly Wanted[]): Promise<string[]> {
  const { tenant, kind, labels = {}, conditions = [], order, after, limit } = list;
  const marks = Object.entries(labels).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
  const match = matchQuery(scopeOf(tenant, kind), wanted, marks, false);
  if (match === null) return [];
  const values = [tenant, kind, match];
  const bind = (value: string) => `$${values.push(value)}`;
  const beyond = after === undefined ? [] : [`id ${order === 'asc' ? '>' : '<'} ${bind(after)}`];
  const further = [...beyond, ...conditions.map((condition) => condition(bind))].map((sql) => ` AND ${sql}`).join('');
  const rows = await store.query<{ id: string }>(
    `SELECT id FROM search_entries AS entry WHERE tenant_id = $1 AND kind = $2 AND terms @@ $3::tsquery${further}
     ORDER BY id ${order} LIMIT ${limit}`,
    values,
  );
  return rows.map(({ id }) => id);
}

/** Returns whether a text has a word of two letters or more, or digits. Other texts are only the beginning of a name. */
export function hasLongWord(text: string): boolean {
  return readSearch(text).some(({ text, as, optional }) => !optional && (as !== 'word' || [...text].length > 1));
}
