/** The log of a webhook's deliveries and their replay, the rotation of its secret, and the switch when its receiver is gone. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { crm } from '../../../src/crm/index.ts';
import { forgetDeliveries } from '../../../src/crm/webhooks/delivery-log.ts';
import { createSchedules } from '../../../src/platform/jobs/index.ts';
import { signatureOf } from '../../../src/platform/outbound/index.ts';
import { VERSION } from '../../../src/platform/version.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { addPerson, type Browser, createBrowser } from '../../support/people.ts';
import { createTenant } from '../../support/tenant.ts';
import { addCompany, addWebhook, type Receiver, startReceiver } from './receiver.ts';
import { ask } from './transfers.ts';

interface Delivery {
  id: string;
  event: { type: string };
  status: string;
  attempts: number;
  responseStatus: number | null;
  reason: string | null;
  durationMs: number | null;
  lastAttemptAt: string | null;
  nextAttemptAt: string | null;
}

const DAY_MS = 86_400_000;
let world: JobWorld;
let receiver: Receiver;

beforeAll(async () => {
  world = await openJobWorld(crm.jobs, createSchedules([forgetDeliveries]));
  receiver = await startReceiver();
});
beforeEach(async () => {
  world.replace();
  await world.query('DELETE FROM webhooks WHERE tenant_id = $1', [world.tenant.id]);
  await world.query('DELETE FROM notifications WHERE tenant_id = $1', [world.tenant.id]);
  receiver.reset();
});
afterAll(async () => {
  await world.close();
  receiver.close();
});

const add = (events = ['*']) => addWebhook(world, receiver.url, events);
const post = (path: string) => ask(world, path, { method: 'POST' });
const now = () => world.app.test.platform.scope().system.now();

async function deliveriesOf(id: string, search = ''): Promise<{ items: Delivery[]; nextCursor: string | null }> {
  const response = await ask(world, `/webhooks/${id}/deliveries${search}`);
  expect(response.status).toBe(200);
  return (await response.json()) as { items: Delivery[]; nextCursor: string | null };
}

async function webhook() {
  const { items } = (await (await ask(world, '/webhooks')).json()) as { items: Record<string, unknown>[] };
  return items[0] ?? expect.fail('There is no webhook');
}

test('a delivery names Holdfast and its version in User-Agent', async () => {
  await add();
  await addCompany(world);
  await world.advance(5_000);
  expect(receiver.received[0]?.headers['user-agent']).toBe(`Holdfast/${VERSION}`);
});

describe('the log of deliveries', () => {
  test('shows a failed attempt with its reason and the next attempt, then the success', async () => {
    const { id } = await add();
    receiver.status = 404;
    await addCompany(world);
    await world.advance(1_000);
    const [waiting] = (await deliveriesOf(id)).items;
    expect(waiting).toMatchObject({
      ...{ event: { type: 'company.created' }, status: 'waiting', attempts: 1 },
      ...{ responseStatus: 404, reason: 'HTTP_404', durationMs: expect.any(Number) },
    });
    expect(waiting?.id).toBe(receiver.received[0]?.headers['webhook-id']);
    const { nextAttemptAt, lastAttemptAt } = waiting ?? expect.fail('nothing was logged');
    expect(Date.parse(nextAttemptAt ?? '') - Date.parse(lastAttemptAt ?? '')).toBeGreaterThanOrEqual(10_000);
    expect(Date.parse(nextAttemptAt ?? '') - Date.parse(lastAttemptAt ?? '')).toBeLessThan(15_000);
    expect(await webhook()).toMatchObject({ failingSince: lastAttemptAt });
    receiver.status = 204;
    await world.advance(60_000);
    expect((await deliveriesOf(id)).items).toMatchObject([
      { id: waiting?.id, status: 'delivered', attempts: 2, responseStatus: 204, reason: null, nextAttemptAt: null },
    ]);
    expect(await webhook()).toMatchObject({ failingSince: null, disabledAt: null });
  });

  test('shows Retry-After as the next attempt, and a delivery as failed after its last attempt', async () => {
    const { id } = await add();
    Object.assign(receiver, { status: 429, retryAfter: '3600' });
    await addCompany(world);
    await world.advance(1_000);
    const [first] = (await deliveriesOf(id)).items;
    expect(Date.parse(first?.nextAttemptAt ?? '') - now()).toBeGreaterThan(3_500_000);
    for (let hour = 0; hour < 12; hour += 1) await world.advance(3_601_000);
    expect((await deliveriesOf(id)).items).toMatchObject([
      { status: 'failed', attempts: 10, reason: 'HTTP_429', nextAttemptAt: null },
    ]);
    expect(receiver.received).toHaveLength(10);
  });

  test('has pages, newest first, and a filter by status', async () => {
    const { id } = await add();
    for (const status of [200, 404, 200]) {
      receiver.status = status;
      await addCompany(world);
      await world.advance(1_000);
    }
    const ids = receiver.received.map(({ headers }) => headers['webhook-id']);
    const first = await deliveriesOf(id, '?limit=2');
    const second = await deliveriesOf(id, `?limit=2&cursor=${first.nextCursor}`);
    expect([...first.items, ...second.items].map((delivery) => delivery.id)).toEqual(ids.toReversed());
    expect(second.nextCursor).toBeNull();
    expect((await deliveriesOf(id, '?status=waiting')).items.map((delivery) => delivery.id)).toEqual([ids[1]]);
  });

  test('is shown only to administrators of the same tenant', async () => {
    const { id } = await add();
    const { keys } = await createTenant(world.connectionString);
    const path = `/webhooks/${id}/deliveries`;
    expect((await ask(world, path, { key: keys.all })).status).toBe(404);
    expect((await ask(world, path, { key: world.tenant.keys.readOnly })).status).toBe(403);
    expect((await ask(world, '/webhooks/none/deliveries')).status).toBe(404);
  });

  test('forgets a delivery after 30 days', async () => {
    const { id } = await add();
    await addCompany(world);
    await world.advance(1_000);
    const at = (ms: number) => world.query('UPDATE webhook_deliveries SET created_at = $1::timestamp', [new Date(ms)]);
    const scope = world.app.test.platform.scope();
    const signal = new AbortController().signal;
    const run = () => forgetDeliveries.execute({ scope, tick: now(), attempt: 1, signal, log: scope.log });
    await at(now() - 30 * DAY_MS + 60_000);
    expect(await run()).toEqual({ forgotten: 0 });
    await at(now() - 30 * DAY_MS - 60_000);
    expect(await run()).toEqual({ forgotten: 1 });
    await scope.end();
    expect((await deliveriesOf(id)).items).toEqual([]);
  });

  test('costs one statement per attempt beside the lookup of the webhook', async () => {
    await add();
    await addCompany(world);
    const before = world.app.test.lines.length;
    await world.advance(1_000);
    const lines = world.app.test.lines.slice(before).filter((line) => line.includes('/jobs/run/webhooks.deliver'));
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? '{}')).toMatchObject({ queries: 2 });
  });
});

describe('a replay', () => {
  const replay = async (id: string, deliveryId: string) => post(`/webhooks/${id}/deliveries/${deliveryId}/replay`);

  test('sends the same body under the same id, and counts its attempts in the same row', async () => {
    const { id } = await add();
    await addCompany(world);
    await world.advance(1_000);
    const [{ id: deliveryId } = expect.fail('nothing was logged')] = (await deliveriesOf(id)).items;
    const { promise, resolve: answer } = Promise.withResolvers<void>();
    receiver.holding = promise;
    const response = await replay(id, deliveryId);
    expect(response.status).toBe(202);
    expect(await response.json()).toEqual({ id: deliveryId });
    expect((await deliveriesOf(id)).items).toMatchObject([{ status: 'waiting' }]);
    answer();
    await world.advance(1_000);
    const [first, second] = receiver.received;
    expect(second?.body).toBe(first?.body);
    expect(second?.headers['webhook-id']).toBe(deliveryId);
    expect((await deliveriesOf(id)).items).toMatchObject([{ id: deliveryId, status: 'delivered', attempts: 2 }]);
  });

  test('is refused while an attempt is to come, while the webhook is off, and for an unknown delivery', async () => {
    const { id } = await add();
    receiver.status = 404;
    await addCompany(world);
    await world.advance(1_000);
    const [{ id: deliveryId } = expect.fail('nothing was logged')] = (await deliveriesOf(id)).items;
    expect(await (await replay(id, deliveryId)).json()).toMatchObject({ status: 409, code: 'DELIVERY_WAITING' });
    expect((await replay(id, 'none')).status).toBe(404);
    expect((await replay('none', deliveryId)).status).toBe(404);
    await ask(world, `/webhooks/${id}`, { method: 'PATCH', json: { disabled: true } });
    expect(await (await replay(id, deliveryId)).json()).toMatchObject({ status: 409, code: 'WEBHOOK_DISABLED' });
    await world.advance(60_000);
    expect(receiver.received).toHaveLength(1);
    expect((await deliveriesOf(id)).items).toMatchObject([
      { status: 'cancelled', reason: 'WEBHOOK_DISABLED', attempts: 1, responseStatus: 404 },
    ]);
  });

  test('is accepted for a delivery whose next attempt is an hour late, because its job has died', async () => {
    const { id } = await add();
    await addCompany(world);
    await world.advance(1_000);
    const [{ id: deliveryId } = expect.fail('nothing was logged')] = (await deliveriesOf(id)).items;
    const late = (ms: number) =>
      world.query("UPDATE webhook_deliveries SET status = 'waiting', next_attempt_at = $1::timestamp", [
        new Date(now() - ms),
      ]);
    await late(3_500_000);
    expect((await replay(id, deliveryId)).status).toBe(409);
    await late(3_700_000);
    expect((await replay(id, deliveryId)).status).toBe(202);
  });

  test('of two at the same time, one is accepted', async () => {
    const { id } = await add();
    await addCompany(world);
    await world.advance(1_000);
    const [{ id: deliveryId } = expect.fail('nothing was logged')] = (await deliveriesOf(id)).items;
    const { promise, resolve: answer } = Promise.withResolvers<void>();
    receiver.holding = promise;
    const answers = await Promise.all([replay(id, deliveryId), replay(id, deliveryId)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    answer();
    await world.advance(1_000);
    expect(receiver.received).toHaveLength(2);
  });
});

describe('a rotation of the secret', () => {
  const rotate = async (id: string) => {
    const response = await post(`/webhooks/${id}/rotate-secret`);
    expect(response.status).toBe(200);
    return (await response.json()) as { id: string; secret: string; oldSecretUntil: string };
  };
  const nextSignatures = async (secrets: string[]) => {
    receiver.received = [];
    await addCompany(world);
    await world.advance(1_000);
    const [{ headers, body } = expect.fail('nothing was delivered')] = receiver.received;
    const sign = (secret: string) =>
      signatureOf(secret, String(headers['webhook-id']), String(headers['webhook-timestamp']), body);
    return { sent: String(headers['webhook-signature']), expected: secrets.map(sign).join(' ') };
  };

  test('makes the new and the old secret sign for a day, and then only the new one', async () => {
    const { id, secret: first } = await add();
    const { secret: second, oldSecretUntil } = await rotate(id);
    expect(second).not.toBe(first);
    expect(Math.abs(Date.parse(oldSecretUntil) - now() - DAY_MS)).toBeLessThan(60_000);
    const both = await nextSignatures([second, first]);
    expect(both.sent).toBe(both.expected);
    await world.advance(DAY_MS);
    const one = await nextSignatures([second]);
    expect(one.sent).toBe(one.expected);
  });

  test('repeated within the day loses no secret, and the fifth is refused', async () => {
    const { id, secret } = await add();
    const secrets = [secret];
    for (let count = 0; count < 4; count += 1) secrets.unshift((await rotate(id)).secret);
    const all = await nextSignatures(secrets);
    expect(all.sent).toBe(all.expected);
    expect(await (await post(`/webhooks/${id}/rotate-secret`)).json()).toMatchObject({
      ...{ status: 409, code: 'TOO_MANY_SECRETS' },
    });
    const [row] = await world.query('SELECT * FROM webhooks WHERE id = $1', [id]);
    for (const text of secrets) expect(JSON.stringify(row)).not.toContain(text.slice(6));
  });

  test('needs the webhook to be of the same tenant', async () => {
    const { id } = await add();
    const { keys } = await createTenant(world.connectionString);
    const path = `/webhooks/${id}/rotate-secret`;
    expect((await ask(world, path, { method: 'POST', key: keys.all })).status).toBe(404);
    expect((await ask(world, path, { method: 'POST', key: world.tenant.keys.readOnly })).status).toBe(403);
  });
});

describe('R8 a receiver that is gone', () => {
  async function signIn(role: 'admin' | 'owner'): Promise<{ id: string; email: string; browser: Browser }> {
    const { id, email, password } = await addPerson(world.connectionString, world.tenant.id, { role });
    const browser = createBrowser((path, init) => world.app.test.app.request(path, init));
    expect((await browser.request('/auth/sign-in', { json: { email, password } })).status).toBe(200);
    return { id, email, browser };
  }
  const mailsTo = async (email: string) => {
    const response = await fetch(`${inject('cloud').mail.url}/messages`);
    const messages = (await response.json()) as { to: string[]; subject: string; text: string }[];
    return messages.filter(({ to }) => to.includes(email));
  };
  const inboxOf = async (browser: Browser) =>
    ((await (await browser.request('/notifications')).json()) as { items: object[] }).items;

  test('answers 410: the webhook is switched off, and the user who made it gets one mail and one notification', async () => {
    const { email, browser } = await signIn('admin');
    const other = await signIn('owner');
    const json = { url: receiver.url, events: ['*'] };
    const { id } = (await (await browser.request('/webhooks', { json })).json()) as { id: string };
    await addCompany(world);
    receiver.status = 410;
    await addCompany(world);
    await world.advance(5_000);
    expect(await webhook()).toMatchObject({ id, disabledReason: 'gone', disabledAt: expect.any(String) });
    const host = new URL(receiver.url).host;
    expect(await mailsTo(email)).toMatchObject([
      { subject: expect.stringContaining('was switched off'), text: expect.stringContaining('answered 410 Gone') },
    ]);
    expect(await inboxOf(browser)).toMatchObject([
      { kind: 'webhook.disabled', title: expect.stringContaining(host), data: { webhookId: id, reason: 'gone' } },
    ]);
    expect(await mailsTo(other.email)).toEqual([]);
    expect(await inboxOf(other.browser)).toEqual([]);
    const entries = await world.query(
      "SELECT actor_type, data FROM audit_entries WHERE entity_id = $1 AND action = 'webhook.disabled'",
      [id],
    );
    expect(entries).toEqual([{ actor_type: 'system', data: { host, reason: 'gone' } }]);
    const before = receiver.received.length;
    receiver.status = 200;
    await addCompany(world);
    await world.advance(DAY_MS);
    expect(receiver.received).toHaveLength(before);
  });

  test('of a webhook made by a key without a maker: the owners of the tenant are told', async () => {
    const { email, browser } = await signIn('owner');
    await add();
    receiver.status = 410;
    await addCompany(world);
    await world.advance(5_000);
    expect(await mailsTo(email)).toHaveLength(1);
    expect(await inboxOf(browser)).toHaveLength(1);
  });

  test('fails for five days without one success: it is switched off with a mail, and not a day earlier', async () => {
    const { email, browser } = await signIn('admin');
    await browser.request('/webhooks', { json: { url: receiver.url, events: ['*'] } });
    receiver.status = 404;
    for (let day = 0; day < 5; day += 1) {
      await addCompany(world);
      await world.advance(DAY_MS - 60_000);
      expect(await webhook()).toMatchObject({ disabledAt: null });
    }
    await world.advance(10 * 60_000);
    await addCompany(world);
    await world.advance(5_000);
    expect(await webhook()).toMatchObject({ disabledReason: 'failing' });
    expect(await mailsTo(email)).toMatchObject([{ text: expect.stringContaining('failed for five days') }]);
  });

  test('fails for eight days with one success between: it stays on', async () => {
    await add();
    for (let day = 0; day < 8; day += 1) {
      receiver.status = day === 4 ? 200 : 404;
      await addCompany(world);
      await world.advance(DAY_MS);
    }
    expect(await webhook()).toMatchObject({ disabledAt: null, failingSince: expect.any(String) });
  });

  test('works again: PATCH switches the webhook on, and its failures are forgotten', async () => {
    const { id } = await add();
    receiver.status = 410;
    await addCompany(world);
    await world.advance(5_000);
    const response = await ask(world, `/webhooks/${id}`, { method: 'PATCH', json: { disabled: false } });
    expect(await response.json()).toMatchObject({ disabledAt: null, disabledReason: null, failingSince: null });
    receiver.reset();
    await addCompany(world);
    await world.advance(5_000);
    expect(receiver.received).toHaveLength(1);
  });

  test('PATCH switches a webhook off, and keeps the reason of one that is off', async () => {
    const { id } = await add();
    const patch = async () =>
      (await ask(world, `/webhooks/${id}`, { method: 'PATCH', json: { disabled: true } })).json();
    expect(await patch()).toMatchObject({ disabledReason: 'requested', disabledAt: expect.any(String) });
    await world.query("UPDATE webhooks SET disabled_reason = 'gone' WHERE id = $1", [id]);
    expect(await patch()).toMatchObject({ disabledReason: 'gone' });
  });
});
