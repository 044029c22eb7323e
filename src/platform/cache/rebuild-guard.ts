/**
 * Rebuilds the filter of a guard from the source. A member is in the new filter if its row was committed before the
 * pages were read, or if it was added after the rebuild began. A write in between (added before, committed after) is
 * the danger: so the pages are read only when all transactions have ended that ran when the rebuild began. A write adds
 * its member after its rows are in its transaction, so such a transaction has an id by then.
 */
import type { RedisClient } from '../redis/index.ts';
import type { SqlStore } from '../sql/index.ts';
import type { System } from '../system.ts';
import { createFilter, RANDOM_BYTES, rebuiltAt } from './bloom.ts';
import { beginRebuild, publishRebuild, readHeader } from './filter-commands.ts';
import type { Query } from './query.ts';
import type { LoadContext, QueryArgs } from './query-definition.ts';

/** The services of a rebuild. */
export interface RebuildServices {
  redis: RedisClient;
  store: Pick<SqlStore, 'query'>;
  system: Pick<System, 'now' | 'sleep' | 'token'>;
}

/** The result of a rebuild. */
export interface Rebuilt {
  members: number;
  /** `false` if the rebuild was lost, or ended before it was safe to publish; the next rebuild replaces the filter. */
  isPublished: boolean;
}

/** A filter of this age is rebuilt, in ms: rows that were deleted leave their bits. */
const REBUILD_AFTER_MS = 86_400_000;
/** How often a rebuild looks whether earlier transactions have ended, and the pause, in ms. */
const LOOKS = 20;
const PAUSE_MS = 1_000;

/** Returns whether the filter of a guarded query is missing, incomplete or old. 1 request, 1 command. */
export async function needsRebuild(
  { redis, system }: Pick<RebuildServices, 'redis' | 'system'>,
  { name, guard }: Pick<Query<QueryArgs, unknown, LoadContext>, 'name' | 'guard'>,
): Promise<boolean> {
  if (!guard) return false;
  const at = rebuiltAt(guard, await readHeader(redis, name));
  return at === null || system.now() - at >= REBUILD_AFTER_MS;
}

/**
 * Rebuilds the filter of a guarded query. 2 requests, 2 commands, and 1 query for each page.
 * @throws {RedisError} if Redis did not confirm; the filter is as before, or rebuilt.
 */
export async function rebuildGuard<Args extends QueryArgs, Value, Context extends LoadContext>(
  { redis, store, system }: RebuildServices,
  { name, guard, keysOf }: Pick<Query<Args, Value, Context>, 'name' | 'guard' | 'keysOf'>,
): Promise<Rebuilt> {
  if (!guard) throw new TypeError(`Query ${name} has no guard`);
  const token = await beginRebuild(redis, name, guard, system.token().slice(0, RANDOM_BYTES));
  if (!(await earlierHaveEnded(store, system))) return { members: 0, isPublished: false };
  const filter = createFilter(guard);
  let members = 0;
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Awaited<ReturnType<typeof guard.members>> = await guard.members(store, cursor);
    for (const { tenant, args } of page.members) filter.add(keysOf(tenant, args).entry);
    members += page.members.length;
    cursor = page.next;
  }
  return { members, isPublished: await publishRebuild(redis, name, token, filter.toText(token)) };
}

/** Waits until each transaction has ended that runs now. Returns `false` if one of them takes too long. */
async function earlierHaveEnded(store: RebuildServices['store'], system: RebuildServices['system']): Promise<boolean> {
  const read = async (edge: 'xmin' | 'xmax') => {
    const text = `SELECT pg_snapshot_${edge}(pg_current_snapshot())::text AS id`;
    return BigInt((await store.query<{ id: string }>(text, []))[0]?.id ?? 0);
  };
  const next = await read('xmax');
  for (let look = 1; ; look += 1) {
    if ((await read('xmin')) >= next) return true;
    if (look === LOOKS) return false;
    await system.sleep(PAUSE_MS);
  }
}
