/**
 * The promise of the front page, on every platform: a cached, authenticated answer costs one Redis request and no
 * query, and is never older than a write on any platform.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COST_OF_A_HIT } from '../support/app.ts';
import { type Host, type HostRequest, hostNames, hostPairs, startHosts } from '../support/hosts.ts';

let hosts: Awaited<ReturnType<typeof startHosts>>;
beforeAll(async () => {
  hosts = await startHosts();
  // So that no measured request includes the lookup of the key.
  await hosts.node.send({ path: '/health/ready', key: null });
  for (const name of hostNames) await hosts[name].send({ path: '/companies?limit=1' });
});
afterAll(() => Promise.all(hostNames.map((name) => hosts[name].close())));

describe.each(hostNames)('on %s', (name) => {
  test.each([
    ['a list', `/companies?limit=${20 + hostNames.indexOf(name)}`],
    ['a list of something', `/deals?limit=7&companyId=none-${name}`],
  ])('%s costs one query once, then one Redis request', async (_, path) => {
    const first = await hosts[name].send({ path });
    expect({ cache: first.cache, db: first.cost['db'] }).toEqual({ cache: 'MISS', db: '1 query' });
    const second = await hosts[name].send({ path });
    expect({ cache: second.cache, cost: second.cost }).toEqual({ cache: 'HIT', cost: COST_OF_A_HIT });
    expect(second.body).toEqual(first.body);
    for (const other of hostNames) {
      const { cache, cost, body } = await hosts[other].send({ path });
      expect({ other, cache, cost, body }).toEqual({ other, cache: 'HIT', cost: COST_OF_A_HIT, body: first.body });
    }
  });

  test('a 404 is cached too', async () => {
    const path = `/contacts/cont_none_${name}`;
    expect(await hosts[name].send({ path })).toMatchObject({ status: 404, cache: 'MISS', cost: { db: '1 query' } });
    expect(await hosts[name].send({ path })).toMatchObject({ status: 404, cache: 'HIT', cost: COST_OF_A_HIT });
  });

  test('a caller who is refused costs no query of the route', async () => {
    const refused = await hosts[name].send({ path: `/deals?limit=9&companyId=refused-${name}`, key: null });
    expect(refused).toMatchObject({ status: 401, cost: { redis: '0 requests, 0 commands', db: '0 queries' } });
  });
});

interface Pipeline {
  total: { count: number; value: string };
}

describe.each(hostPairs)('written on %s, read on %s', (writer, reader) => {
  const read = (host: Host) => host.send({ path: '/deals/pipeline' });
  const total = (answer: { body: unknown }) => (answer.body as Pipeline).total;

  /** After a write, the next read on the other host is a MISS with the new numbers; all reads after that are HITs. */
  async function readAfter(request: HostRequest, status: number) {
    await read(hosts[reader]);
    expect((await read(hosts[reader])).cache).toBe('HIT');
    const written = await hosts[writer].send(request);
    expect(written.status).toBe(status);
    const next = await read(hosts[reader]);
    expect(next.cache).toBe('MISS');
    for (const name of hostNames) expect(await read(hosts[name])).toMatchObject({ cache: 'HIT', body: next.body });
    return { written, total: total(next) };
  }

  test('adding, changing and deleting a deal show at once', async () => {
    const before = total(await read(hosts[reader]));

    const added = await readAfter(
      { path: '/deals', method: 'POST', json: { title: `Kelp from ${writer} – 海`, value: '1000.50' } },
      201,
    );
    const { id, title } = added.written.body as { id: string; title: string };
    expect(title).toBe(`Kelp from ${writer} – 海`);
    expect(added.written.headers.get('location')).toBe(`/deals/${id}`);
    expect(added.total.count).toBe(before.count + 1);
    expect(cents(added.total.value) - cents(before.value)).toBe(100_050n);
    expect(await hosts[reader].send({ path: `/deals/${id}` })).toMatchObject({ cache: 'MISS', body: { id, title } });

    const changed = await readAfter({ path: `/deals/${id}`, method: 'PATCH', json: { value: 2000 } }, 200);
    expect(cents(changed.total.value) - cents(before.value)).toBe(200_000n);
    expect(await hosts[reader].send({ path: `/deals/${id}` })).toMatchObject({
      cache: 'MISS',
      body: { value: '2000.00' },
    });

    const deleted = await readAfter({ path: `/deals/${id}`, method: 'DELETE' }, 204);
    expect(deleted.written.body).toBe('');
    expect(deleted.total).toEqual(before);
    expect(await hosts[reader].send({ path: `/deals/${id}` })).toMatchObject({ status: 404, cache: 'MISS' });
  });
});

function cents(value: string): bigint {
  return BigInt(value.replace('.', ''));
}
