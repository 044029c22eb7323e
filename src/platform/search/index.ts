/** Full-text search over the rows of a product, in PostgreSQL. */

export { foldForSearch, wordsOf } from './characters.ts';
export { correctionsIn, type Hit, postgresSearch, type SearchEngine, toHit } from './engine.ts';
export { type Entry, type FoundPage, findEntries, type Search } from './find.ts';
export { forgetWords } from './forget-words.ts';
export { functionsSql } from './functions-sql.ts';
export { highlight, type Part, snippet } from './highlight.ts';
export { type Condition, hasLongWord, type SearchedList, searchedIds } from './ids.ts';
export { findableKinds, type SearchKind } from './kind.ts';
export { distance, formsOf } from './near.ts';
export { backfillSql, triggersSql } from './triggers-sql.ts';
export { LONGEST_SEARCH, readSearch, type Wanted } from './words.ts';
