/** Cached queries: no answer is older than an acknowledged write, and reads also work without Redis. */
export { type BloomSettings, bloom, type Guard, type Member } from './bloom.ts';
export type { Cache, CacheOptions, WarmResult } from './cache.ts';
export { createCache } from './create-cache.ts';
export { LUA_CURRENT_ENTRY } from './entry.ts';
export { beginEra, ERA } from './era.ts';
export { CacheBusyError, SharedLoadError } from './errors.ts';
export type { Inspection } from './inspect.ts';
export { createInvalidator } from './invalidator.ts';
export type { ErrorSummary } from './load-end.ts';
export { type Changed, createMemory, type Memory } from './memory.ts';
export { type Query, query, TTL } from './query.ts';
export type { Flush, LoadContext, QueryArgs, QueryDefinition } from './query-definition.ts';
export { needsRebuild, type Rebuilt, rebuildGuard } from './rebuild-guard.ts';
export type { CacheOutcome } from './services.ts';
export type { StandardSchema } from './standard-schema.ts';
export {
  type CacheCounters,
  type CacheStatistics,
  createCacheStatistics,
  hitRatio,
  readSharedStatistics,
} from './statistics.ts';
export type { Store } from './store.ts';
export { TRACED_ONE_OF } from './traces.ts';
export { type Trimmed, trimEntries } from './trim.ts';
export { isChanging, READ_VALUE, VERSION_TTL_MS } from './versions.ts';
export { type FlushResult, flushWrites, type JournalBacklog, readJournalBacklog } from './write-behind.ts';
export type { Commit } from './write-through.ts';
