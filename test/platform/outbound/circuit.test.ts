/** A circuit shared by isolates: it opens for all, one probes, and a healthy call costs Redis nothing. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCircuit, createCircuitMemory, type OutboundError } from '../../../src/platform/outbound/index.ts';
import { barrier } from '../../support/isolate.ts';
import { startRest } from '../../support/rest.ts';
import { createWorld, fail, ok } from './isolates.ts';

let redis: Awaited<ReturnType<typeof startRest>>;
beforeAll(async () => {
  redis = await startRest();
});
afterEach(() => {
  redis.rest.intercept = undefined;
});
afterAll(() => redis.close());

const world = (options: Parameters<typeof createWorld>[1] = {}) =>
  createWorld(redis.rest, { threshold: 3, ...options });
type World = ReturnType<typeof world>;

/** Opens the circuit by the failures of another isolate. */
async function open({ isolate }: World, failures = 3): Promise<void> {
  const other = isolate();
  for (let failure = 0; failure < failures; failure += 1) await other.call(fail);
}

/** An isolate whose call is held until the test decides its end. */
async function standing(here: World) {
  const isolate = here.isolate();
  const inside = barrier();
  const end = barrier<'ok' | 'fail'>();
  const outcome = isolate.call(async () => {
    inside.resolve();
    return (await end.promise) === 'ok' ? 'probed' : fail();
  });
  await inside.promise;
  return { end: end.resolve, outcome, isolate };
}

describe('closed', () => {
  test('a healthy call costs no request, except one for the first call and one per freshFor', async () => {
    const { isolate, clock } = world({ freshFor: '10s' });
    const one = isolate();
    for (let call = 0; call < 20; call += 1) expect(await one.call()).toBe('done');
    expect(one.meter).toMatchObject({ requests: 1, commands: 1 });
    clock.now += 9_999;
    await one.call();
    expect(one.meter.requests).toBe(1);
    clock.now += 1;
    await one.call();
    expect(one.meter).toMatchObject({ requests: 2, commands: 2 });
  });

  test('a failure costs one report, after the response', async () => {
    const one = world().isolate();
    await one.call();
    expect(await one.call(fail)).toBe('OUTBOUND_FAILED');
    expect(one.meter).toMatchObject({ requests: 2, commands: 2 });
  });

  test('failures below the threshold keep it closed; failures older than the window do not count', async () => {
    const here = world({ window: '30s' });
    await open(here, 2);
    await here.elapse(30_500);
    await open(here, 2);
    const one = here.isolate();
    expect(await one.call()).toBe('done');
    await open(here, 1);
    expect(await here.isolate().call()).toBe('OUTBOUND_OPEN');
  });

  test('failures of several isolates add up, and the opening is logged once', async () => {
    const { isolate, lines } = world();
    for (let each = 0; each < 3; each += 1) await isolate().call(fail);
    expect(await isolate().call()).toBe('OUTBOUND_OPEN');
    expect(lines.map((line) => JSON.parse(line).event)).toEqual(['circuit.open']);
  });

  test('circuits with other names are unaffected', async () => {
    await open(world());
    expect(await world().isolate().call()).toBe('done');
  });
});

describe('open', () => {
  test('calls are refused, and cost nothing once the isolate knows the state', async () => {
    const here = world({ openFor: '30s' });
    await open(here);
    const one = here.isolate();
    let ran = false;
    for (let call = 0; call < 10; call += 1) {
      const error: unknown = await one.circuit
        .call(async () => {
          ran = true;
        })
        .catch((each: unknown) => each);
      expect(error).toMatchObject({ code: 'OUTBOUND_OPEN' });
      expect((error as OutboundError).retryAfterMs).toBeGreaterThan(29_000);
      expect((error as OutboundError).retryAfterMs).toBeLessThanOrEqual(30_000);
    }
    expect(ran).toBe(false);
    expect(one.meter).toMatchObject({ requests: 1, commands: 1 });
  });

  test('an isolate with an old closed state learns of it by its own failure, or after freshFor', async () => {
    const here = world({ freshFor: '10s' });
    const [failing, waiting] = [here.isolate(), here.isolate()];
    await Promise.all([failing.call(), waiting.call()]);
    await open(here);
    expect(await failing.call(fail)).toBe('OUTBOUND_FAILED');
    expect(await failing.call()).toBe('OUTBOUND_OPEN');
    expect(await waiting.call()).toBe('done');
    await here.elapse(10_000);
    expect(await waiting.call()).toBe('OUTBOUND_OPEN');
  });

  test('calls that began earlier do not keep it open longer', async () => {
    const here = world({ threshold: 1, openFor: '30s' });
    const late = await standing(here);
    await open(here, 1);
    await here.elapse(20_000);
    late.end('fail');
    await late.outcome;
    await here.elapse(10_100);
    expect(await here.isolate().call()).toBe('done');
  });

  test('an answer from before the opening does not make it closed for the isolate', async () => {
    const here = world({ freshFor: '10s' });
    const asked = barrier();
    const answer = barrier();
    let hold = false;
    const one = here.isolate({
      async fetch(input, init) {
        const response = await fetch(input, init);
        if (hold) {
          hold = false;
          asked.resolve();
          await answer.promise;
        }
        return response;
      },
    });
    await one.call();
    const failing = barrier();
    const calls = Array.from({ length: 3 }, () => one.call(() => failing.promise.then(fail)));
    await here.elapse(10_000);
    hold = true;
    const asking = one.call();
    await asked.promise;
    failing.resolve();
    await Promise.all(calls);
    answer.resolve();
    expect(await asking).toBe('done');
    expect(await one.call()).toBe('OUTBOUND_OPEN');
  });
});

describe('half-open', () => {
  test('one of 50 isolates probes; when it succeeds, all call again', async () => {
    const here = world({ openFor: '30s' });
    await open(here);
    await here.elapse(30_100);
    const done = barrier();
    let probes = 0;
    const isolates = Array.from({ length: 50 }, () => here.isolate());
    const calls = isolates.map((each) =>
      each.call(async () => {
        probes += 1;
        await done.promise;
        return 'probed';
      }),
    );
    let refused = 0;
    for (const call of calls) call.then((outcome) => (refused += outcome === 'OUTBOUND_OPEN' ? 1 : 0));
    while (refused < 49) await new Promise((resolve) => setImmediate(resolve));
    expect(probes).toBe(1);
    done.resolve();
    expect((await Promise.all(calls)).filter((outcome) => outcome === 'probed')).toHaveLength(1);
    expect(isolates.map(({ meter }) => meter.requests).sort()).toEqual([...Array<number>(49).fill(1), 2]);
    await here.elapse(1_000);
    expect(await Promise.all(isolates.map((each) => each.call()))).toEqual(Array(50).fill('done'));
  });

  test('one of many calls in an isolate probes', async () => {
    const here = world({ openFor: '30s' });
    const one = here.isolate();
    for (let failure = 0; failure < 3; failure += 1) await one.call(fail);
    await here.elapse(30_100);
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => one.call()));
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
  });

  test('a failed probe opens it again for the whole time', async () => {
    const here = world({ openFor: '30s' });
    await open(here);
    await here.elapse(30_100);
    const one = here.isolate();
    expect(await one.call(fail)).toBe('OUTBOUND_FAILED');
    expect(await one.call()).toBe('OUTBOUND_OPEN');
    await here.elapse(29_000);
    expect(await here.isolate().call()).toBe('OUTBOUND_OPEN');
    await here.elapse(1_100);
    expect(await here.isolate().call()).toBe('done');
  });

  test('when the prober dies, another isolate probes exactly after its lease', async () => {
    const here = world({ openFor: '30s', probeLease: '15s' });
    await open(here);
    await here.elapse(30_100);
    await standing(here);
    expect(await here.isolate().call()).toBe('OUTBOUND_OPEN');
    await here.elapse(14_000);
    expect(await here.isolate().call()).toBe('OUTBOUND_OPEN');
    await here.elapse(1_100);
    expect(await here.isolate().call()).toBe('done');
    expect(await here.state()).toMatchObject({ closed: expect.anything() });
  });

  test.each(['ok', 'fail'] as const)('the late report (%s) of an older probe changes nothing', async (how) => {
    const here = world({ openFor: '30s', probeLease: '15s' });
    await open(here);
    await here.elapse(30_100);
    const old = await standing(here);
    await here.elapse(15_100);
    const current = await standing(here);
    const before = await here.state();
    old.end(how);
    await old.outcome;
    expect(await here.state()).toEqual(before);
    // The old report also changes nothing once the circuit is closed.
    current.end('ok');
    await current.outcome;
    const closed = await here.state();
    expect(Object.keys(closed)).toEqual(['closed']);
  });

  test('the late failure of an older probe does not count when the circuit is closed again', async () => {
    const here = world({ threshold: 1, openFor: '30s', probeLease: '15s' });
    await open(here, 1);
    await here.elapse(30_100);
    const old = await standing(here);
    await here.elapse(15_100);
    expect(await here.isolate().call()).toBe('done');
    old.end('fail');
    await old.outcome;
    expect(await here.isolate().call()).toBe('done');
  });

  test('the late failure of a call from before the circuit was closed does not count', async () => {
    const here = world({ threshold: 1, openFor: '30s' });
    const late = await standing(here);
    await open(here, 1);
    await here.elapse(30_100);
    expect(await here.isolate().call()).toBe('done');
    await here.elapse(100);
    late.end('fail');
    await late.outcome;
    expect(await here.isolate().call()).toBe('done');
    expect(await here.isolate().call(fail)).toBe('OUTBOUND_FAILED');
    expect(await here.isolate().call()).toBe('OUTBOUND_OPEN');
  });

  test('a report that arrives twice counts once', async () => {
    const here = world({ openFor: '30s' });
    await open(here);
    await here.elapse(30_100);
    const bodies: string[] = [];
    const twice: typeof fetch = async (input, init) => {
      bodies.push(String(init?.body));
      await fetch(input, init);
      return fetch(input, init);
    };
    expect(await here.isolate({ fetch: twice }).call()).toBe('done');
    expect(bodies).toHaveLength(2);
    expect(Object.keys(await here.state())).toEqual(['closed']);
  });
});

test('Redis deletes a circuit an hour after its last change', async () => {
  const here = world();
  await open(here, 1);
  expect(await here.redis.pttl(here.key)).toBeGreaterThan(3_590_000);
  expect(await here.redis.pttl(here.key)).toBeLessThanOrEqual(3_600_000);
  const services = { redis: here.redis, memory: createCircuitMemory() } as Parameters<typeof createCircuit>[0];
  expect(() => createCircuit(services, { name: 'long', openFor: '1h' })).toThrow(TypeError);
});

test('a healthy circuit has no data in Redis', async () => {
  const here = world();
  await here.isolate().call(ok);
  expect(await here.redis.exists(here.key)).toBe(0);
});
