/** A call that outlived its lease cannot affect the call that took over. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { once } from '../../../src/platform/locks/index.ts';
import { key } from '../../../src/platform/redis/index.ts';
import { realSystem } from '../../../src/platform/system.ts';
import { barrier, createIsolate, newTenant } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterAll(() => redis.close());

function world() {
  const tenant = newTenant();
  const { redis: client } = createIsolate({ rest: redis.rest }).scope(tenant);
  const services = { redis: client, system: realSystem, tenant };
  return {
    call: <Result>(work: () => Promise<Result>) => once(services, { id: ['call'], request: ['body'] }, work),
    /** Ends the lease of the call, as Redis would. */
    leaseEnds: () => client.del(key(tenant, 'once', 'call')),
  };
}

/** A call that stays in its work until it is released. */
function held(call: ReturnType<typeof world>['call'], value: string) {
  const inside = barrier();
  const go = barrier();
  const result = call(async () => {
    inside.resolve();
    await go.promise;
    if (value === 'fails') throw new Error('failed late');
    return value;
  });
  return { inside: inside.promise, go: () => go.resolve(), result };
}

describe('2/12 a call whose lease has ended', () => {
  test('and that finishes after its successor does not replace the successor’s answer', async () => {
    const { call, leaseEnds } = world();
    const late = held(call, 'late');
    await late.inside;
    await leaseEnds();
    expect(await call(async () => 'successor')).toEqual({ kind: 'done', result: 'successor' });
    late.go();
    expect(await late.result).toEqual({ kind: 'done', result: 'late' });
    expect(await call(async () => 'third')).toEqual({ kind: 'repeated', result: 'successor' });
  });

  test('and that finishes while its successor runs neither answers for the successor nor ends its lease', async () => {
    const { call, leaseEnds } = world();
    const late = held(call, 'late');
    await late.inside;
    await leaseEnds();
    const successor = held(call, 'successor');
    await successor.inside;
    late.go();
    await late.result;
    expect(await call(async () => 'third')).toMatchObject({ kind: 'running' });
    successor.go();
    await successor.result;
    expect(await call(async () => 'third')).toEqual({ kind: 'repeated', result: 'successor' });
  });

  test('and that fails late does not delete the call', async () => {
    const { call, leaseEnds } = world();
    const late = held(call, 'fails');
    await late.inside;
    await leaseEnds();
    await call(async () => 'successor');
    late.go();
    await expect(late.result).rejects.toThrow('failed late');
    expect(await call(async () => 'third')).toEqual({ kind: 'repeated', result: 'successor' });
  });
});
