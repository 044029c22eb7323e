/**
 * Only a final answer is stored. After a temporary refusal or a failure the key stays free, but no write happens twice:
 * even if the answer to COMMIT was lost, a repeat gets the first result.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { createJobs, createSchedules, platformSchedules } from '../../../src/platform/jobs/index.ts';
import { forgetCalls } from '../../../src/platform/outbox/index.ts';
import { costOf } from '../../support/app.ts';
import { post, rememberedInPostgres, rememberedInRedis } from '../../support/idempotent.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';
import { describedOperations, type Operation, smallestBody } from '../http/described-api.ts';

const { url: database } = inject('cloud').postgres;
let tenant: OwnTenant;
let one: Instance;
let two: Instance;
beforeAll(async () => {
  tenant = await createTenant(database);
  const schedules = createSchedules(platformSchedules(createJobs([])));
  const options = { tenant, schedules, environment: { OPERATOR_TENANT: tenant.id } };
  [one, two] = await Promise.all([createInstance(options), createInstance(options)]);
  await Promise.all([one, two].map((each) => each.request('/deals')));
});
beforeEach(() => {
  for (const each of [one, two]) each.redis.faults = {};
});
afterAll(() => Promise.all([one.close(), two.close()]));

const replayed = (response: Response) => response.headers.get('idempotency-replayed');
const codeOf = async (response: Response) => ((await response.json()) as { code: string }).code;
const addCompany = (id: string) =>
  sql(database, `INSERT INTO companies (tenant_id, id, name, updated_at) VALUES ($1, $2, $2, now())`, [tenant.id, id]);
const dealsNamed = (title: string) =>
  sql<{ id: string }>(database, 'SELECT id FROM deals WHERE tenant_id = $1 AND title = $2', [tenant.id, title]);

describe('1/M4 an answer', () => {
  test('409 is not final: the request may be repeated with its key once the reference exists', async () => {
    const json = { title: 'Refers', value: 1, companyId: 'comp_later' };
    const refused = await post(one, 'reference', '/deals', { json });
    expect([refused.status, await codeOf(refused)]).toEqual([409, 'NO_SUCH_REFERENCE']);
    const still = await post(one, 'reference', '/deals', { json });
    expect([still.status, replayed(still)]).toEqual([409, null]);
    await addCompany('comp_later');
    const made = await post(two, 'reference', '/deals', { json });
    expect([made.status, replayed(made)]).toEqual([201, null]);
    expect(await dealsNamed('Refers')).toHaveLength(1);
  });

  test('409 because of a concurrent change is not final: a retry with its key writes', async () => {
    const json = { title: 'Conflict', value: 1 };
    one.postgres.commitFault = 'conflict';
    const refused = await post(one, 'conflict', '/deals', { json });
    expect([refused.status, await codeOf(refused)]).toEqual([409, 'CONFLICT']);
    const made = await post(one, 'conflict', '/deals', { json });
    expect([made.status, replayed(made)]).toEqual([201, null]);
    expect(await dealsNamed('Conflict')).toHaveLength(1);
  });

  test('404 is not final', async () => {
    const first = await post(one, 'missing', '/jobs/job_none/retry');
    const again = await post(one, 'missing', '/jobs/job_none/retry');
    expect([first.status, again.status, replayed(again)]).toEqual([404, 404, null]);
  });

  test.each([
    ['400', { title: '' }, 400],
    ['201', { title: 'Final', value: 1 }, 201],
  ])('%s is final', async (key, json, status) => {
    const first = await post(one, key, '/deals', { json });
    const again = await post(two, key, '/deals', { json });
    expect([first.status, again.status, replayed(first), replayed(again)]).toEqual([status, status, null, 'true']);
  });

  test('503 because a strict write could not reach Redis is not final, and nothing was written', async () => {
    const strict = await createInstance({ tenant, environment: { WRITES_WHEN_REDIS_IS_DOWN: 'strict' } });
    strict.redis.faults.mark = 'unreachable';
    const json = { title: 'Strict', value: 1 };
    const refused = await post(strict, 'strict', '/deals', { json });
    expect([refused.status, await codeOf(refused)]).toEqual([503, 'COMMIT_REFUSED']);
    strict.redis.faults = {};
    expect((await post(strict, 'strict', '/deals', { json })).status).toBe(201);
    expect(await dealsNamed('Strict')).toHaveLength(1);
    await strict.close();
  });
});

describe('1/M4 COMMIT', () => {
  test('was executed and its answer lost: the repeat gets the first result, on another instance too', async () => {
    const json = { title: 'Committed', value: 7 };
    one.postgres.commitFault = 'cut-after';
    const lost = await post(one, 'committed', '/deals', { json });
    expect([lost.status, await codeOf(lost)]).toEqual([503, 'DATABASE_UNAVAILABLE']);
    const [row] = await dealsNamed('Committed');
    const repeat = await post(two, 'committed', '/deals', { json });
    expect([repeat.status, replayed(repeat), repeat.headers.get('location')]).toEqual([
      201,
      'true',
      `/deals/${row?.id}`,
    ]);
    expect(await repeat.clone().json()).toMatchObject({ id: row?.id, title: 'Committed', value: '7.00' });
    expect(await dealsNamed('Committed')).toHaveLength(1);
    // From here on Redis has the answer.
    const third = await post(one, 'committed', '/deals', { json });
    expect(await third.json()).toEqual(await repeat.json());
    expect(costOf(third)).toMatchObject({ db: '0 queries' });
  });

  test('was executed and its answer lost: another request with the key is refused, the right one is answered', async () => {
    one.postgres.commitFault = 'cut-after';
    await post(one, 'other', '/deals', { json: { title: 'Right', value: 1 } });
    const other = await post(one, 'other', '/deals', { json: { title: 'Wrong', value: 1 } });
    expect([other.status, await codeOf(other)]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    expect(await dealsNamed('Wrong')).toEqual([]);
    expect((await post(one, 'other', '/deals', { json: { title: 'Right', value: 1 } })).status).toBe(201);
    expect(await dealsNamed('Right')).toHaveLength(1);
  });

  test('was not executed: the repeat writes', async () => {
    const json = { title: 'Rolled back', value: 1 };
    one.postgres.commitFault = 'cut-before';
    expect((await post(one, 'rolled-back', '/deals', { json })).status).toBe(503);
    expect(await dealsNamed('Rolled back')).toEqual([]);
    const repeat = await post(one, 'rolled-back', '/deals', { json });
    expect([repeat.status, replayed(repeat)]).toEqual([201, null]);
    expect(await dealsNamed('Rolled back')).toHaveLength(1);
  });

  test('is found although Redis has lost the call', async () => {
    const json = { title: 'Forgotten', value: 1 };
    const first = await post(one, 'forgotten', '/deals', { json });
    const scope = one.platform.scope();
    for (const name of Object.keys(await rememberedInRedis(one, tenant))) await scope.redis.del(name);
    await scope.end();
    const repeat = await post(two, 'forgotten', '/deals', { json });
    expect(await repeat.json()).toEqual(await first.json());
    expect([replayed(repeat), await dealsNamed('Forgotten')]).toEqual(['true', [expect.anything()]]);
  });

  test('was executed, its mark and its answer lost: the write is visible once the repeat is acknowledged', async () => {
    // A tenant of its own: marks of other tests would make its reads bypass the cache.
    const { keys } = await createTenant(database);
    const key = keys.all;
    const list = () => two.request('/deals?limit=1', { key });
    await list();
    expect((await list()).headers.get('x-cache')).toBe('HIT');
    one.redis.faults.mark = 'unreachable';
    one.postgres.commitFault = 'cut-after';
    const init = { json: { title: 'Seen', value: 1 }, key };
    expect((await post(one, 'seen', '/deals', init)).status).toBe(503);
    one.redis.faults = {};
    expect((await post(one, 'seen', '/deals', init)).status).toBe(201);
    const { items } = (await (await list()).json()) as { items: { title: string }[] };
    expect(items).toMatchObject([{ title: 'Seen' }]);
  });

  test('of one of two simultaneous calls with one key waits for the other and then gives its result', async () => {
    const json = { title: 'Overtaken', value: 1 };
    const held = Promise.withResolvers<void>();
    const reached = one.redis.reached('mark');
    one.redis.faults.mark = { before: held.promise };
    const first = post(one, 'overtaken', '/deals', { json });
    await reached;
    // The lease of the first call ends during its transaction.
    const scope = two.platform.scope();
    for (const [name, value] of Object.entries(await rememberedInRedis(two, tenant))) {
      if (value.startsWith('r ')) await scope.redis.del(name);
    }
    await scope.end();
    two.postgres.statements.length = 0;
    const second = post(two, 'overtaken', '/deals', { json });
    // The embedded server runs one transaction at a time, so the second call may only reach its BEGIN.
    await expect.poll(() => two.postgres.statements.length).toBeGreaterThan(0);
    held.resolve();
    const [answer, other] = await Promise.all([first, second]);
    expect([answer.status, other.status, replayed(other)]).toEqual([201, 201, 'true']);
    expect(await other.json()).toEqual(await answer.json());
    expect(await dealsNamed('Overtaken')).toHaveLength(1);
  });
});

describe('1/M4 a request that commits more than once', () => {
  test('continues where the first call stopped: each commit is made once, in its order', async () => {
    const made: string[] = [];
    const scope = one.platform.scope();
    const call = (fingerprint = 'same') => ({
      ...{ caller: 'key:test', key: 'twice', fingerprints: [fingerprint] as [string], sealer: scope.authSealer },
      ...{ begun: 0, repeated: false },
    });
    const run = async (fail: boolean, fingerprint?: string) => {
      const services = one.platform.scope();
      const own = services.tenant(tenant.id);
      const { commit } = own;
      own.call = call(fingerprint);
      try {
        const first = await commit(async () => {
          made.push('first');
          return { at: new Date(0) };
        });
        if (fail) throw new Error('stopped in between');
        const second = await commit(async () => {
          made.push('second');
          return 'second';
        });
        return [first, second, own.call.repeated];
      } finally {
        await services.end();
      }
    };
    await expect(run(true)).rejects.toThrow('stopped in between');
    expect(await run(false)).toEqual([{ at: new Date(0) }, 'second', true]);
    expect(await run(false)).toEqual([{ at: new Date(0) }, 'second', true]);
    expect(made).toEqual(['first', 'second']);
    await expect(run(false, 'other')).rejects.toMatchObject({ code: 'CALL_MISMATCH' });
    await scope.end();
  });
});

describe('1/M4 the key', () => {
  test('costs nothing if it is not sent, otherwise two requests and two statements', async () => {
    const add = async (key: string | null) => {
      const init = { json: { title: 'Costs', value: 1 } };
      const before = one.redis.asked.length;
      const response = await (key === null
        ? one.request('/deals', { method: 'POST', ...init })
        : post(one, key, '/deals', init));
      const { db = '' } = costOf(response);
      // The events of the deal are published after the answer, in one request.
      const asked = one.redis.asked.slice(before);
      const published = asked.filter((steps) => steps.includes('publish'));
      expect(published).toHaveLength(1);
      return { redis: asked.filter((steps) => !published.includes(steps)), queries: Number.parseInt(db, 10) };
    };
    // Events that are not published stay in the outbox. So no statement deletes them while a request is still counted.
    one.redis.faults.publish = '503';
    // The first call of each kind loads scripts and statements into the servers.
    await add('warm');
    const [plain, keyed] = [await add(null), await add('counted')];
    one.redis.faults = {};
    await sql(database, `DELETE FROM outbox WHERE tenant_id = $1 AND kind IN ('feed', 'event')`, [tenant.id]);
    expect(plain.redis).toEqual([['lookup', 'limit', 'limit'], ['mark'], ['settle']]);
    expect(keyed.redis).toEqual([
      ['lookup', 'limit', 'limit'],
      [expect.any(String)],
      ['mark'],
      ['settle'],
      [expect.any(String)],
    ]);
    // After the failed publication, 1 statement keeps the invalidation. It counts in an answer that is not sent yet.
    expect([2, 3]).toContain(keyed.queries - plain.queries);
  });

  test('is deleted with its commits after two days', async () => {
    await post(one, 'old', '/deals', { json: { title: 'Old', value: 1 } });
    const before = await rememberedInPostgres(database, tenant);
    await sql(
      database,
      `UPDATE idempotent_commits SET committed_at = committed_at - interval '49 hours' WHERE tenant_id = $1 AND committed_at = $2`,
      [tenant.id, before.at(-1)?.committed_at],
    );
    const scope = one.platform.scope();
    expect(await forgetCalls(scope.store, Date.now())).toBeGreaterThanOrEqual(1);
    await scope.end();
    expect(await rememberedInPostgres(database, tenant)).toHaveLength(before.length - 1);
  });
});

/** The bodies of operations that take a key and have no JSON body. */
const SENT: Record<string, RequestInit> = {
  'POST /exports/contacts': {},
  'POST /exports/companies': {},
  'POST /exports/deals': {},
  'POST /exports/tasks': {},
  'POST /imports/contacts': { body: 'name\nAda\n', headers: { 'content-type': 'text/csv' } },
  'POST /imports/companies': { body: 'company\nEngines\n', headers: { 'content-type': 'text/csv' } },
  'POST /imports/deals': { body: 'title\nAn engine\n', headers: { 'content-type': 'text/csv' } },
};
/**
 * Operations that add no row to a table of the tenant. Some start a job, as a schedule's run that is tested below; the
 * others change jobs in Redis only, rows of the service, or a row that exists.
 */
const OTHERWISE = new Set([
  'POST /schedules/{name}/run',
  'POST /alerts/silences',
  'POST /alerts/test',
  'POST /imports/{id}/start',
  'POST /imports/{id}/cancel',
  'POST /imports/{id}/undo',
  'POST /jobs/{id}/retry',
  'POST /jobs/{id}/replay',
  'POST /webhooks/{id}/deliveries/{deliveryId}/replay',
  'POST /webhooks/{id}/rotate-secret',
  'POST /streams/{stream}/groups/{group}/rebuild',
  'POST /streams/{stream}/groups/{group}/replay',
]);

describe('1/M4 every operation that takes a key', () => {
  /** The table of the imports or exports of a kind. */
  const tableOf = (path: string) => /^\/(imports|exports)\//.exec(path)?.[1];

  function requestOf({ name, body }: Operation): NonNullable<Parameters<Instance['request']>[1]> {
    if (SENT[name]) return SENT[name];
    const examples: Record<string, unknown> = { email: 'ada@people.example', url: 'https://hooks.example.com/crm' };
    const json = smallestBody(body ?? {});
    for (const [field, value] of Object.entries(examples)) if (field in json) json[field] = value;
    return { json };
  }

  test('gives the repeat the row of the lost COMMIT, and writes it once', async () => {
    const operations = (await describedOperations(one)).filter(
      ({ name, path, parameters }) =>
        parameters.some((each) => each.name === 'Idempotency-Key') &&
        !OTHERWISE.has(name) &&
        // The care area is for people: test/platform/care/lost-commit.test.ts.
        !path.startsWith('/care/'),
    );
    expect(operations.length).toBeGreaterThanOrEqual(9);
    for (const operation of operations) {
      const { name, path } = operation;
      const init = requestOf(operation);
      const key = `walk:${path}`;
      one.postgres.commitFault = 'cut-after';
      const lost = await post(one, key, path, { ...init, headers: { ...init.headers } });
      expect(lost.status, `${name}: ${await lost.text()}`).toBe(503);
      const repeat = await post(two, key, path, { ...init, headers: { ...init.headers } });
      const answer = (await repeat.json()) as { location?: string; id?: string };
      const location = repeat.headers.get('location') ?? answer.location ?? '';
      expect([repeat.headers.get('idempotency-replayed'), location], name).toEqual([
        'true',
        expect.stringMatching(/^\//),
      ]);
      const [, collection = '', id] = location.split('/');
      const table = tableOf(path) ?? collection.replace('-', '_');
      const rows = await sql<{ id: string }>(database, `SELECT id FROM ${table} WHERE tenant_id = $1 AND id = $2`, [
        tenant.id,
        id,
      ]);
      expect(rows, `${name} answers ${location}`).toHaveLength(1);
    }
  });

  test('runs a schedule by one job, whose id the repeat gets', async () => {
    const run = (instance: Instance) => post(instance, 'run', '/schedules/outbox.drain/run');
    one.postgres.commitFault = 'cut-after';
    expect((await run(one)).status).toBe(503);
    const repeat = await run(two);
    const { jobId } = (await repeat.json()) as { jobId: string };
    const outboxRows = await sql<{ payload: unknown }>(
      database,
      `SELECT payload FROM outbox WHERE tenant_id = $1 AND kind = 'job' AND payload::text LIKE '%outbox.drain%'`,
      [tenant.id],
    );
    expect([repeat.status, outboxRows.length, JSON.stringify(outboxRows)]).toEqual([
      202,
      1,
      expect.stringContaining(jobId),
    ]);
  });
});
