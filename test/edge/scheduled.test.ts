/** The scheduled function drains the outbox entries of a crashed writer and the log of audited reads, on every platform. */
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { demoKeys } from '../../prisma/demo.ts';
import { type HostName, hostNames, startHosts } from '../support/hosts.ts';
import { addPerson } from '../support/people.ts';

let hosts: Awaited<ReturnType<typeof startHosts>>;
let database: pg.Client;
beforeAll(async () => {
  hosts = await startHosts();
  database = new pg.Client({ connectionString: inject('cloud').postgres.url });
  await database.connect();
});
afterAll(async () => {
  await database.end();
  await Promise.all(hostNames.map((name) => hosts[name].close()));
});

const now = Date.now();

/** Adds the outbox row that a writer leaves behind when it dies after its commit. */
async function addEntry(id: string, dueAt: Date) {
  const payload = JSON.stringify({ writer: 'gone', tags: ['deals'] });
  await database.query('INSERT INTO outbox (id, tenant_id, kind, payload, due_at) VALUES ($1, $2, $3, $4, $5)', [
    id,
    'globex',
    'invalidate',
    payload,
    dueAt,
  ]);
}

async function isInOutbox(id: string): Promise<boolean> {
  return (await database.query("SELECT 1 FROM outbox WHERE id = $1 AND kind = 'invalidate'", [id])).rowCount === 1;
}

test.each(hostNames)(
  'on %s a tick handles an overdue outbox entry and leaves one that is not due',
  async (name: HostName) => {
    const read = () => hosts[name].send({ path: '/deals/pipeline', key: demoKeys.globex });
    await read();
    expect((await read()).cache).toBe('HIT');
    const overdue = `out_overdue_${name}`;
    const fresh = `out_fresh_${name}`;
    await addEntry(overdue, new Date(now - 60_000));
    await addEntry(fresh, new Date(now + 3_600_000));
    try {
      await hosts[name].scheduled(now);
      expect({ overdue: await isInOutbox(overdue), fresh: await isInOutbox(fresh) }).toEqual({
        overdue: false,
        fresh: true,
      });
      expect((await read()).cache).toBe('MISS');
      expect((await read()).cache).toBe('HIT');
    } finally {
      await database.query('DELETE FROM outbox WHERE id = ANY($1)', [[overdue, fresh]]);
    }
  },
);

test.each(hostNames)('on %s a user is shown in one request, and a tick makes the entry of the caller', async (name) => {
  const host = hosts[name];
  const { email, password } = await addPerson(inject('cloud').postgres.url, 'acme');
  const json = { email, password };
  const signedIn = await host.send({ path: '/auth/sign-in', method: 'POST', key: null, json });
  const headers = { cookie: /^[^;]+/.exec(signedIn.headers.get('set-cookie') ?? '')?.[0] ?? '' };
  const session = await host.send({ path: '/auth/session', key: null, headers });
  const { userId } = session.body as { userId: string };
  const path = `/users/${userId}`;
  await host.send({ path, key: null, headers });
  const { status, cost, headers: answered } = await host.send({ path, key: null, headers });
  expect([status, cost]).toEqual([200, { redis: '1 request, 4 commands', db: '0 queries' }]);
  // The Node host of the tests has only the schedules of the platform.
  await (name === 'node' ? hosts.worker : host).scheduled(now);
  const { rows } = await database.query('SELECT action, outcome, actor_id FROM audit_entries WHERE request_id = $1', [
    answered.get('x-request-id'),
  ]);
  expect(rows).toEqual([{ action: 'user.read', outcome: 'ok', actor_id: userId }]);
});
