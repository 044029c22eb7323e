/**
 * The operations that a write and the drain of the outbox need from the cache. The database's room must not import the
 * cache's, so it declares this interface, and `app/tenant-scope.ts` hands in the implementation.
 */
import type { RedisKey } from '../redis/index.ts';

/** How a tag was settled. */
export interface Settled {
  /** The beginning of the tag's new version; `''` if it is unknown, or if several writers settled the tag. */
  version: string;
  writers: readonly string[];
}

/** The part of the cache that a write calls. The keys are those of the tags' versions, without duplicates. */
export interface Invalidator {
  /** Announces that `writer` is about to change data under these tags; resolves with the versions beneath the marks. */
  mark(versionKeys: readonly RedisKey[], writer: string): Promise<string[]>;
  /** Removes the marks of `writer`, which certainly changed nothing. */
  unmark(versionKeys: readonly RedisKey[], writer: string): Promise<void>;
  /**
   * Invalidates all entries that depend on the versions, and removes `writer`'s marks. A repeated call does no harm.
   * @param version the beginning of the new versions, never used before. Default: a new random text.
   */
  settle(versionKeys: readonly RedisKey[], writer: string, version?: string): Promise<void>;
  /**
   * Ends everything that depends on the versions by deleting them, which a full Redis allows. Marks of all writers go
   * too: between their marks and their own ends those writers are as safe as if Redis had evicted the version.
   */
  end(versionKeys: readonly RedisKey[]): Promise<void>;
  /** Whether no reader can be served anything that depends on the versions: each is gone, or has `writer`'s mark. */
  areEnded(versionKeys: readonly RedisKey[], writer: string): Promise<boolean>;
  /** Replaces each existing version that differs from the settled one; marks of other writers stay. One command. */
  endUnless(settled: ReadonlyMap<RedisKey, Settled>): Promise<void>;
}
