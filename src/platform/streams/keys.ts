/** The keys of a stream in Redis, and the text that names a stream in the watch list. */
import { key, NO_TENANT, type RedisKey } from '../redis/index.ts';

/** The streams with entries that a group may not have handled, by the time of their next check. */
export const watchKey: RedisKey = key(NO_TENANT, 'streamWatch');

/** The keys of one tenant's stream. */
export interface StreamKeys {
  /** The entries. */
  stream: RedisKey;
  /** The leases, wake-ups and losses of the groups. */
  state: RedisKey;
  /** The ids of the events that were published in the last minutes. */
  recent: RedisKey;
}

/** Returns the keys of a stream. */
export function streamKeys(tenant: string, name: string): StreamKeys {
  return {
    stream: key(tenant, 'stream', name),
    state: key(tenant, 'streamState', name),
    recent: key(tenant, 'streamRecent', name),
  };
}

/** Returns the text of a stream in the watch list. Neither part contains a space. */
export function memberOf(tenant: string, name: string): string {
  return `${tenant} ${name}`;
}

/** Reads a text of {@link memberOf}. */
export function placeOf(member: string): { tenant: string; name: string } {
  const at = member.indexOf(' ');
  return { tenant: member.slice(0, at), name: member.slice(at + 1) };
}
