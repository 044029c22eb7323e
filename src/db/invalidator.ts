/**
 * What a write and the drain of the outbox ask of the cache. The database's room is below the cache's, so it says here
 * what it needs, and `platform.ts` hands it in.
 */
import type { RedisKey } from '../redis/index.ts';

/** The part of the cache that a write talks to. Keys are those of the tags' versions, distinct. */
export interface Invalidator {
  /** Announces that `writer` is about to change what the versions stand for; resolves with the versions beneath. */
  mark(versionKeys: readonly RedisKey[], writer: string): Promise<string[]>;
  /** Takes `writer`'s marks away: it certainly changed nothing. */
  unmark(versionKeys: readonly RedisKey[], writer: string): Promise<void>;
  /** Ends everything that depends on the versions, and `writer`'s marks. Harmless when repeated. */
  settle(versionKeys: readonly RedisKey[], writer: string): Promise<void>;
}
