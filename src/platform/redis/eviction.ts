/**
 * Checks whether Redis evicts keys. Evictions would lose jobs, locks and sessions. If the server reports its policy (in
 * `INFO` or in `CONFIG GET`), the check uses the policy.
 *
 * If the server reports no policy, two canary keys without a time to live can show past evictions. The elder canary is
 * written first and never used again. The younger canary is read by each check. A server that evicts the least recently
 * used key therefore evicts the elder canary first. If only the younger canary exists, the elder canary was evicted: a
 * failover would lose the younger canary first, and a flush would delete both. If both canaries exist, they prove
 * nothing, so the result is `unknown` and never `off`. Policies named `volatile-…` evict only keys with a time to live,
 * so canaries cannot show them.
 */
import type { Log } from '../log.ts';
import type { RedisClient } from './client.ts';
import { key, NO_TENANT, type RedisKey } from './keys.ts';

/** The state of evictions in a full Redis. `unknown`: Redis reports no policy, and no eviction has been seen. */
export type Eviction = 'off' | 'on' | 'unknown';

/**
 * An isolate's memory: the source of the last answer, which is then the only source to ask, and whether evictions were
 * logged.
 */
export interface EvictionMemory {
  /** The source that answers; `undefined` before the first answer. */
  source: 'info' | 'config' | 'canary' | undefined;
  logged: boolean;
}

/** The services of a check. */
export interface EvictionServices {
  redis: RedisClient;
  memory: EvictionMemory;
  now(): number;
  log: Log;
}

const ELDER: RedisKey = key(NO_TENANT, 'canary', 'elder');
const YOUNGER: RedisKey = key(NO_TENANT, 'canary', 'younger');
const PLANTED = 'planted';
/**
 * How long a lost canary counts as an eviction, in ms. After this time both canaries are written again, because the
 * operator may have corrected the policy.
 */
const REPORTED_MS = 86_400_000;

/** Creates the memory of an isolate that has not checked yet. */
export function createEvictionMemory(): EvictionMemory {
  return { source: undefined, logged: false };
}

/**
 * Returns whether Redis evicts keys; `unknown` after an error. The caller sends `INFO` in the same turn of the event
 * loop, and passes the promise of its reply.
 *
 * If `INFO` has the policy, a check adds no request, and only an isolate's first check adds a command. Otherwise
 * `CONFIG GET` adds one command, or the canaries add two commands. An isolate's first look at the canaries adds a
 * request, and writing the canaries adds a request.
 */
export async function readEviction(services: EvictionServices, info: Promise<string>): Promise<Eviction> {
  const { memory, log } = services;
  const { eviction, ...found } = await look(services, info).catch(() => ({ eviction: 'unknown' as const }));
  if (eviction === 'on' && !memory.logged) log.error('redis.evicts', { source: memory.source, ...found });
  memory.logged = eviction === 'on';
  return eviction;
}

interface Look {
  eviction: Eviction;
  policy?: string;
}

async function look(services: EvictionServices, info: Promise<string>): Promise<Look> {
  const { redis, memory } = services;
  const asksConfig = memory.source === undefined || memory.source === 'config';
  // All commands are sent in the same turn as INFO.
  const [told, configured, canary] = await Promise.all([
    info.then(policyInInfo).catch(() => undefined),
    asksConfig ? policyInConfig(redis) : undefined,
    memory.source === 'canary' ? lookAtCanaries(services) : undefined,
  ]);
  const policy = told ?? configured;
  if (policy !== undefined) {
    memory.source = told === undefined ? 'config' : 'info';
    return { eviction: policy === 'noeviction' ? 'off' : 'on', policy };
  }
  if (memory.source === 'info' || memory.source === 'config') return { eviction: 'unknown' };
  memory.source = 'canary';
  return { eviction: canary ?? (await lookAtCanaries(services)) };
}

function policyInInfo(text: string): string | undefined {
  return /^maxmemory_policy:([\w-]+)/m.exec(text)?.[1];
}

async function policyInConfig(redis: RedisClient): Promise<string | undefined> {
  const reply = await redis.exec<unknown>(['CONFIG', 'GET', 'maxmemory-policy']).catch(() => undefined);
  const [, policy] = Array.isArray(reply) ? reply : [];
  return typeof policy === 'string' ? policy : undefined;
}

async function lookAtCanaries(services: EvictionServices): Promise<Eviction> {
  const { redis, now } = services;
  // The younger canary is read first. Another isolate may write both canaries between the two reads, and must not make
  // the younger canary seem to be alone. EXISTS does not count as a use of the elder canary.
  const [younger, elder] = await Promise.all([redis.exec<string | null>(['GET', YOUNGER]), redis.exists(ELDER)]);
  if (elder === 1 && younger === PLANTED) return 'unknown';
  if (elder === 1 || younger === null) {
    await plant(redis);
    return 'unknown';
  }
  const lostAt = Number(/^lost (\d+)$/.exec(younger)?.[1] ?? Number.NaN);
  if (Number.isNaN(lostAt)) await redis.set(YOUNGER, `lost ${now()}`).catch(() => undefined);
  else if (now() - lostAt > REPORTED_MS) await plant(redis);
  return 'on';
}

/** Writes both canaries, the elder canary first. */
async function plant(redis: RedisClient): Promise<void> {
  await Promise.all([redis.set(ELDER, PLANTED, { nx: true }), redis.set(YOUNGER, PLANTED)]);
}
