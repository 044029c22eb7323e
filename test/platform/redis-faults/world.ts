/**
 * A redis-server for the suites of this folder, behind the REST server, and its refusing states. Each suite runs the
 * same operation in each state; docs/redis-faults.md is the table of the outcomes.
 */

import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import type { RedisRest } from '../../../dev/redis-rest/server.ts';
import type { RedisErrorCode } from '../../../src/platform/redis/index.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../../support/redis-server.ts';
import { startAppRest } from '../../support/rest.ts';

/** A state in which Redis serves reads and refuses writes. */
export type State = 'full' | 'read-only' | 'no permission';

/** The states without writes and deletions. */
export const CLOSED: readonly State[] = ['read-only', 'no permission'];
/** All states. */
export const STATES: readonly State[] = ['full', ...CLOSED];

/** Returns the code of the error of a refused command. */
export function codeIn(state: State): RedisErrorCode {
  return state === 'no permission' ? 'REDIS_NOPERM' : 'REDIS_COMMAND';
}

/** Declares a suite that needs a redis-server, which CI must have. */
export const describeFaults = describe.skipIf(!hasRedisServer);

/** Starts a redis-server before the file's tests and stops it after them. Each test begins with a healthy server. */
export function faultyRedis() {
  let server: RedisServer | undefined;
  let rest: RedisRest | undefined;
  beforeAll(async () => {
    if (!hasRedisServer) return;
    server = await startRedisServer();
    rest = await startAppRest({ redisUrl: server.url });
  });
  afterEach(async () => {
    if (rest) rest.intercept = undefined;
    await server?.heal();
  });
  afterAll(async () => {
    await rest?.close();
    await server?.close();
  });

  function running(): { server: RedisServer; rest: RedisRest } {
    if (!server || !rest) throw new Error('There is a redis-server only while tests run');
    return { server, rest };
  }

  return {
    rest: () => running().rest,
    server: () => running().server,
    /** Puts the server into a state. */
    async make(state: State): Promise<void> {
      const { server } = running();
      if (state === 'full') await server.fill();
      else if (state === 'read-only') await server.makeReadOnly();
      // Like a read-only token.
      else await server.forbid('-@write');
    },
    heal: () => running().server.heal(),
    forget: <Result>(work: () => Promise<Result>) => running().server.forget(work),
    /** Lets the server answer every script like a full engine without support for `allow-oom`. */
    refuseScripts(): void {
      running().rest.intercept = async ({ commands }) => {
        if (!commands.some(([name]) => /^EVAL/i.test(String(name)))) return 'pass';
        // Commands of one turn share a request; the suites send no other command in that turn.
        return { status: 200, body: commands.map(() => ({ error: 'OOM command not allowed' })) };
      };
    },
  };
}
