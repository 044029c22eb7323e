/** Implements the interface `Invalidator`, with which `outbox/commit.ts` invalidates cache entries. */
import type { Invalidator } from '../outbox/index.ts';
import type { RedisClient, RedisKey } from '../redis/index.ts';
import type { System } from '../system.ts';
import { markVersions, settleVersions, unmarkVersions } from './change-versions.ts';
import { endUnless } from './end-versions.ts';
import type { Changed } from './memory.ts';
import { areEnded, deleteVersions } from './versions.ts';

/**
 * Creates the invalidator of the cache. `changed` collects the version keys of all marked tags.
 * @param tell tells other processes of invalidated tags. It is called in the turn in which the command for Redis starts,
 * so that both are sent in one request.
 */
export function createInvalidator(
  redis: RedisClient,
  system: System,
  changed = new Set<RedisKey>(),
  tell: (changed: Changed) => void = () => undefined,
): Invalidator {
  /** Passes the keys to `tell` in the same turn in which the command of `invalidation` was sent. */
  function telling<Result>(versionKeys: readonly RedisKey[], invalidation: Promise<Result>): Promise<Result> {
    tell(versionKeys);
    return invalidation;
  }

  return {
    mark(versionKeys, writer) {
      for (const versionKey of versionKeys) changed.add(versionKey);
      return markVersions(redis, versionKeys, writer, system.token());
    },
    unmark: (versionKeys, writer) => unmarkVersions(redis, versionKeys, writer, system.token()),
    settle: (versionKeys, writer, version = system.token()) =>
      telling(versionKeys, settleVersions(redis, versionKeys, writer, version)),
    end: (versionKeys) => telling(versionKeys, deleteVersions(redis, versionKeys)),
    areEnded: (versionKeys, writer) => areEnded(redis, versionKeys, writer),
    endUnless: (settled) => endUnless(redis, settled, system.token()),
  };
}
