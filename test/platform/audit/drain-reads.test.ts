/** The drain of audited reads: each read has one entry after any order of drains, crashes, lost answers and reads. */

import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { drainReads } from '../../../src/platform/audit/index.ts';
import { readLogKey, readLogsKey } from '../../../src/platform/read-log/index.ts';
import { cloudRedis } from '../../support/admin-redis.ts';
import { createInstance, type Instance } from '../../support/instance.ts';
import { createTenant, type OwnTenant, sql } from '../../support/tenant.ts';

let instance: Instance;
let tenant: OwnTenant;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
  instance = await createInstance({ tenant });
});
afterAll(() => instance.close());

async function drain(limit: number): Promise<number> {
  const scope = instance.platform.scope();
  try {
    return await drainReads(scope, tenant.id, limit);
  } finally {
    await scope.end();
  }
}

/** A request, and the outcomes that its entries may have. */
interface Asked {
  id: string;
  outcomes: readonly string[];
}
const shown = ['ok'];
const refused = ['refused'];

/** Reads a user who exists, or one who does not. A drain beside a refused read may take its first entry. */
async function read(exists: boolean): Promise<Asked> {
  const answer = await instance.request(`/users/${exists ? tenant.userId : 'user_none'}`);
  expect(answer.status).toBe(exists ? 200 : 404);
  return { id: answer.headers.get('x-request-id') ?? '', outcomes: exists ? shown : refused };
}

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('read' as const), exists: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('drain' as const), limit: fc.integer({ min: 1, max: 4 }) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('two drains' as const), limit: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain that dies after the insert' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain whose removal is not confirmed' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain without the database' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('drain beside a read' as const), exists: fc.boolean() }) },
);

test('each read and each refusal has its entry exactly once after any order of steps', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
      const asked: Asked[] = [];
      /** Refusals beside a drain, which may have two entries. */
      const beside = new Set<string>();
      for (const each of steps) {
        switch (each.kind) {
          case 'read':
            asked.push(await read(each.exists));
            break;
          case 'drain':
            await drain(each.limit);
            break;
          case 'two drains':
            await Promise.all([drain(each.limit), drain(4)]);
            break;
          case 'drain that dies after the insert':
            await failing('unreachable');
            break;
          case 'drain whose removal is not confirmed':
            await failing('answer-lost');
            break;
          case 'drain without the database':
            instance.postgres.cutsBefore = (text) => text.includes('INSERT INTO audit_entries');
            await drain(4).catch(() => undefined);
            instance.postgres.cutsBefore = undefined;
            break;
          case 'drain beside a read':
            {
              const [one] = await Promise.all([read(each.exists), drain(4)]);
              asked.push(one);
              if (!each.exists) beside.add(one.id);
            }
            break;
        }
      }
      while ((await drain(500)) > 0);
      const rows = await sql<{ id: string; outcome: string }>(
        inject('cloud').postgres.url,
        'SELECT request_id AS id, outcome FROM audit_entries WHERE tenant_id = $1 AND request_id = ANY ($2) ORDER BY id',
        [tenant.id, asked.map(({ id }) => id)],
      );
      const outcomesOf = (id: string) => rows.filter((row) => row.id === id).map(({ outcome }) => outcome);
      const exact = asked.filter(({ id }) => !beside.has(id));
      expect(exact.map(({ id }) => outcomesOf(id))).toEqual(exact.map(({ outcomes }) => outcomes));
      for (const id of beside) expect([['refused'], ['ok', 'refused']]).toContainEqual(outcomesOf(id).sort());
      const { redis } = instance.platform.scope();
      expect(await redis.exists(readLogKey(tenant.id))).toBe(0);
      expect(await cloudRedis().sismember(readLogsKey(), tenant.id)).toBe(0);
    }),
    { numRuns: 25 },
  );
});

test('an entry that this release cannot read, or the database could not store, becomes an entry with its text', async () => {
  const scope = instance.platform.scope();
  const good = {
    ...{
      action: 'user.read',
      outcome: 'ok',
      entity: { type: 'user', id: 'user_good' },
      requestId: 'request_good',
      at: 1,
    },
    actor: { type: 'machine', id: 'key_good' },
  };
  const texts = [
    'no JSON',
    JSON.stringify({ ...good, at: -1 }),
    JSON.stringify({ ...good, at: 2 ** 48 }),
    JSON.stringify({ ...good, outcome: 'later' }),
    JSON.stringify({ ...good, actor: { id: 'no type' } }),
    JSON.stringify({ ...good, purpose: {} }),
    JSON.stringify({ ...good, data: { text: '\0' } }),
    JSON.stringify({ ...good, data: { text: '\ud800' } }),
    JSON.stringify(good),
  ];
  for (const text of texts) await scope.redis.exec(['XADD', readLogKey(tenant.id), '*', 'read', text]);
  expect([await drain(500), await drain(500)]).toEqual([texts.length, 0]);
  const rows = await sql<{ action: string; data: { read?: string } }>(
    inject('cloud').postgres.url,
    `SELECT action, data FROM audit_entries WHERE tenant_id = $1 AND (action = 'read.unreadable' OR request_id = $2)`,
    [tenant.id, 'request_good'],
  );
  await scope.end();
  const texted = rows.map(({ action, data }) =>
    action === 'user.read' ? action : Buffer.from(data.read ?? '', 'base64').toString(),
  );
  expect(texted.sort()).toEqual([...texts.slice(0, -1), 'user.read'].sort());
});

/** A drain whose removal from the log fails after the insert. */
async function failing(fault: 'unreachable' | 'answer-lost'): Promise<void> {
  instance.redis.faults.log = fault;
  await drain(4).catch(() => undefined);
  delete instance.redis.faults.log;
}
