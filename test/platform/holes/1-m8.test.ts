/**
 * Every status that an operation answers is in its description. Each operation is called in each situation with a
 * status of its own; in addition, every app of the suites checks each of its answers against the document (see
 * `test/support/described-statuses.ts`), including the faults and fuzz tests of all suites.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createTestApp } from '../../support/app.ts';
import { checkDescribed } from '../../support/described-statuses.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';
import { describedOperations, type Operation, smallestBody } from '../http/described-api.ts';

// Each test makes many requests, and the machine may be slow.

const { url: database } = inject('cloud').postgres;
/** An address without a server. */
const NOWHERE = '127.0.0.1:9';
let tenant: OwnTenant;
let app: Instance;
let operations: Operation[];
const instances: Instance[] = [];
async function start(environment: Record<string, string> = {}): Promise<Instance> {
  const instance = await createInstance({ tenant, environment: { OPERATOR_TENANT: tenant.id, ...environment } });
  instances.push(instance);
  return instance;
}
beforeAll(async () => {
  tenant = await createTenant(database);
  app = await start();
  operations = await describedOperations(app);
});
afterAll(() => Promise.all(instances.map((each) => each.close())));

type Init = NonNullable<Parameters<Instance['request']>[1]>;
/** The changes of a situation to a request. */
type Situation = (operation: Operation) => Init & { search?: string };

/** Calls every operation in a situation and returns the statuses by operation. */
async function walk(instance: Instance, situation: Situation = () => ({})): Promise<Map<string, number>> {
  const answered = new Map<string, number>();
  for (const operation of operations) {
    const { name, method, path, body, statuses } = operation;
    const { search = '', ...init } = situation(operation);
    const right = body === undefined || 'body' in init ? {} : { json: smallestBody(body) };
    const response = await instance.request(`${path.replace(/\{\w+\}/g, 'none')}${search}`, {
      method,
      ...right,
      ...init,
    });
    expect(statuses, `${name} → ${response.status} ${await response.text()}`).toContain(response.status);
    answered.set(name, response.status);
  }
  return answered;
}

const having = (answered: Map<string, number>, ...wanted: number[]) =>
  [...answered].filter(([, status]) => wanted.includes(status)).map(([name]) => name);
const guarded = () => operations.filter((each) => each.guarded).map(({ name }) => name);
const writes = () => operations.filter(({ method }) => method !== 'GET').map(({ name }) => name);
/** A session cookie of the right form. */
const cookie = `__Host-session=v1.${'acme'}.${'A'.repeat(22)}.${'A'.repeat(22)}.${'A'.repeat(43)}`;

describe('1/M8 every status is described', () => {
  test('of a valid request, and of one without credentials, without the right, or from another site', async () => {
    await walk(app);
    expect(having(await walk(app, () => ({ key: null })), 401)).toEqual(expect.arrayContaining(guarded()));
    await walk(app, () => ({ key: tenant.keys.readOnly }));
    await walk(app, () => ({ key: tenant.keys.revoked }));
    const elsewhere = { cookie, 'sec-fetch-site': 'cross-site', origin: 'https://elsewhere.example' };
    const refused = await walk(app, () => ({ key: null, headers: elsewhere }));
    expect(having(refused, 403)).toEqual(expect.arrayContaining(writes()));
  });

  test('of a body that is not JSON, of another type, too large, or with unknown fields', async () => {
    const json = { 'content-type': 'application/json' };
    const bodies: Record<string, Situation> = {
      'no JSON': () => ({ body: '{', headers: json }),
      'another type': () => ({ body: 'x', headers: { 'content-type': 'text/plain' } }),
      'unknown fields': () => ({ body: '{"no such field":1}', headers: json }),
    };
    const only =
      (situation: Situation): Situation =>
      (each) =>
        each.method === 'GET' ? {} : situation(each);
    for (const situation of Object.values(bodies)) await walk(app, only(situation));
    const large = { body: JSON.stringify({ name: 'x'.repeat(300_000) }), headers: json };
    // A body where none is expected is refused as well.
    const tooLarge = await walk(app, (each) => (each.method === 'GET' ? {} : large));
    // Imports take larger files.
    const larger = [
      ...['POST /imports/contacts', 'POST /imports/companies', 'POST /imports/deals'],
      'PUT /imports/{id}/parts/{part}',
    ];
    expect(having(tooLarge, 413)).toEqual(writes().filter((name) => !larger.includes(name)));
  });

  test('of invalid parameters, and of an invalid key', async () => {
    await walk(app, () => ({ search: '?limit=none&cursor=%00&nonsense=1' }));
    await walk(app, () => ({ headers: { 'idempotency-key': 'with space' } }));
    await walk(app, () => ({ headers: { 'idempotency-key': 'the same for all' } }));
  });

  test('of a caller over the rate limit', async () => {
    const small = await start({ API_RATE_PER_CALLER: '1' });
    await small.request('/deals');
    expect(having(await walk(small), 429)).toEqual(expect.arrayContaining(guarded()));
  });

  test('while Redis does not answer: 503 for sessions, and for operations on Redis itself', async () => {
    const apart = await start({ UPSTASH_REDIS_REST_URL: `http://${NOWHERE}` });
    await walk(apart);
    const answered = await walk(apart, () => ({ key: null, headers: { cookie, 'sec-fetch-site': 'same-origin' } }));
    // `GET /feeds` answers 200 and says when to come back, because an `EventSource` stops after any other status.
    const others = guarded().filter((name) => name !== 'GET /feeds');
    expect(having(answered, 503)).toEqual(expect.arrayContaining(others));
  });

  test('while PostgreSQL does not answer, and while neither server does', async () => {
    const url = new URL(database);
    url.host = NOWHERE;
    const apart = await createTestApp({ environment: { DATABASE_URL: url.href, OPERATOR_TENANT: tenant.id } });
    const request: Instance['request'] = (path, init = {}) => apart.request(path, { key: tenant.keys.all, ...init });
    const answered = await walk({ ...app, request });
    expect(having(answered, 503)).not.toEqual([]);
    await apart.close();
    const neither = await start({ UPSTASH_REDIS_REST_URL: `http://${NOWHERE}` });
    neither.postgres.cut();
    await neither.postgres.close();
    const alone = await walk(neither);
    expect(having(alone, 503)).toEqual(expect.arrayContaining(guarded()));
  });

  test.each(['cut-before', 'cut-after', 'conflict'] as const)('of a write whose COMMIT fails: %s', async (fault) => {
    const { id } = (await (await app.request('/companies', { method: 'POST', json: { name: 'Kelp' } })).json()) as {
      id: string;
    };
    const statuses = new Set<number>();
    for (const { name, method, path, body, statuses: described } of operations) {
      if (method === 'GET' || !/^\/(companies|deals|contacts|projects|tasks|webhooks|users)/.test(path)) continue;
      const json = body ? { json: smallestBody(body) } : {};
      app.postgres.commitFault = fault;
      const response = await app.request(path.replace(/\{\w+\}/g, id), { method, ...json });
      expect(described, `${name} → ${response.status}`).toContain(response.status);
      statuses.add(response.status);
    }
    app.postgres.commitFault = undefined;
    expect(statuses).toContain(fault === 'conflict' ? 409 : 503);
  });
});

describe('1/M8 the check that every app of the suites makes', () => {
  test('finds an undescribed status, and an undescribed media type', () => {
    const { app: hono } = createTestApp();
    const request = new Request('http://app.test/deals/deal_1');
    expect(() => checkDescribed(hono, request, new Response(null, { status: 418 }))).toThrow(
      'GET /deals/{id} answered 418',
    );
    const fault = (status: number, type: string) => new Response('{}', { status, headers: { 'content-type': type } });
    for (const status of [500, 503]) {
      expect(() => checkDescribed(hono, request, fault(status, 'application/problem+json'))).not.toThrow();
    }
    expect(() => checkDescribed(hono, request, fault(503, 'application/json'))).toThrow(
      'GET /deals/{id} answered 503 as application/json, but its description names application/problem+json',
    );
    // The path of the pipeline does not match that of a deal.
    const pipeline = new Request('http://app.test/deals/pipeline');
    expect(() => checkDescribed(hono, pipeline, new Response(null, { status: 404 }))).toThrow('GET /deals/pipeline');
  });
});
