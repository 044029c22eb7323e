/** Webhooks: each event is delivered under one id, signed as in Standard Webhooks, and repeated until accepted. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { signatureOf } from '../../../src/platform/outbound/index.ts';
import { key, NO_TENANT } from '../../../src/platform/redis/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';
import { ask } from './transfers.ts';

let world: JobWorld;
let server: Server;
let url: string;
let status: number;
let retryAfter: string | undefined;
let received: { path: string | undefined; headers: Record<string, string | string[] | undefined>; body: string }[];

beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
  server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    received.push({ path: request.url, headers: request.headers, body });
    const headers = {
      ...(status === 302 && { location: '/elsewhere' }),
      ...(retryAfter && { 'retry-after': retryAfter }),
    };
    response.writeHead(status, headers).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
beforeEach(async () => {
  world.replace();
  await world.query('DELETE FROM webhooks WHERE tenant_id = $1', [world.tenant.id]);
  status = 200;
  retryAfter = undefined;
  received = [];
});
afterAll(async () => {
  await world.close();
  server.closeAllConnections();
  server.close();
});

const add = async (events: string[]) => {
  const response = await ask(world, '/webhooks', { method: 'POST', json: { url, events } });
  expect(response.status).toBe(201);
  return (await response.json()) as { id: string; secret: string };
};
const addCompany = () => ask(world, '/companies', { method: 'POST', json: { name: 'Kelp' } });

test('an event is delivered and signed', async () => {
  const { secret } = await add(['company.created']);
  await ask(world, '/contacts', { method: 'POST', json: { name: 'Ada' } });
  const company = (await (await addCompany()).json()) as { id: string };
  await world.advance(5_000);
  expect(received).toHaveLength(1);
  const [{ headers, body } = expect.fail('nothing was delivered')] = received;
  expect(JSON.parse(body)).toMatchObject({ type: 'company.created', data: { id: company.id, name: 'Kelp' } });
  const signed = signatureOf(secret, String(headers['webhook-id']), String(headers['webhook-timestamp']), body);
  expect(headers['webhook-signature']).toBe(signed);
  // The example in the libraries of the specification.
  expect(
    signatureOf(
      'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      '1614265330',
      '{"test": 2432232314}',
    ),
  ).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});

test.each([500, 302])('a delivery answered with %i is repeated under the same id', async (answer) => {
  await add(['*']);
  status = answer;
  await addCompany();
  await world.advance(5_000);
  expect(received).toHaveLength(1);
  status = 200;
  await world.advance(60_000);
  expect(received).toHaveLength(2);
  expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

describe('R8 the answer of a receiver', () => {
  const deliveryOf = async (index = 0) => {
    const record = await world.read(String(received[index]?.headers['webhook-id']));
    return record ?? expect.fail('The delivery has no record');
  };

  test('410 ends the delivery', async () => {
    await add(['*']);
    status = 410;
    await addCompany();
    await world.advance(5_000);
    expect(await deliveryOf()).toMatchObject({ state: 'cancelled', reason: 'WEBHOOK_ANSWERED_GONE' });
    await world.advance(86_400_000);
    expect(received).toHaveLength(1);
  });

  test.each([
    ['seconds', () => '120'],
    ['a date', () => new Date(world.app.test.platform.scope().system.now() + 120_000).toUTCString()],
  ])('429 with Retry-After as %s is repeated after that time', async (_form, headerOf) => {
    await add(['*']);
    status = 429;
    retryAfter = headerOf();
    await addCompany();
    await world.advance(1_000);
    expect(await deliveryOf()).toMatchObject({ reason: 'HTTP_429' });
    status = 200;
    await world.advance(110_000);
    expect(received).toHaveLength(1);
    await world.advance(15_000);
    expect(received).toHaveLength(2);
  });

  test.each(['soon', '-5', '1e3', '2026-01-01'])(
    '429 with Retry-After: %s is repeated after the usual wait',
    async (text) => {
      await add(['*']);
      status = 429;
      retryAfter = text;
      await addCompany();
      await world.advance(1_000);
      status = 200;
      await world.advance(15_000);
      expect(received).toHaveLength(2);
    },
  );

  test('4xx does not count for the circuit, so the next event is sent', async () => {
    await add(['*']);
    status = 429;
    retryAfter = '3600';
    for (let index = 0; index < 6; index += 1) await addCompany();
    await world.advance(1_000);
    expect(received).toHaveLength(6);
    status = 200;
    await addCompany();
    await world.advance(1_000);
    expect(received).toHaveLength(7);
  });

  test('a delivery that meets an open circuit uses up no attempt, and is sent when the circuit closes', async () => {
    const { id } = await add(['*']);
    status = 500;
    for (let index = 0; index < 6; index += 1) await addCompany();
    await world.advance(1_000);
    const before = received.length;
    const company = (await (await addCompany()).json()) as { id: string };
    await world.advance(120_000);
    expect(received).toHaveLength(before);
    // The circuit is open for a time of Redis's own clock, so the test closes it.
    const scope = world.app.test.platform.scope();
    await scope.redis.del(key(NO_TENANT, 'circuit', `webhook:${id}`));
    await scope.end();
    world.replace();
    status = 200;
    await world.advance(600_000);
    const last = received.findIndex(({ body }) => body.includes(company.id));
    expect(await deliveryOf(last)).toMatchObject({ state: 'done', attempt: 1 });
  });
});

test('neither a failed write nor a deleted webhook causes a delivery', async () => {
  const { id } = await add(['*']);
  const response = await ask(world, '/companies/none', { method: 'PATCH', json: { name: 'x' } });
  expect(response.status).toBe(404);
  expect((await ask(world, `/webhooks/${id}`, { method: 'DELETE' })).status).toBe(204);
  await addCompany();
  await world.advance(5_000);
  expect(received).toEqual([]);
});

describe('a change', () => {
  const patch = (id: string, json: object, init: object = {}) =>
    ask(world, `/webhooks/${id}`, { method: 'PATCH', json, ...init });
  const listed = async () => ((await (await ask(world, '/webhooks')).json()) as { items: object[] }).items;

  test('of its events takes effect with the next write, and leaves other fields unchanged', async () => {
    const { id, secret } = await add(['deal.won']);
    const changed = await patch(id, { events: ['company.created'] });
    expect(changed.status).toBe(200);
    const text = await changed.text();
    expect(JSON.parse(text)).toMatchObject({ id, url, events: ['company.created'] });
    expect(text).not.toContain(secret);
    expect(await listed()).toEqual([JSON.parse(text)]);
    await addCompany();
    await world.advance(5_000);
    expect(received).toHaveLength(1);
    const [{ headers, body } = expect.fail('nothing was delivered')] = received;
    const signed = signatureOf(secret, String(headers['webhook-id']), String(headers['webhook-timestamp']), body);
    expect(headers['webhook-signature']).toBe(signed);
  });

  test('of its address also applies to waiting deliveries', async () => {
    const { id } = await add(['*']);
    status = 500;
    await addCompany();
    await world.advance(5_000);
    expect((await patch(id, { url: `${url}?moved` })).status).toBe(200);
    status = 200;
    await world.advance(60_000);
    expect(received.map(({ path }) => path)).toEqual(['/hook', '/hook?moved']);
  });

  test.each([
    ['url', { url: 'ftp://example.com' }],
    ['url', { url: 'x' }],
    ['events', { events: [] }],
    ['events.0', { events: ['nonsense'] }],
    ['secret', { events: ['deal.won'], secret: 'whsec_x' }],
    ['body', {}],
  ])('of %s to %j is refused, and the webhook stays unchanged', async (field, json) => {
    const { id } = await add(['*']);
    const before = await listed();
    const response = await patch(id, json);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ field }] });
    expect(await listed()).toEqual(before);
  });

  test('needs `users:manage` in the same tenant', async () => {
    const { id } = await add(['*']);
    const { keys } = await createTenant(world.connectionString);
    expect((await patch(id, { events: ['deal.won'] }, { key: keys.all })).status).toBe(404);
    expect((await patch(id, { events: ['deal.won'] }, { key: world.tenant.keys.readOnly })).status).toBe(403);
    expect((await patch('none', { events: ['deal.won'] })).status).toBe(404);
    expect(await listed()).toMatchObject([{ events: ['*'] }]);
  });
});

test('the secret is shown once and stored sealed, and other tenants do not see the webhook', async () => {
  const { id, secret } = await add(['*']);
  expect(await (await ask(world, '/webhooks')).text()).not.toContain(secret);
  const [row] = await world.query('SELECT * FROM webhooks WHERE id = $1', [id]);
  expect(JSON.stringify(row)).not.toContain(secret.slice(6));
  const { keys } = await createTenant(world.connectionString);
  expect(await (await ask(world, '/webhooks', { key: keys.all })).json()).toEqual({ items: [] });
  expect((await ask(world, `/webhooks/${id}`, { method: 'DELETE', key: keys.all })).status).toBe(404);
  expect((await ask(world, '/webhooks', { key: world.tenant.keys.readOnly })).status).toBe(403);
});
