/** Streams for administrators: status, dead events, replays and rebuilds, and who may see and request them. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { jobs } from '../../../src/app/background.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { addKey, createTenant, type OwnTenant } from '../../support/tenant.ts';

let world: JobWorld;
let tenant: OwnTenant;
beforeAll(async () => {
  world = await openJobWorld([...jobs.values()]);
});
beforeEach(async () => {
  await world.clear();
  tenant = await createTenant(world.connectionString);
});
afterAll(() => world.close());

const ask = (path: string, method = 'GET', json?: object, key = tenant.keys.all) =>
  world.app.test.request(path, { method, key, ...(json ? { json } : {}) });
const body = async (response: Response | Promise<Response>) =>
  (await (await response).json()) as Record<string, unknown>;
const addDeal = async () => (await body(ask('/deals', 'POST', { title: 'Kelp', value: 5 })))['id'] as string;
/** Puts the first event of deals aside, as a run without attempts left does. */
const putAside = (ids: readonly string[]) =>
  world.query(
    `INSERT INTO dead_events (tenant_id, stream, name, key, version, reason, died_at)
     SELECT $1, 'deals', 'stage-history', key, 1, 'RangeError', now() FROM unnest($2::text[]) AS key`,
    [tenant.id, [...ids]],
  );

describe('GET /streams', () => {
  test('shows each stream with its groups: waiting, dead, and the generation of projections', async () => {
    const id = await addDeal();
    const before = await body(ask('/streams'));
    expect(before).toMatchObject({
      items: [
        {
          name: 'deals',
          entries: 1,
          groups: [
            { name: 'stage-history', waiting: 1, pending: 0, behind: true, dead: 0, generation: 1, building: null },
            { name: 'sales-velocity', waiting: 1 },
          ],
        },
      ],
    });
    await world.consume(tenant.id);
    await putAside([id]);
    expect(await body(ask('/streams'))).toMatchObject({
      items: [
        {
          groups: [
            { waiting: 0, behind: false, dead: 1 },
            { waiting: 0, dead: 0 },
          ],
        },
      ],
    });
  });

  test.each(['/streams', '/streams/deals/groups/stage-history/dead'])('%s needs streams:admin', async (path) => {
    const key = await addKey(world.connectionString, tenant.id, { rights: ['crm:read', 'jobs:admin'] });
    expect((await ask(path, 'GET', undefined, key)).status).toBe(403);
  });
});

describe('dead events', () => {
  test('are listed in pages, without events of other tenants', async () => {
    const ids = [await addDeal(), await addDeal(), await addDeal()].sort();
    await putAside(ids);
    const path = '/streams/deals/groups/stage-history/dead';
    const first = await body(ask(`${path}?limit=2`));
    expect(first).toMatchObject({
      items: [{ key: ids[0], version: 1, type: 'created', reason: 'RangeError' }, { key: ids[1] }],
    });
    const second = await body(ask(`${path}?limit=2&cursor=${encodeURIComponent(String(first['nextCursor']))}`));
    expect(second).toMatchObject({ items: [{ key: ids[2] }], nextCursor: null });
    const other = await createTenant(world.connectionString);
    expect(await body(ask(path, 'GET', undefined, other.keys.all))).toEqual({ items: [], nextCursor: null });
  });

  test('are handled again on request: all of them, or those of one key', async () => {
    const ids = [await addDeal(), await addDeal()].sort();
    await putAside(ids);
    const path = '/streams/deals/groups/stage-history';
    const one = await ask(`${path}/replay`, 'POST', { key: ids[0] });
    expect([one.status, await body(one)]).toEqual([202, { events: 1 }]);
    await world.consume(tenant.id);
    expect(await body(ask(`${path}/dead`))).toMatchObject({ items: [{ key: ids[1], replay: false }] });
    expect(await body(ask(`/deals/${ids[0]}/history`))).toMatchObject({ items: [{ stage: 'lead' }] });
    expect(await body(ask(`/deals/${ids[1]}/history`))).toMatchObject({ items: [] });
    await ask(`${path}/replay`, 'POST', {});
    await world.consume(tenant.id);
    expect(await body(ask(`${path}/dead`))).toMatchObject({ items: [] });
  });

  test.each(['dead', 'replay', 'rebuild'])('of an unknown group: %s is 404', async (action) => {
    for (const place of ['deals/groups/nobody', 'nothing/groups/stage-history']) {
      const path = `/streams/${place}/${action}`;
      const response = action === 'dead' ? ask(path) : ask(path, 'POST', action === 'replay' ? {} : undefined);
      expect((await response).status).toBe(404);
    }
  });
});

describe('a rebuild', () => {
  test('on request replaces the rows of a projection, and its readers see the new ones', async () => {
    const id = await addDeal();
    await world.consume(tenant.id);
    expect(await body(ask(`/deals/${id}/history`))).toMatchObject({ items: [{ stage: 'lead' }] });
    await world.query("UPDATE deal_moves SET stage = 'lost' WHERE tenant_id = $1", [tenant.id]);
    const response = await ask('/streams/deals/groups/stage-history/rebuild', 'POST');
    expect(response.status).toBe(202);
    await world.consume(tenant.id);
    expect(await body(ask(`/deals/${id}/history`))).toMatchObject({ items: [{ stage: 'lead' }] });
    expect(await world.query('SELECT generation FROM deal_moves WHERE tenant_id = $1', [tenant.id])).toEqual([
      { generation: 2 },
    ]);
    expect(await body(ask('/streams'))).toMatchObject({ items: [{ groups: [{ generation: 2, building: null }, {}] }] });
  });
});
