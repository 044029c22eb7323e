/**
 * Begins an era, after which nothing is served that was cached before, and removes the cached values that have no era.
 * After a provider has restored Redis, it also removes what an old state of Redis would make happen again.
 */
import type { Nature } from '../../src/platform/redis/nature.ts';
import { endAllSessions } from './end-sessions.ts';
import { scanNatures } from './scan.ts';
import { type BackupServices, startEra } from './services.ts';

/**
 * After a restore by the provider, Redis has an old state. Queues would run jobs and ticks again that have run since.
 * Groups would wait at old positions; without positions they read from PostgreSQL. Written-behind values that the
 * database already has would hide newer rows.
 */
const OF_THE_PAST: readonly Nature[] = ['queue', 'stream', 'journal', 'reader'];

/**
 * Begins an era. Its first command ends every entry; the others, 1 for each 1,000 keys and the removals, end the rest.
 * @param options.restored Redis was restored by its provider: removes queues, streams and journals too, and ends all
 * sessions unless `keepSessions`.
 * @returns the number of removed keys, and of tenants whose sessions have ended.
 * @throws {RestError} or {RedisError} if Redis does not answer: repeat the call.
 */
export async function newEra(
  services: BackupServices,
  { restored, keepSessions }: { restored: boolean; keepSessions: boolean },
): Promise<{ removed: number; ended: number }> {
  await startEra(services);
  let removed = 0;
  for await (const keys of scanNatures(services.ask, ['cache', ...(restored ? OF_THE_PAST : [])])) {
    removed += Number(await services.ask('UNLINK', ...keys));
  }
  return { removed, ended: restored && !keepSessions ? await endAllSessions(services) : 0 };
}
