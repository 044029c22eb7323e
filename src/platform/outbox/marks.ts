/**
 * The two messages of a write to Redis: marks before COMMIT (the tags are changing), and new versions after COMMIT (the
 * tags have changed). Redis may lose or refuse each message, and the two faults differ.
 *
 * *Lost*: Redis does not answer. Then Redis does not answer reads either, so no old value is served from Redis. The
 * option `whenDown` decides whether the write is made.
 *
 * *Refused*: Redis answers with an error, because Redis is full or read-only, or a permission is missing. Redis still
 * answers reads, so values cached before the write would be served until the fault ends. Therefore the write deletes
 * the versions, which a full Redis allows. The first deletion comes before COMMIT and shows that Redis allows
 * deletions. If Redis refuses it too, the write is not made. A second deletion comes after COMMIT, because a reader may
 * meanwhile have stored the old value under a new version.
 */
import type { Log } from '../log.ts';
import { isRefusal, type RedisKey } from '../redis/index.ts';
import type { Invalidator } from './invalidator.ts';

/** Thrown if the write was not made, because Redis did not accept its marks. Nothing has changed. */
export class CommitRefusedError extends Error {
  override readonly name = 'CommitRefusedError';
  readonly code = 'COMMIT_REFUSED';
}

/**
 * Thrown if the write was made, but Redis refuses to invalidate older entries. Old values may be served until the
 * drain.
 */
export class CommitUnsettledError extends Error {
  override readonly name = 'CommitUnsettledError';
  readonly code = 'COMMIT_UNSETTLED';
  constructor(cause: unknown) {
    super('The write was made, but Redis refuses to end what was cached before it', { cause });
  }
}

/** The services that marks need from a write. */
export interface MarkServices {
  invalidator: Invalidator;
  log: Log;
  after(work: Promise<unknown>): void;
  whenDown: 'available' | 'strict';
}

/** The marks of one write. */
export interface Marks {
  /** The versions of the marked tags without the marks, by key. */
  readonly beneath: ReadonlyMap<RedisKey, string>;
  /**
   * Marks the tags that have no mark yet. 1 Redis request; 2 if Redis refuses the marks.
   * @returns whether all tags are marked now.
   * @throws {CommitRefusedError} if Redis refuses both the marks and the deletion, or if the marks are lost and
   * writes are strict.
   */
  mark(keys: readonly RedisKey[]): Promise<boolean>;
  /**
   * Removes the marks in the background, also marks whose answer was lost. Call this only if the write was certainly
   * not made.
   */
  takeAway(): void;
  /**
   * Invalidates, after COMMIT, all entries from before COMMIT. 1 Redis request; up to 3 more commands if Redis refuses.
   * @param settle gives the tags their new versions.
   * @returns whether the tags are settled. If not, the drain settles them from the outbox.
   * @throws {CommitUnsettledError} if an old value may be served and Redis refuses to invalidate it.
   */
  settle(keys: readonly RedisKey[], settle: () => Promise<void>): Promise<boolean>;
}

/** Creates the marks of a writer, without I/O. */
export function createMarks(services: MarkServices, writer: string): Marks {
  const { invalidator, log, after, whenDown } = services;
  const beneath = new Map<RedisKey, string>();
  const asked = new Set<RedisKey>();
  /** The keys that were deleted instead of marked, and not marked later. */
  const deleted = new Set<RedisKey>();
  let lost = false;

  async function mark(keys: readonly RedisKey[]): Promise<boolean> {
    const unmarked = keys.filter((key) => !beneath.has(key));
    if (unmarked.length === 0) return true;
    for (const key of unmarked) asked.add(key);
    try {
      const versions = await invalidator.mark(unmarked, writer);
      for (const [index, key] of unmarked.entries()) {
        beneath.set(key, versions[index] ?? '');
        deleted.delete(key);
      }
      return true;
    } catch (error) {
      log.warn('commit.mark_failed', { tags: unmarked.length, refused: isRefusal(error), error });
      if (isRefusal(error)) await deleteBefore(unmarked);
      else notTold();
      return false;
    }
  }

  async function deleteBefore(keys: readonly RedisKey[]): Promise<void> {
    for (const key of keys) deleted.add(key);
    try {
      await invalidator.end(keys);
    } catch (error) {
      log.warn('commit.delete_failed', { tags: keys.length, refused: isRefusal(error), error });
      if (isRefusal(error)) throw new CommitRefusedError('Redis refuses to end what is cached', { cause: error });
      notTold();
    }
  }

  function notTold(): void {
    lost = true;
    if (whenDown === 'strict')
      throw new CommitRefusedError('Redis did not take the marks of the write, and writes are strict');
  }

  function takeAway(): void {
    if (asked.size > 0) after(invalidator.unmark([...asked], writer).catch(() => undefined));
  }

  async function settle(keys: readonly RedisKey[], settleNow: () => Promise<void>): Promise<boolean> {
    try {
      await settleNow();
    } catch (error) {
      log.warn('commit.settle_failed', { tags: keys.length, refused: isRefusal(error), error });
      // Redis does not answer, but all tags have marks. Readers of marked tags use the database, so the settle can wait
      // for the drain.
      if (!isRefusal(error) && deleted.size === 0) return false;
      if (!(await deleteAfter(keys))) return false;
    }
    // A mark whose answer was lost may reach Redis after the settle. So the result is `false`, and the drain settles
    // the tags once more.
    return !lost;
  }

  async function deleteAfter(keys: readonly RedisKey[]): Promise<boolean> {
    try {
      await invalidator.end(keys);
      return true;
    } catch (error) {
      log.warn('commit.delete_failed', { tags: keys.length, refused: isRefusal(error), error });
      // No older entry can be served if each version is missing now, after COMMIT, or has this writer's mark.
      if (await invalidator.areEnded(keys, writer).catch(() => false)) return false;
      throw new CommitUnsettledError(error);
    }
  }

  return { beneath, mark, takeAway, settle };
}
