/** Webhooks: each event is delivered under one id, signed as in Standard Webhooks, and repeated until accepted. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { signatureOf } from '../../../src/platform/outbound/index.ts';
import { key, NO_TENANT } from '../../../src/platform/redis/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { createTenant } from '../../support/tenant.ts';
import { addCompany, addWebhook, type Receiver, startReceiver } from './receiver.ts';
import { ask } from './transfers.ts';

let world: JobWorld;
let receiver: Receiver;

beforeAll(async () => {
  world = await openJobWorld(crm.jobs);
  receiver = await startReceiver();
});
beforeEach(async () => {
  world.replace();
  await world.query('DELETE FROM webhooks WHERE tenant_id = $1', [world.tenant.id]);
  receiver.reset();
});
afterAll(async () => {
  await world.close();
  receiver.close();
});

const add = (events: string[]) => addWebhook(world, receiver.url, events);

test('an event is delivered and signed', async () => {
  const { secret } = await add(['company.created']);
  await ask(world, '/contacts', { method: 'POST', json: { name: 'Ada' } });
  const company = await addCompany(world);
  await world.advance(5_000);
  expect(receiver.received).toHaveLength(1);
  const [{ headers, body } = expect.fail('nothing was delivered')] = receiver.received;
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
  receiver.status = answer;
  await addCompany(world);
  await world.advance(5_000);
  expect(receiver.received).toHaveLength(1);
  receiver.status = 200;
  await world.advance(60_000);
  expect(receiver.received).toHaveLength(2);
  expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

describe('R8 the answer of a receiver', () => {
  const deliveryOf = async (index = 0) => {
    const record = await world.read(String(receiver.received[index]?.headers['webhook-id']));
    return record ?? expect.fail('The delivery has no record');
  };

  test('410 ends the delivery', async () => {
    await add(['*']);
    receiver.status = 410;
    await addCompany(world);
    await world.advance(5_000);
    expect(await deliveryOf()).toMatchObject({ state: 'cancelled', reason: 'WEBHOOK_ANSWERED_GONE' });
    await world.advance(86_400_000);
    expect(receiver.received).toHaveLength(1);
  });

  test.each([
    ['seconds', () => '120'],
    ['a date', () => new Date(world.app.test.platform.scope().system.now() + 120_000).toUTCString()],
  ])('429 with Retry-After as %s is repeated after that time', async (_form, headerOf) => {
    await add(['*']);
    receiver.status = 429;
    receiver.retryAfter = headerOf();
    await addCompany(world);
    await world.advance(1_000);
    expect(await deliveryOf()).toMatchObject({ reason: 'HTTP_429' });
    receiver.status = 200;
    await world.advance(110_000);
    expect(receiver.received).toHaveLength(1);
    await world.advance(15_000);
    expect(receiver.received).toHaveLength(2);
  });

  test.each(['soon', '-5', '1e3', '2026-01-01'])(
    '429 with Retry-After: %s is repeated after the usual wait',
    async (text) => {
      await add(['*']);
      receiver.status = 429;
      receiver.retryAfter = text;
      await addCompany(world);
      await world.advance(1_000);
      receiver.status = 200;
      await world.advance(15_000);
      expect(receiver.received).toHaveLength(2);
    },
  );

  test('4xx does not count for the circuit, so the next event is sent', async () => {
    await add(['*']);
    receiver.status = 429;
    receiver.retryAfter = '3600';
    for (let index = 0; index < 6; index += 1) await addCompany(world);
    await world.advance(1_000);
    expect(receiver.received).toHaveLength(6);
    receiver.status = 200;
    await addCompany(world);
    await world.advance(1_000);
    expect(receiver.received).toHaveLength(7);
  });

  test('a delivery that meets an open circuit uses up no attempt, and is sent when the circuit closes', async () => {
    const { id } = await add(['*']);
    receiver.status = 500;
    for (let index = 0; index < 6; index += 1) await addCompany(world);
    await world.advance(1_000);
    const before = receiver.received.length;
    const company = await addCompany(world);
    await world.advance(120_000);
    expect(receiver.received).toHaveLength(before);
    // The circuit is open for a time of Redis's own clock, so the test closes it.
    const scope = world.app.test.platform.scope();
    await scope.redis.del(key(NO_TENANT, 'circuit', `webhook:${id}`));
    await scope.end();
    world.replace();
    receiver.status = 200;
    await world.advance(600_000);
    const last = receiver.received.findIndex(({ body }) => body.includes(company.id));
    expect(await deliveryOf(last)).toMatchObject({ state: 'done', attempt: 1 });
  });
});

test('neither a failed write nor a deleted webhook causes a delivery', async () => {
  const { id } = await add(['*']);
  const response = await ask(world, '/companies/none', { method: 'PATCH', json: { name: 'x' } });
  expect(response.status).toBe(404);
  expect((await ask(world, `/webhooks/${id}`, { method: 'DELETE' })).status).toBe(204);
  await addCompany(world);
  await world.advance(5_000);
  expect(receiver.received).toEqual([]);
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
    expect(JSON.parse(text)).toMatchObject({ id, url: receiver.url, events: ['company.created'] });
    expect(text).not.toContain(secret);
    expect(await listed()).toEqual([JSON.parse(text)]);
    await addCompany(world);
    await world.advance(5_000);
    expect(receiver.received).toHaveLength(1);
    const [{ headers, body } = expect.fail('nothing was delivered')] = receiver.received;
    const signed = signatureOf(secret, String(headers['webhook-id']), String(headers['webhook-timestamp']), body);
    expect(headers['webhook-signature']).toBe(signed);
  });

  test('of its address also applies to waiting deliveries', async () => {
    const { id } = await add(['*']);
    receiver.status = 500;
    await addCompany(world);
    await world.advance(5_000);
    expect((await patch(id, { url: `${receiver.url}?moved` })).status).toBe(200);
    receiver.status = 200;
    await world.advance(60_000);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/hook', '/hook?moved']);
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
