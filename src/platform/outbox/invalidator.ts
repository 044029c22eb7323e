/**
 * The operations that a write and the drain of the outbox need from the cache. The outbox must not import the cache,
 * so this file declares the interface, and `app/tenant-scope.ts` provides the implementation.
 */
import type { RedisKey } from '../redis/index.ts';

/** The version of a settled tag, and the writers that settled it. */
export interface Settled {
  /** The beginning of the tag's new version; `''` if the version is unknown, or if several writers settled the tag. */
  version: string;
  writers: readonly string[];
}

/** The part of the cache that a write calls. The keys are the version keys of tags, without duplicates. */
export interface Invalidator {
  /**
   * Marks the tags, because `writer` is about to change their data. Returns the versions of the tags, without marks.
   */
  mark(versionKeys: readonly RedisKey[], writer: string): Promise<string[]>;
  /** Removes the marks of `writer`, which certainly changed nothing. */
  unmark(versionKeys: readonly RedisKey[], writer: string): Promise<void>;
  /**
   * Invalidates all entries that depend on the versions, and removes `writer`'s marks. A repeated call does no harm.
   * @param version the beginning of the new versions, never used before. Default: a new random text.
   */
  settle(versionKeys: readonly RedisKey[], writer: string, version?: string): Promise<void>;
  /**
   * Invalidates all entries that depend on the versions, by deleting the versions. Even a full Redis allows the
   * deletion. The marks of all writers are deleted too, which is as safe for other writers as an eviction of the
   * version.
   */
  end(versionKeys: readonly RedisKey[]): Promise<void>;
  /**
   * Returns whether no entry of these versions can be served. This is so if each version is missing or has `writer`'s
   * mark.
   */
  areEnded(versionKeys: readonly RedisKey[], writer: string): Promise<boolean>;
  /**
   * Replaces each existing version that differs from the version of the settled write. Marks of other writers stay. One
   * command.
   */
  endUnless(settled: ReadonlyMap<RedisKey, Settled>): Promise<void>;
}
