/**
 * The operations that a write and the drain of the outbox need from the cache. The database's room must not import the
 * cache's, so it declares this interface, and `app/tenant-scope.ts` hands in the implementation.
 */
import type { RedisKey } from '../redis/index.ts';

/** How a tag was settled. */
export interface Settled {
  /** Its version since then begins with this; `''` if that is not known, or if several writers settled it. */
  version: string;
  writers: readonly string[];
}

/** The part of the cache that a write talks to. Keys are those of the tags' versions, distinct. */
export interface Invalidator {
  /** Announces that `writer` is about to change data under these tags; resolves with the versions beneath the marks. */
  mark(versionKeys: readonly RedisKey[], writer: string): Promise<string[]>;
  /** Takes `writer`'s marks away: it certainly changed nothing. */
  unmark(versionKeys: readonly RedisKey[], writer: string): Promise<void>;
  /**
   * Ends everything that depends on the versions, and `writer`'s marks. Harmless when repeated.
   * @param version what to begin the new versions with; one that was not used before. Default: a new one.
   */
  settle(versionKeys: readonly RedisKey[], writer: string, version?: string): Promise<void>;
  /**
   * Ends everything that depends on the versions by deleting them, which a full Redis allows. Marks of all writers go
   * too: between their marks and their own ends those writers are as safe as if Redis had evicted the version.
   */
  end(versionKeys: readonly RedisKey[]): Promise<void>;
  /** Whether no reader can be served anything that depends on the versions: each is gone, or has `writer`'s mark. */
  areEnded(versionKeys: readonly RedisKey[], writer: string): Promise<boolean>;
  /** Ends each version that is there and is not as it was settled; marks of other writers stay. One command. */
  endUnless(settled: ReadonlyMap<RedisKey, Settled>): Promise<void>;
}
