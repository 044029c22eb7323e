/**
 * A redis-server for the suites of this folder, behind the REST server, and the states in which it refuses. Each suite
 * runs the same operation in each state; docs/redis-faults.md is the table of what then happens.
 */
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { type RedisRest, startRedisRest } from '../../../dev/redis-rest/server.ts';
import { hasRedisServer, type RedisServer, startRedisServer } from '../../support/redis-server.ts';

const TOKEN = 'test-token';

/** A state in which Redis answers, serves reads, and takes no writes. */
export type State = 'full' | 'read-only' | 'no permission';

/** The states in which nothing can be written and nothing deleted. */
export const CLOSED: readonly State[] = ['read-only', 'no permission'];
/** All states. */
export const STATES: readonly State[] = ['full', ...CLOSED];

/** Suites need a redis-server, which CI must have. */
export const describeFaults = describe.skipIf(!hasRedisServer);

/** Starts a redis-server before the file's tests and stops it after them. Each test begins with one that is well. */
export function faultyRedis() {
  let server: RedisServer | undefined;
  let rest: RedisRest | undefined;
  beforeAll(async () => {
    if (!hasRedisServer) return;
    server = await startRedisServer();
    rest = await startRedisRest({ redisUrl: server.url, token: TOKEN });
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
    /** Brings it into a state. */
    async make(state: State): Promise<void> {
      const { server } = running();
      if (state === 'full') await server.fill();
      else if (state === 'read-only') await server.makeReadOnly();
      // As a token that may only read.
      else await server.forbid('-@write');
    },
    heal: () => running().server.heal(),
    forget: <Result>(work: () => Promise<Result>) => running().server.forget(work),
    /** Makes it answer every script as an engine does that is full and does not know `allow-oom`. */
    refuseScripts(): void {
      running().rest.intercept = async ({ commands }) => {
        if (!commands.some(([name]) => /^EVAL/i.test(String(name)))) return 'pass';
        // Commands that leave in one turn travel together; a suite asks for nothing else in that turn.
        return { status: 200, body: commands.map(() => ({ error: 'OOM command not allowed' })) };
      };
    },
  };
}
