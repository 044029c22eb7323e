/** Calls that run once: repeats get the first answer, other requests with the same key are refused. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { once } from '../../../src/platform/locks/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { barrier, createIsolate, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterEach(() => {
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

function caller(tenant: string) {
  const { redis: client, meter } = createIsolate({ rest: redis.rest }).scope(tenant);
  const services = { redis: client, system: realSystem, tenant };
  return {
    meter,
    call: <Result>(work: () => Promise<Result>, body = 'body', id = ['POST /deals', 'key-1']) =>
      once(services, { id, request: [body] }, work),
  };
}

describe('once', () => {
  test('runs the first call and repeats its answer afterwards; costs 2/2 and 1/1', async () => {
    const tenant = newTenant();
    let runs = 0;
    const work = async () => ({ run: ++runs, at: new Date(0) });
    const first = caller(tenant);
    expect(await first.call(work)).toEqual({ kind: 'done', result: { run: 1, at: new Date(0) } });
    expect(first.meter).toMatchObject({ requests: 2, commands: 2 });
    const second = caller(tenant);
    expect(await second.call(work)).toEqual({ kind: 'repeated', result: { run: 1, at: new Date(0) } });
    expect(second.meter).toMatchObject({ requests: 1, commands: 1 });
    expect(runs).toBe(1);
  });

  test('another request with the same key is a mismatch; another key or tenant is another call', async () => {
    const tenant = newTenant();
    const work = async () => 'done';
    await caller(tenant).call(work);
    expect(await caller(tenant).call(work, 'other body')).toEqual({ kind: 'mismatch' });
    expect(await caller(tenant).call(work, 'other body', ['POST /deals', 'key-2'])).toMatchObject({ kind: 'done' });
    expect(await caller(newTenant()).call(work, 'other body')).toMatchObject({ kind: 'done' });
  });

  test('asks a repeat to retry later while the call runs', async () => {
    const tenant = newTenant();
    const inside = barrier();
    const done = barrier();
    const first = caller(tenant).call(async () => {
      inside.resolve();
      await done.promise;
      return 1;
    });
    await inside.promise;
    const repeat = await caller(tenant).call(async () => 2);
    expect(repeat).toMatchObject({ kind: 'running' });
    expect(repeat.kind === 'running' && repeat.retryAfterMs).toBeGreaterThan(0);
    done.resolve();
    expect(await first).toEqual({ kind: 'done', result: 1 });
    expect(await caller(tenant).call(async () => 3)).toEqual({ kind: 'repeated', result: 1 });
  });

  test('runs one of 20 simultaneous calls', async () => {
    const tenant = newTenant();
    let runs = 0;
    const results = await Promise.all(Array.from({ length: 20 }, () => caller(tenant).call(async () => ++runs)));
    expect(runs).toBe(1);
    expect(results.filter(({ kind }) => kind === 'done')).toHaveLength(1);
  });

  test('a call that throws may be repeated', async () => {
    const tenant = newTenant();
    await expect(caller(tenant).call(() => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await caller(tenant).call(async () => 'second')).toEqual({ kind: 'done', result: 'second' });
  });

  test('runs no call without Redis', async () => {
    redis.rest.intercept = () => ({ status: 503, body: { error: 'down' } });
    let ran = false;
    const call = caller(newTenant()).call(async () => {
      ran = true;
    });
    await expect(call).rejects.toMatchObject({ name: 'RedisError' });
    expect(ran).toBe(false);
  });
});
