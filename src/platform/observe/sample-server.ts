/** Samples the figures that only Redis itself knows: memory, connections, evicted and expired keys. */
import type { Counters } from '../counters/index.ts';
import { infoNumber, key, NO_TENANT, type RedisClient } from '../redis/index.ts';

/** The services of a sample. */
export interface SampleServices {
  redis: RedisClient;
  counters: Counters;
}

const DAY_S = 86_400;
const FIGURES = key(NO_TENANT, 'figures');

/** The totals since Redis was started, as the last sample found them. */
interface Totals {
  evicted: number;
  expired: number;
}

/**
 * Takes a sample. Evicted and expired keys are counted since the sample before; the first sample counts none. Figures
 * that Redis does not send are left out. 2 requests, 2 commands.
 * @throws {RedisError}
 */
export async function sampleServer({ redis, counters }: SampleServices): Promise<void> {
  const info = String(await redis.exec<string>(['INFO']));
  const note = (name: 'server.memory' | 'server.clients' | 'server.uptime', value: number | null) => {
    if (value !== null) counters.note(name, {}, value);
  };
  note('server.memory', infoNumber(info, 'used_memory'));
  note('server.clients', infoNumber(info, 'connected_clients'));
  note('server.uptime', infoNumber(info, 'uptime_in_seconds'));
  const fragmentation = infoNumber(info, 'mem_fragmentation_ratio');
  if (fragmentation !== null) counters.note('server.fragmentation', {}, Math.round(fragmentation * 100));
  const [evicted, expired] = [infoNumber(info, 'evicted_keys'), infoNumber(info, 'expired_keys')];
  if (evicted === null || expired === null) return;
  const before = await exchange(redis, { evicted, expired });
  if (before === null) return;
  counters.count('server.evicted', {}, grown(before.evicted, evicted));
  counters.count('server.expired', {}, grown(before.expired, expired));
}

/** Stores the totals, and returns those of the sample before. */
async function exchange(redis: RedisClient, totals: Totals): Promise<Totals | null> {
  const text = `${totals.evicted} ${totals.expired}`;
  const before = await redis.exec<string | null>(['SET', FIGURES, text, 'EX', DAY_S, 'GET']);
  const [, evicted, expired] = /^(\d+) (\d+)$/.exec(before ?? '') ?? [];
  return evicted === undefined ? null : { evicted: Number(evicted), expired: Number(expired) };
}

/** A total that is smaller than before began again at 0, when Redis was started. */
function grown(before: number, now: number): number {
  return now >= before ? now - before : now;
}
