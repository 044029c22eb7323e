/** The load of `npm run demo:load` on a Worker and on a Lambda: the console and the counters show exactly its requests. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { runLoad } from '../../dev/load/run.ts';
import { figuresBetween, readAnswers } from '../../dev/load/server-figures.ts';
import { createTally, exactQuantile, requestsIn, type Tally } from '../../dev/load/tally.ts';
import { type Send, signIn } from '../../dev/load/visitors.ts';
import { seededRandom } from '../../dev/random/seeded.ts';
import { createNodeFetch } from '../../src/platform/keep-alive-fetch.ts';
import { createBreaker, createRedisMeter, createTransport, RedisClient } from '../../src/platform/redis/index.ts';
import { realSystem } from '../../src/platform/system.ts';
import { startTestLambda } from '../support/lambda.ts';
import { addPerson, type Person } from '../support/people.ts';
import { startRest, TOKEN } from '../support/rest.ts';
import { createTenant, type OwnTenant } from '../support/tenant.ts';
import { startTestWorker } from '../support/worker.ts';

const APP_URL = 'http://app.test';
const HOSTS = { Worker: startTestWorker, Lambda: startLambda } as const;
type Variables = Record<string, string>;

function startLambda(cloud: Parameters<typeof startTestWorker>[0], variables: Variables) {
  return startTestLambda(cloud, { variables });
}

let tenant: OwnTenant;
let person: Person;
beforeAll(async () => {
  const { postgres } = inject('cloud');
  tenant = await createTenant(postgres.url);
  person = await addPerson(postgres.url, tenant.id, { role: 'owner' });
});

/**
 * Sends the next request when few others are open, and not at its time. On a slow machine a value that 60 requests load
 * at once may take longer than a request waits for it.
 */
function fewAtOnce() {
  const waiting: (() => void)[] = [];
  let open = 0;
  return {
    async wait(): Promise<void> {
      open += 1;
      if (open > 4) await new Promise<void>((go) => waiting.push(go));
    },
    onProgress(): void {
      open -= 1;
      waiting.shift()?.();
    },
  };
}

describe.each(Object.entries(HOSTS))('%s', (_name, start) => {
  let redis: Awaited<ReturnType<typeof startRest>>;
  let host: { fetch: Send; lines: readonly string[]; close(): Promise<void> };
  let own: RedisClient;
  let tally: Tally;
  let visitor: Awaited<ReturnType<typeof signIn>>;
  let nothing: Awaited<ReturnType<typeof readAnswers>>;
  beforeAll(async () => {
    redis = await startRest();
    const cloud = { ...inject('cloud'), redisRest: { url: redis.rest.url, token: TOKEN } };
    host = await start(cloud, {
      ...{ APP_URL, OPERATOR_TENANT: tenant.id, COUNTERS_FLUSH_MS: '0' },
      // A slow machine needs more than the usual time for an answer.
      ...{ REDIS_TIMEOUT_MS: '30000', DATABASE_CONNECT_TIMEOUT_MS: '30000' },
    });
    const { now } = realSystem;
    const services = { meter: createRedisMeter(), breaker: createBreaker({ now }), now, timeout: 30_000 };
    own = new RedisClient(
      createTransport({ ...services, url: redis.rest.url, token: TOKEN, fetch: createNodeFetch() }),
    );
    nothing = await readAnswers({ redis: own, system: realSystem });
    tally = createTally(() => performance.now());
    const headers = { authorization: `Bearer ${tenant.keys.all}`, 'content-type': 'application/json' };
    const add = async (path: string, body: object): Promise<void> => {
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      const answer = await tally.counted(`POST ${path}`, () => host.fetch(path, init));
      expect(answer.status).toBe(201);
    };
    for (const n of [1, 2, 3]) {
      await add('/companies', { name: `Company ${n}` });
      await add('/contacts', { name: `Ada Lovelace ${n}`, email: `ada${n}@contacts.example` });
      await add('/deals', { title: `Deal ${n}`, value: '1' });
    }
    const { email, password } = person;
    visitor = await signIn({ send: host.fetch, origin: APP_URL, tally }, { email, password });
  });
  afterAll(async () => {
    await host.close();
    await redis.close();
  });

  test('one further request after the load, the counters and the Overview have each of its requests', async () => {
    const load = { users: 300, minutes: 1, pace: 60 };
    const result = await runLoad(load, {
      ...{ visitors: [visitor], tally, random: seededRandom(1), now: () => performance.now() },
      ...fewAtOnce(),
    });
    expect(result.late).toBe(0);
    const page = await visitor.send('/console?window=1h', { method: 'GET' });
    const text = (await page.text()).replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');

    const figures = figuresBetween(nothing, await readAnswers({ redis: own, system: realSystem }), tally.routes.keys());
    const sent = new Map([...tally.routes].map(([route, each]) => [route, requestsIn([each])]));
    expect(figures.requests).toEqual(sent);
    const requests = requestsIn(tally.routes.values());
    expect(requests).toBe(9 + 4 + load.users);
    expect([...tally.routes.values()].map(({ statuses }) => Object.keys(statuses))).toEqual(
      [...tally.routes].map(() => ['2xx']),
    );
    expect(text).toContain(`${requests} in the last hour`);

    const times = host.lines.flatMap((line) => {
      const { event, path = '', ms } = JSON.parse(line) as { event: string; path?: string; ms: number };
      return event === 'request' && !path.startsWith('/console') ? [ms] : [];
    });
    expect(times).toHaveLength(requests);
    for (const share of [0.5, 0.95, 0.99]) {
      const exact = exactQuantile(times, share) ?? 0;
      const shown = figures.times.quantile(share) ?? 0;
      // Times are whole milliseconds, and times of 0 ms count as 0.23 ms.
      expect(Math.abs(shown - exact), `p${share * 100}: ${shown}, exactly ${exact}`).toBeLessThan(
        Math.max(0.25, exact * 0.1),
      );
    }
  });
});
