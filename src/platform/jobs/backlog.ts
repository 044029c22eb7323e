/** The backlog: jobs of all tenants that are due and do not run yet. */
import { WATCH_SHARDS, watchKey } from './keys.ts';
import { GRACE_MS, type ScriptServices } from './lua.ts';

/** The jobs that wait for their run. A job with a delay waits only from its due time. */
export interface Backlog {
  waiting: number;
  /** How long the oldest of them has waited, in ms; 0 without a waiting job. */
  oldestMs: number;
}

/**
 * Reads the backlog. 1 request, 32 commands. The watch list has the due time of each waiting job plus a grace, and a
 * later time for each running job; see `lua.ts`. A job that the sweep has taken counts as waiting since then.
 */
export async function readBacklog({ redis, system }: ScriptServices): Promise<Backlog> {
  const until = String(system.now() + GRACE_MS);
  const shards = await Promise.all(
    Array.from({ length: WATCH_SHARDS }, async (_, shard) => {
      const watched = watchKey(shard);
      const [waiting, [, first]] = await Promise.all([
        redis.exec<number>(['ZCOUNT', watched, '-inf', until]),
        redis.exec<string[]>(['ZRANGE', watched, '0', '0', 'WITHSCORES']),
      ]);
      return { waiting, oldestMs: waiting === 0 ? 0 : Math.max(0, Number(until) - Number(first)) };
    }),
  );
  return {
    waiting: shards.reduce((sum, { waiting }) => sum + waiting, 0),
    oldestMs: Math.max(...shards.map(({ oldestMs }) => oldestMs)),
  };
}
