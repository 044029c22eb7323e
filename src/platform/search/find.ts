/** Finds the entries of a tenant in PostgreSQL. Each statement reads a bounded number of entries. */
import type { SqlStore } from '../sql/index.ts';
import { nearWords } from './near-words.ts';
import { scoreOf } from './score.ts';
import { matchQuery, rankQuery, scopeOf, type Wanted } from './words.ts';

/** A search. */
export interface Search {
  tenant: string;
  wanted: readonly Wanted[];
  kinds: readonly string[];
  /** The values of labels that an entry must have, by the name of the label. */
  labels: Readonly<Record<string, string>>;
  limit: number;
}

/** An entry of the index. */
export interface Entry {
  kind: string;
  id: string;
  title: string;
  detail: string | null;
}

/** The entries that were found, the best first. */
export interface FoundPage {
  hits: Entry[];
  /** True if more entries match. */
  more: boolean;
  /** The parts that were searched, with the words that may have been meant. */
  wanted: readonly Wanted[];
}

/** The entries of a kind that are ranked. If more entries match, the ones with whole words come first. */
const RANKED = 300;

/** The entries of all kinds that are compared with the text once more. */
const COMPARED = 60;

/** With fewer hits, words with typing errors are searched too. */
const FEW = 5;

/**
 * Finds the entries that match a search, the best first. 1 statement; 3 if there are few hits and a word may have a
 * typing error.
 */
export async function findEntries(store: Pick<SqlStore, 'query'>, search: Search): Promise<FoundPage> {
  const { limit, wanted, kinds } = search;
  if (kinds.length === 0) return { hits: [], more: false, wanted };
  const found = await ranked(store, search);
  if (found.length >= FEW) return { hits: found.slice(0, limit), more: found.length > limit, wanted };
  const near = await nearWords(store, search.tenant, wanted);
  if (near === null) return { hits: found.slice(0, limit), more: found.length > limit, wanted };
  const all = await ranked(store, { ...search, wanted: near });
  return { hits: all.slice(0, limit), more: all.length > limit, wanted: near };
}

/** Returns the ranked entries. The database function `search_ranked` reads a limited number of entries of each set. */
async function ranked(store: Pick<SqlStore, 'query'>, search: Search): Promise<Entry[]> {
  const { tenant, wanted, kinds, labels, limit } = search;
  const marks = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const sets = kinds.flatMap((kind) => {
    const scope = scopeOf(tenant, kind);
    const rank = rankQuery(scope, wanted);
    const queries = new Set([true, false].map((exact) => matchQuery(scope, wanted, marks, exact)));
    return [...queries].flatMap((match) => (match === null ? [] : [{ match, rank }]));
  });
  const rows = await store.query<Entry & { rank: number }>(
    `SELECT kind, id, title, detail, max(found.rank) AS rank
     FROM unnest($2::text[], $3::text[]) AS sought (match, rank),
       search_ranked(sought.match::tsquery, sought.rank::tsquery, ${RANKED}) AS found
     WHERE tenant_id = $1 GROUP BY kind, id, title, detail ORDER BY max(found.rank) DESC, id DESC LIMIT ${limit + COMPARED}`,
    [tenant, sets.map(({ match }) => match), sets.map(({ rank }) => rank)],
  );
  return rows
    .map(({ rank, ...entry }) => ({ entry, score: scoreOf(entry, wanted) + rank / 10 }))
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry);
}
