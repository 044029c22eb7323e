/** A Redis for the tests of one file, and isolates on it. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import type { RedisRest } from '../../dev/redis-rest/server.ts';
import { createIsolate, type IsolateOptions } from './isolate.ts';
import { startRest } from './rest.ts';

/** Starts Redis before the file's tests and stops it after them. Each test begins without interception. */
export function suiteRedis() {
  let redis: Awaited<ReturnType<typeof startRest>> | undefined;
  beforeAll(async () => {
    redis = await startRest();
  });
  afterEach(() => {
    if (redis) redis.rest.intercept = undefined;
  });
  afterAll(() => redis?.close());

  function rest(): RedisRest {
    if (!redis) throw new Error('There is a Redis only while tests run');
    return redis.rest;
  }

  return {
    rest,
    isolate: (options: Omit<IsolateOptions, 'rest'> = {}) => createIsolate({ rest: rest(), ...options }),
  };
}
