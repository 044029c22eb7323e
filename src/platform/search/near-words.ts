/** Finds the words of a tenant that may have been meant by a word with a typing error. */
import type { SqlStore } from '../sql/index.ts';
import { distance, formsOf, LONGEST_NEAR, SHORTEST_NEAR } from './near.ts';
import type { Wanted } from './words.ts';

/** The largest number of words that are searched in place of a typed word. */
const MOST_NEAR = 20;

/** The maximum number of words with a common form that are compared. */
const MOST_COMPARED = 200;

/** Returns the parts with the words that may have been meant; `null` without such words. At most 1 statement. */
export async function nearWords(
  store: Pick<SqlStore, 'query'>,
  tenant: string,
  wanted: readonly Wanted[],
): Promise<Wanted[] | null> {
  const typed = wanted.filter(isCompared);
  if (typed.length === 0) return null;
  const sets = typed.map(
    (_word, at) => `(SELECT ${at} AS place, word FROM (SELECT DISTINCT word FROM search_words
      WHERE near && $${at + 2}::text[] AND tenant_id = $1) AS near LIMIT ${MOST_COMPARED})`,
  );
  const forms = typed.map(({ text }) => formsOf(text).map((form) => `${tenant}\u001F${form}`));
  const rows = await store.query<{ place: number; word: string }>(sets.join(' UNION ALL '), [tenant, ...forms]);
  const found = typed.map((part, at) => {
    const words = rows.filter(({ place }) => place === at).map(({ word }) => word);
    return { part, near: nearest(part.text, words) };
  });
  if (found.every(({ near }) => near.length === 0)) return null;
  return wanted.map((part) => {
    const near = found.find((one) => one.part === part)?.near ?? [];
    return near.length === 0 ? part : { ...part, near };
  });
}

function isCompared({ text, as, optional }: Wanted): boolean {
  const { length } = [...text];
  // A typed word of three letters may be a word of four letters, of which one is missing.
  return as === 'word' && !optional && length >= SHORTEST_NEAR - 1 && length <= LONGEST_NEAR && !/[0-9]/.test(text);
}

function nearest(typed: string, words: readonly string[]): string[] {
  return words
    .filter((word) => word !== typed)
    .map((word) => ({ word, errors: distance(typed, word) - (word[0] === typed[0] ? 0.5 : 0) }))
    .sort((a, b) => a.errors - b.errors || (a.word < b.word ? -1 : 1))
    .slice(0, MOST_NEAR)
    .map(({ word }) => word);
}
