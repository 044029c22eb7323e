/**
 * The engine of a search. PostgreSQL is the one that is built in: it finds a row as soon as its write is acknowledged, and
 * runs in the embedded database too. Another engine, such as a search service, implements the same interface; its index
 * is then kept by a consumer of the events of rows, and finds a row some time after its write.
 */
import type { SqlStore } from '../sql/index.ts';
import { wordsOf } from './characters.ts';
import { type Entry, type FoundPage, findEntries, type Search } from './find.ts';
import { highlight, type Part, snippet } from './highlight.ts';

/** A search engine. It must return entries of the tenant and of the kinds of the search only. */
export interface SearchEngine {
  search(search: Search): Promise<FoundPage>;
}

/** A hit as answers show it. */
export interface Hit {
  kind: string;
  id: string;
  title: string;
  /** The title in parts, of which the matching ones are marked. */
  titleParts: Part[];
  /** The part of the other texts with the first match, in parts; empty without other texts. */
  detailParts: Part[];
}

/** The length of a snippet, in characters. */
const SNIPPET = 160;

/** Returns the engine on PostgreSQL. */
export function postgresSearch(store: Pick<SqlStore, 'query'>): SearchEngine {
  return { search: (search) => findEntries(store, search) };
}

/** Returns an entry with the matches of a search marked. */
export function toHit({ kind, id, title, detail }: Entry, wanted: FoundPage['wanted']): Hit {
  return {
    kind,
    id,
    title,
    titleParts: highlight(title, wanted),
    detailParts: detail === null ? [] : snippet(detail, wanted, SNIPPET),
  };
}

/**
 * Returns each word with a typing error, with the words of the hits that it may mean. Other similar words are left out,
 * because their rows may be gone, or the caller may not be allowed to read them.
 */
export function correctionsIn(hits: readonly Entry[], wanted: FoundPage['wanted']): { from: string; to: string[] }[] {
  const shown = new Set(hits.flatMap(({ title, detail }) => wordsOf(`${title} ${detail ?? ''}`)));
  return wanted.flatMap(({ text, near = [] }) => {
    const to = near.filter((word) => shown.has(word));
    return to.length > 0 ? [{ from: text, to }] : [];
  });
}
