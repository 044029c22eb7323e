/** Implements the interface `Invalidator`, with which `outbox/commit.ts` invalidates cache entries. */
import type { Invalidator } from '../outbox/index.ts';
import type { RedisClient, RedisKey } from '../redis/index.ts';
import type { System } from '../system.ts';
import { markVersions, settleVersions, unmarkVersions } from './change-versions.ts';
import { endUnless } from './end-versions.ts';
import { areEnded, deleteVersions } from './versions.ts';

/** Creates the invalidator of the cache. `changed` collects the version keys of all marked tags. */
export function createInvalidator(redis: RedisClient, system: System, changed = new Set<RedisKey>()): Invalidator {
  return {
    mark(versionKeys, writer) {
      for (const versionKey of versionKeys) changed.add(versionKey);
      return markVersions(redis, versionKeys, writer, system.token());
    },
    unmark: (versionKeys, writer) => unmarkVersions(redis, versionKeys, writer, system.token()),
    settle: (versionKeys, writer, version = system.token()) => settleVersions(redis, versionKeys, writer, version),
    end: (versionKeys) => deleteVersions(redis, versionKeys),
    areEnded: (versionKeys, writer) => areEnded(redis, versionKeys, writer),
    endUnless: (settled) => endUnless(redis, settled, system.token()),
  };
}
