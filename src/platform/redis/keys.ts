/**
 * Builds keys, and lists all key families. A key is `hf:{tenant}:{family}:{part}:{part}…`. Different parts always give
 * different keys, so no id can imitate another key. No key contains a glob character or a brace.
 *
 * There are no hash tags (`{…}`) on purpose. Upstash runs a script over any keys on any shards. A hash tag would bind a
 * whole tenant to one shard. And because keys contain no braces, no id can choose its shard.
 */
import { createHash } from 'node:crypto';
import { RedisError } from './errors.ts';

declare const brand: unique symbol;

/** A key built by {@link key}. The compiler refuses a plain string in place of a key. */
export type RedisKey = string & { readonly [brand]: 'key' };
/** The name of data that cached values depend on. Built by {@link tag}. */
export type Tag = string & { readonly [brand]: 'tag' };

const PREFIX = 'hf';
/**
 * A part that is longer than this is replaced by its SHA-256: different parts still have different keys, and keys stay
 * short.
 */
const LONGEST_PART = 200;
/**
 * The sign `@` of an e-mail address, plain or percent-encoded. A part with this sign is replaced by its SHA-256, so
 * that no key shows an address. The SHA-256 does not protect against an attacker who guesses addresses. Keys that tell
 * whether an address has an account therefore contain a keyed digest (`addressDigest`) instead of the address.
 */
const ADDRESS_SIGN = /@|%40/i;

/** Every family of keys in Redis: its code, its type, its time to live and the room that owns it. */
export const families = {
  entry: { code: 'q', type: 'string', ttl: 'the query: ttl + stale, ±10 %', owner: 'cache' },
  version: { code: 'v', type: 'string', ttl: '31 days; while changing, the marker’s', owner: 'cache' },
  lease: { code: 'l', type: 'string', ttl: 'the lease: 4 s, renewed', owner: 'cache' },
  trace: { code: 'qt', type: 'string', ttl: 'longer than its entry’s', owner: 'cache' },
  guard: { code: 'bf', type: 'string', ttl: '7 days after its last rebuild; a rebuild 1 hour', owner: 'cache' },
  pressure: { code: 'mp', type: 'string', ttl: '3 minutes after Redis had little memory', owner: 'cache' },
  pending: { code: 'b', type: 'string', ttl: 'none: until it is flushed to the database', owner: 'cache' },
  seen: { code: 'sn', type: 'string', ttl: '30 s, or until the next write behind', owner: 'cache' },
  journal: { code: 'jn', type: 'stream', ttl: 'none: its entries go when they are flushed', owner: 'cache' },
  item: { code: 'c', type: 'string', ttl: 'as given to cache.store', owner: 'cache' },
  document: { code: 'd', type: 'hash', ttl: 'the document', owner: 'documents' },
  documentNames: { code: 'dn', type: 'sorted set', ttl: 'until its last document ends', owner: 'documents' },
  sessions: { code: 's', type: 'hash', ttl: 'the latest deadline of what is in it', owner: 'sessions' },
  epoch: { code: 'e', type: 'string', ttl: 'longer than the longest deadline of a session', owner: 'sessions' },
  challenge: { code: 'oc', type: 'hash', ttl: 'the life of a one-time code or link', owner: 'sessions' },
  codeDay: { code: 'od', type: 'hash', ttl: '1 day after its last change', owner: 'sessions' },
  limit: { code: 'rl', type: 'string or hash', ttl: 'two windows of its rule', owner: 'limits' },
  circuit: { code: 'br', type: 'hash', ttl: '1 hour after the last failure', owner: 'outbound' },
  lock: { code: 'lk', type: 'string', ttl: 'the lease of its holder', owner: 'locks' },
  fence: { code: 'lf', type: 'string', ttl: '7 days', owner: 'locks' },
  once: { code: 'on', type: 'string', ttl: 'the lease while it runs, then as given', owner: 'locks' },
  job: { code: 'j', type: 'hash', ttl: '8 days after its last change; dead ones 30', owner: 'jobs' },
  jobResult: { code: 'jr', type: 'string', ttl: 'the job: keepResult', owner: 'jobs' },
  jobSteps: { code: 'js', type: 'hash', ttl: 'as its job, until that is done', owner: 'jobs' },
  jobUnique: { code: 'ju', type: 'string', ttl: 'as its job, until that has ended', owner: 'jobs' },
  jobBatch: { code: 'jb', type: 'set', ttl: '30 days', owner: 'jobs' },
  jobIndex: { code: 'ji', type: 'sorted set', ttl: 'none: the newest 100,000 ended ones', owner: 'jobs' },
  jobWatch: { code: 'jw', type: 'sorted set', ttl: 'none: its jobs go when they end', owner: 'jobs' },
  feed: { code: 'f', type: 'stream', ttl: '1 day after its last event', owner: 'feeds' },
  feedNote: { code: 'fn', type: 'string', ttl: '10 minutes', owner: 'feeds' },
  room: { code: 'pr', type: 'sorted set', ttl: 'until its last place ends', owner: 'feeds' },
  stream: { code: 'st', type: 'stream', ttl: 'none: entries go when all groups are done', owner: 'streams' },
  streamState: { code: 'sg', type: 'hash', ttl: 'none: the leases and losses of the groups', owner: 'streams' },
  streamRecent: { code: 'se', type: 'sorted set', ttl: '10 minutes after the last event', owner: 'streams' },
  streamWatch: { code: 'sw', type: 'sorted set', ttl: 'none: streams go when their groups are done', owner: 'streams' },
  channel: { code: 'ch', type: 'channel', ttl: 'none: Redis stores no message', owner: 'channels' },
  readLog: { code: 'al', type: 'stream', ttl: 'none: its entries go when the database has them', owner: 'read-log' },
  readLogs: { code: 'an', type: 'set', ttl: 'none: tenants go when their logs are empty', owner: 'read-log' },
  schedule: { code: 'sd', type: 'hash', ttl: '400 days after its last tick', owner: 'jobs' },
  era: { code: 'er', type: 'string', ttl: 'none: entries of another era are misses', owner: 'cache' },
  canary: { code: 'cn', type: 'string', ttl: 'none: that it is never lost is what it is for', owner: 'redis' },
  counters: {
    code: 'm',
    type: 'hash',
    ttl: 'minutes 2 hours, hours 8 days, sums 1 year after the last flush',
    owner: 'counters',
  },
  figures: { code: 'rf', type: 'string', ttl: '1 day after the last sample', owner: 'observe' },
  usageZone: { code: 'uz', type: 'string', ttl: '400 days after the last reading', owner: 'usage' },
  usagePlaces: {
    code: 'up',
    type: 'hash',
    ttl: '196 days after the last active day in a period of 98',
    owner: 'usage',
  },
  usageUsers: { code: 'uu', type: 'string', ttl: '98 days', owner: 'usage' },
  usageBits: { code: 'ub', type: 'string', ttl: '98 days', owner: 'usage' },
  usageScratch: { code: 'us', type: 'string', ttl: 'one script; at most 1 minute', owner: 'usage' },
  flush: { code: 'mf', type: 'string', ttl: '1 day after the last flush of an isolate', owner: 'counters' },
} as const;

/** Replaces the tenant in keys that belong to no tenant. No tenant can have this name. */
export const NO_TENANT = '-';

/** The name of a key family. */
export type Family = keyof typeof families;

/**
 * Builds a key. Two calls give the same key only if all arguments are the same.
 * @throws {RedisError} `REDIS_KEY` if the tenant is empty.
 */
export function key(tenant: string, family: Family, ...parts: string[]): RedisKey {
  if (tenant === '') throw new RedisError('REDIS_KEY', 'A key needs a tenant');
  return [PREFIX, encodePart(tenant), families[family].code, ...parts.map(encodePart)].join(':') as RedisKey;
}

/**
 * Names data that cached values depend on, such as `tag('company', id, 'deals')`. A tag belongs to no tenant until
 * {@link versionKey} adds the tenant.
 */
export function tag(name: string, ...parts: string[]): Tag {
  return [name, ...parts].map(encodePart).join(':') as Tag;
}

/**
 * Returns the key of a tag's version.
 * @throws {RedisError} `REDIS_KEY` if the tenant is empty.
 */
export function versionKey(tenant: string, name: Tag): RedisKey {
  return `${key(tenant, 'version')}:${name}` as RedisKey;
}

/** Returns the tag whose version has this key; `null` for any other key. */
export function tagOfVersion(tenant: string, versionKey: string): Tag | null {
  const start = `${key(tenant, 'version')}:`;
  return versionKey.startsWith(start) ? (versionKey.slice(start.length) as Tag) : null;
}

/**
 * Encodes one part with the alphabet `A–Z a–z 0–9 - . _ %` (and `~` before a digest). Any other character becomes the
 * percent-encoded UTF-8 of encodeURIComponent; a lone surrogate, which UTF-8 cannot carry, becomes `%u` and its four
 * hex digits.
 */
function encodePart(part: string): string {
  const plain = /^[\w.-]*$/.test(part);
  const encoded = plain ? part : part.replace(/[^\w.-]/gsu, encodeCharacter);
  if (encoded.length <= LONGEST_PART && (plain || !ADDRESS_SIGN.test(part))) return encoded;
  return `~${createHash('sha256').update(encoded).digest('hex')}`;
}

function encodeCharacter(character: string): string {
  const code = character.charCodeAt(0);
  if (character.length === 1 && code >= 0xd800 && code <= 0xdfff) return `%u${code.toString(16).toUpperCase()}`;
  const encoded = encodeURIComponent(character);
  // encodeURIComponent does not encode !'()*~.
  return encoded === character ? `%${code.toString(16).toUpperCase()}` : encoded;
}
