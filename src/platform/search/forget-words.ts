/** Removes the words of rows that are gone. A word of a row that was removed must not stay for ever. */
import type { SqlStore, SqlValue } from '../sql/index.ts';

/** The words that a statement looks at. */
const PART = 500;

/** The place after which the next part begins: a word and, because a word may be kept several times, its number. */
interface Place {
  word: string;
  seq: string;
}

interface Part {
  gone: number;
  last: Place | null;
}

/**
 * Removes the words of a tenant that no entry has, and words that are kept twice. 1 statement for each 500 words. If a
 * row with a removed word is written at the same moment, a search for the exact word finds the row, but a search for
 * the word with a typing error does not, until another row with the word is written.
 * @returns the number of removed words.
 */
export async function forgetWords(
  store: Pick<SqlStore, 'query'>,
  { tenant, kinds, signal }: { tenant: string; kinds: readonly string[]; signal?: AbortSignal },
): Promise<number> {
  let forgotten = 0;
  let after: Place | null = { word: '', seq: '0' };
  while (after !== null) {
    signal?.throwIfAborted();
    const values: readonly SqlValue[] = [tenant, kinds, after.word, after.seq];
    const [row]: Part[] = await store.query<Part>(STATEMENT, values);
    forgotten += row?.gone ?? 0;
    after = row?.last ?? null;
  }
  return forgotten;
}

const STATEMENT = `
  WITH part AS MATERIALIZED (
    SELECT word, seq FROM search_words WHERE tenant_id = $1 AND (word, seq) > ($3, $4::bigint) ORDER BY word, seq LIMIT ${PART}
  ), unused AS MATERIALIZED (
    SELECT word, seq FROM part WHERE NOT EXISTS (
      SELECT FROM search_entries WHERE terms @@ (
        SELECT string_agg('''' || $1 || chr(31) || kind || chr(31) || word || '''', ' | ') FROM unnest($2::text[]) AS kind
      )::tsquery
    ) OR EXISTS (
      SELECT FROM search_words AS other WHERE other.tenant_id = $1 AND other.word = part.word AND other.seq < part.seq
    )
  ), gone AS (
    DELETE FROM search_words USING unused
    WHERE tenant_id = $1 AND search_words.word = unused.word AND search_words.seq = unused.seq RETURNING 1
  )
  SELECT (SELECT count(*)::int FROM gone) AS gone,
    (SELECT jsonb_build_object('word', word, 'seq', seq::text) FROM part ORDER BY word DESC, seq DESC LIMIT 1) AS last`;
