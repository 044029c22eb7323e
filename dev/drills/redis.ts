/** The Redis of a drill, which can be full and read-only: the embedded one, or a redis-server of the drill's own. */
import { APP_USER, aclRules, grantOf } from '../../src/platform/redis/access/index.ts';
import { LOCAL_SECRETS } from '../cloud/secrets.ts';
import { startRedisServer } from '../redis/redis-server.ts';
import { startRedis } from '../redis/server.ts';
import type { Refuses } from '../redis-rest/refusing.ts';
import { type RedisRest, startRedisRest } from '../redis-rest/server.ts';

/** A running Redis. */
export interface DrillRedis {
  readonly url: string;
  /**
   * Lets Redis refuse what a full or a read-only one refuses: a redis-server by its own `maxmemory` or as a replica, the
   * embedded Redis by the switch of the REST server. `undefined` lets it accept writes again.
   */
  refuse(refuses: Refuses | undefined, rest: RedisRest): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts the REST server of a drill. The app sends `appToken`, whose user has the rights of the app only; the server's own
 * token, for the operator's commands, has all rights.
 */
export async function startDrillRest({
  redisUrl,
  appToken,
}: {
  redisUrl: string;
  appToken: string;
}): Promise<RedisRest> {
  const rest = await startRedisRest({ redisUrl, token: LOCAL_SECRETS.redisToken });
  await setAppToken(rest, appToken);
  return rest;
}

/** Gives the app's user this token; requests with its earlier token are refused. */
export async function setAppToken(rest: RedisRest, appToken: string): Promise<void> {
  await rest.setUser(APP_USER, appToken, ['resetpass', ...aclRules(grantOf())]);
}

/** Starts an empty Redis. */
export async function openDrillRedis(isReal: boolean): Promise<DrillRedis> {
  if (!isReal) {
    const { url, close } = await startRedis();
    return {
      url,
      close,
      async refuse(refuses, rest) {
        rest.refuses = refuses;
      },
    };
  }
  const { url, close, heal, fill, makeReadOnly } = await startRedisServer();
  return {
    url,
    close,
    async refuse(refuses) {
      await heal();
      if (refuses === 'OOM') await fill();
      if (refuses === 'READONLY') await makeReadOnly();
    },
  };
}
