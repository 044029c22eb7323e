/**
 * Active users. The isolate notes the users of its requests, once per local day of their tenant, and sends the notes
 * with a request to Redis that is sent in any case: no request, and at most one command per user and day in an isolate,
 * because one command takes all users that a tenant has had since the last one. Notes that an isolate has not sent
 * before its end are lost, and so are notes of a time in which Redis does not answer: the user counts at the next
 * request.
 *
 * Redis holds no id of a user: each user is an HMAC of tenant and id under a key of `AUTH_KEYS`.
 */
import type { RedisClient } from '../redis/index.ts';
import { countUsers } from './count.ts';

/** The notes of one isolate. */
export interface Usage {
  /** Notes that a verified user has sent a request. No I/O. */
  note(tenant: string, userId: string): void;
  /** Sends the notes. 1 command for each tenant and quarter of an hour, in 1 request; 0 without notes. Never throws. */
  flush(redis: RedisClient): Promise<void>;
  /** Returns the name of a user in Redis. */
  nameOf(tenant: string, userId: string): string;
}

/** The services of usage. */
export interface UsageServices {
  now(): number;
  /** Returns the HMAC of a text, in base64url. */
  hmac(text: string): string;
}

/**
 * A quarter of an hour, in ms. All offsets of time zones are multiples of it, so all moments of one quarter are on one
 * local day.
 */
const QUARTER_MS = 900_000;
/** The most users that an isolate remembers. With more, it forgets all and may send a user twice a day. */
const MOST_KNOWN = 50_000;
/** The most users of one command. */
const MOST_USERS = 500;
/** The characters of a name: 132 bits. */
const NAME_LENGTH = 22;

/** Creates the notes of an isolate, empty at first. */
export function createUsage({ now, hmac }: UsageServices): Usage {
  /** The end of the local day on which each user was counted, in ms since the epoch. */
  const counted = new Map<string, number>();
  /** The users to send, by tenant and quarter of an hour. */
  const noted = new Map<string, { tenant: string; moment: number; users: Map<string, string> }>();

  const nameOf = (tenant: string, userId: string) => hmac(`${tenant}\n${userId}`).slice(0, NAME_LENGTH);

  async function send(redis: RedisClient, tenant: string, moment: number, users: readonly [string, string][]) {
    const names = users.map(([, name]) => name);
    try {
      const over = await countUsers(redis, tenant, moment, names);
      for (const [place] of users) counted.set(place, over);
    } catch {
      // The users count at their next request.
      for (const [place] of users) counted.delete(place);
    }
  }

  return {
    nameOf,
    note(tenant, userId) {
      const at = now();
      const place = `${tenant}\n${userId}`;
      const until = counted.get(place);
      if (until !== undefined && at < until) return;
      if (counted.size >= MOST_KNOWN) counted.clear();
      // The user is not noted again before Redis has answered.
      counted.set(place, Number.POSITIVE_INFINITY);
      const moment = at - (at % QUARTER_MS);
      const slot = `${tenant}\n${moment}`;
      const { users } = noted.get(slot) ?? { users: new Map<string, string>() };
      users.set(place, nameOf(tenant, userId));
      noted.set(slot, { tenant, moment, users });
    },
    async flush(redis) {
      const slots = [...noted.values()];
      noted.clear();
      await Promise.all(
        slots.flatMap(({ tenant, moment, users }) => {
          const all = [...users];
          const parts = Math.ceil(all.length / MOST_USERS);
          return Array.from({ length: parts }, (_each, part) =>
            send(redis, tenant, moment, all.slice(part * MOST_USERS, (part + 1) * MOST_USERS)),
          );
        }),
      );
    },
  };
}
