/** The index of the search. It is made with the site, and the browser loads it with the first word. */
import MiniSearch, { type Options } from 'minisearch';

/** A section of a page, as the search finds it. */
export interface Found {
  id: number;
  title: string;
  heading: string;
  address: string;
  text: string;
}

/** The same in the build and in the browser. */
export const SEARCH_OPTIONS: Options<Found> = {
  fields: ['title', 'heading', 'text'],
  storeFields: ['title', 'heading', 'address'],
  searchOptions: {
    boost: { heading: 4, title: 3 },
    prefix: true,
    fuzzy: (word) => (word.length > 4 ? 0.2 : false),
    combineWith: 'AND',
    // The reference names almost every word; a page that explains the word comes first.
    boostDocument: (_id, _term, stored) =>
      /^(?:reference\/|changelog|benchmarks)/.test(String(stored?.['address'])) ? 0.4 : 1,
  },
};

/** Returns the script that hands the index to the page: a script, because a page from a file may not fetch other files. */
export function searchScript(sections: readonly Found[]): string {
  const index = new MiniSearch(SEARCH_OPTIONS);
  index.addAll(sections);
  return `globalThis.holdfastSearch=${JSON.stringify(JSON.stringify(index))};\n`;
}
