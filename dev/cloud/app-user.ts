/** The app's user of the local Redis, so that a missing right fails locally as it does in production. */
import { randomBytes } from 'node:crypto';
import { APP_USER, aclRules, grantOf } from '../../src/platform/redis/access/index.ts';
import type { RedisRest } from '../redis-rest/server.ts';

/**
 * Makes the user and returns its token. The token is random, because `REDIS_URL` may name a Redis that others reach. The
 * name is random too, because several local clouds may use one Redis.
 *
 * @throws the reply of Redis if it refuses to make users
 */
export async function makeAppUser(rest: RedisRest): Promise<string> {
  const token = randomBytes(24).toString('base64url');
  await rest.setUser(`${APP_USER}-${randomBytes(4).toString('hex')}`, token, aclRules(grantOf()));
  return token;
}
