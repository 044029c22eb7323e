/** Two writers with the same ETag, in every order of their locks: one writes, the other one gets 412. */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createTestApp } from '../../support/app.ts';
import { stoppingFetch } from '../../support/interleave.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

let tenant: OwnTenant;
beforeAll(async () => {
  tenant = await createTenant(inject('cloud').postgres.url);
});

/** An app whose request with this number stops before Redis receives it. */
function createWriter() {
  let requests = 0;
  let stopAt = Number.POSITIVE_INFINITY;
  let arrived = Promise.withResolvers<void>();
  let released = Promise.withResolvers<void>();
  const stop = async (label: string) => {
    if (!label.endsWith('asks')) return;
    requests += 1;
    if (requests < stopAt) return;
    stopAt = Number.POSITIVE_INFINITY;
    arrived.resolve();
    await released.promise;
  };
  const app = createTestApp({ fetch: stoppingFetch(stop, 'writer') });
  return {
    ask: (method: string, path: string, json?: unknown, headers: Record<string, string> = {}) =>
      app.request(path, { method, key: tenant.keys.all, headers, ...(json === undefined ? {} : { json }) }),
    /** Stops the request with this number from now on; `arrived` resolves when it stops. */
    stopAt(number: number) {
      requests = 0;
      stopAt = number;
      arrived = Promise.withResolvers<void>();
      released = Promise.withResolvers<void>();
      return { arrived: arrived.promise, release: () => released.resolve() };
    },
    close: app.close,
  };
}

const one = createWriter();
const two = createWriter();
afterAll(() => Promise.all([one.close(), two.close()]));

async function addContact() {
  const added = await one.ask('POST', '/contacts', { name: 'Ada' });
  const { id } = (await added.json()) as { id: string };
  const etag = added.headers.get('etag') ?? '';
  // Both writers have connections and know the scripts of writes.
  for (const writer of [one, two]) expect((await writer.ask('GET', `/contacts/${id}`)).status).toBe(200);
  return { path: `/contacts/${id}`, headers: { 'if-match': etag } };
}

/** The requests to Redis of a write: the gate, the marks inside of the transaction, the settle after COMMIT. */
const [GATE, MARK, SETTLE] = [1, 2, 3];

describe.each([
  ['one', one, two],
  ['the other', two, one],
] as const)('%s writer is first', (_name, first, second) => {
  test.each([
    ['holds the lock while the second one waits', MARK],
    ['has committed and not yet answered', SETTLE],
  ])('and %s: the second one gets 412 with the state of the first one', async (_moment, at) => {
    const { path, headers } = await addContact();
    const stopped = first.stopAt(at);
    const won = first.ask('PATCH', path, { jobTitle: 'first' }, headers);
    await stopped.arrived;
    const passed = second.stopAt(Number.POSITIVE_INFINITY);
    const lost = second.ask('PATCH', path, { jobTitle: 'second' }, headers);
    passed.release();
    stopped.release();
    expect((await won).status).toBe(200);
    const refused = await lost;
    expect(refused.status).toBe(412);
    expect(refused.headers.get('etag')).toBe((await won).headers.get('etag'));
    expect(await refused.json()).toMatchObject({ current: { jobTitle: 'first' } });
    expect(await (await second.ask('GET', path)).json()).toMatchObject({ jobTitle: 'first' });
  });

  test('but stops at its gate: the second one writes, and the first one gets 412', async () => {
    const { path, headers } = await addContact();
    const stopped = first.stopAt(GATE);
    const late = first.ask('PATCH', path, { jobTitle: 'first' }, headers);
    await stopped.arrived;
    expect((await second.ask('DELETE', path, undefined, { 'if-match': '"stale"' })).status).toBe(412);
    expect((await second.ask('PATCH', path, { jobTitle: 'second' }, headers)).status).toBe(200);
    stopped.release();
    expect((await late).status).toBe(412);
  });
});

test('of ten writers at once one writes, and nine get 412', async () => {
  const { path, headers } = await addContact();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, n) => (n % 2 ? one : two).ask('PATCH', path, { jobTitle: `writer ${n}` }, headers)),
  );
  const statuses = answers.map(({ status }) => status).toSorted();
  expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 412)]);
});

test('a deletion and a change with the same ETag: only one of them is made', async () => {
  const { path, headers } = await addContact();
  const [changed, deleted] = await Promise.all([
    one.ask('PATCH', path, { jobTitle: 'kept' }, headers),
    two.ask('DELETE', path, undefined, headers),
  ]);
  expect([
    [200, 412],
    [404, 204],
  ]).toContainEqual([changed.status, deleted.status]);
});
