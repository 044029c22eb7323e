/** Jobs on every platform: enqueued over HTTP, delivered by QStash, run by the deployed bundles with equal results. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { CapturedMail } from '../../dev/mail/captured.ts';
import { signDelivery } from '../../dev/qstash/signature.ts';
import { type HostName, type HostRequest, hostNames, hostPairs } from '../support/hosts.ts';
import { type HeldDelivery, type JobHosts, openJobHosts } from '../support/job-hosts.ts';

const INVITATION = { name: 'auth.mail.invitation' };
let world: JobHosts;
beforeAll(async () => {
  world = await openJobHosts();
});
afterAll(() => world?.close());

/** Sends a request to a host as the world's tenant and expects success. */
async function ask(host: HostName, request: HostRequest): Promise<Record<string, unknown>> {
  const { status, body } = await world.hosts[host].send({ key: world.tenant.keys.all, ...request });
  expect(status, JSON.stringify(body)).toBeLessThan(300);
  return body as Record<string, unknown>;
}

/** Sends a file of two contacts and an invalid row; returns the import's id, which is also the job's id. */
async function upload(host: HostName): Promise<string> {
  const rows = [`${host} Ada,ada@${host}.example,Kelp ${host}`, `${host} Bob,bob@${host}.example,`, ',not an address,'];
  const body = `Name,E-Mail,Company\n${rows.join('\n')}\n`;
  const headers = { 'content-type': 'text/csv' };
  return String((await ask(host, { path: '/imports/contacts', method: 'POST', headers, body }))['id']);
}

/** Invites a user; a job is to send the mail. */
async function invite(host: HostName, email: string): Promise<void> {
  const json = { email, name: 'Guest', role: 'member' };
  await ask(host, { path: '/auth/invitations', method: 'POST', json });
}

/** Adds a task for the tenant's owner; a job is to notify the owner. */
async function assign(host: HostName, title: string): Promise<HeldDelivery> {
  await ask(host, { path: '/tasks', method: 'POST', json: { title, assigneeId: world.tenant.userId } });
  return world.delivery({ name: 'crm.notify' });
}

/** The subjects of the mails to an address. */
async function mailsTo(email: string): Promise<string[]> {
  const messages = (await (await fetch(`${inject('cloud').mail.url}/messages`)).json()) as CapturedMail[];
  return messages.filter(({ to }) => to.includes(email)).map(({ subject }) => subject);
}

async function unread(host: HostName): Promise<unknown> {
  return (await ask(host, { path: `/users/${world.tenant.userId}/dashboard` }))['unreadNotifications'];
}

/** Signs a delivery of the world's QStash. */
function sign(key: string, url: string, body: string): string {
  return signDelivery({ key, url, body: Buffer.from(body), now: Date.now(), id: randomBytes(6).toString('hex') });
}

/** The headers of a repeated delivery, which has a signature of its own. */
function madeAgain({ path, headers, body }: HeldDelivery, key = world.keys.current) {
  return { ...headers, 'upstash-signature': sign(key, world.deliverTo + path, body) };
}

/** A job's record without its times, as a host answers it. */
async function recordOf(host: HostName, id: string) {
  const { enqueuedAt: _, dueAt: __, updatedAt: ___, ...rest } = await ask(host, { path: `/jobs/${id}` });
  const pastAttempts = (rest['pastAttempts'] as { startedAt: string; endedAt: string }[]).map(
    ({ startedAt: _startedAt, endedAt: _endedAt, ...attempt }) => attempt,
  );
  return { ...rest, pastAttempts };
}

/** The record of a job that succeeded at its first attempt. */
function wentWell(id: string, name: string, result: unknown) {
  const counts = { generation: 0, attempt: 1, errors: 0, crashes: 0, slice: 0 };
  const none = { retryAt: null, reason: null, errorMessage: null, duplicateOf: null, progress: null };
  const pastAttempts = [{ slice: 0, number: 1, outcome: 'done', reason: null }];
  return { id, name, state: 'done', ...counts, ...none, result, pastAttempts };
}

describe.each(hostNames)('%s', (name) => {
  test('sends a mail for two requests to Redis: claim and finish', async () => {
    const people = ['first', 'second'].map((each) => `${each}-${randomBytes(6).toString('hex')}@${name}.example`);
    for (const email of people) await invite(name, email);
    const [first, second] = [await world.delivery(INVITATION), await world.delivery(INVITATION)];
    // The first call of an isolate also asks for the circuit of the mail provider.
    expect((await first.to(name)).asked).toEqual([['claim'], ['other'], ['finish']]);
    expect(await second.to(name)).toEqual({
      status: 200,
      body: { state: 'done' },
      asked: [['claim'], ['finish']],
    });
    for (const { id } of [first, second]) {
      const mailed = wentWell(id, INVITATION.name, { mailId: expect.any(String) });
      expect(await recordOf(name, id)).toEqual(mailed);
    }
    for (const email of people) expect(await mailsTo(email)).toEqual([expect.stringContaining('invites you')]);
  });

  test('imports a file: the same rows, counts and requests everywhere', async () => {
    const id = await upload(name);
    const { asked, ...answer } = await (await world.delivery({ id })).to(name);
    expect(answer).toEqual({ status: 200, body: { state: 'done' } });
    // Two requests of the transaction change the cache, before and after the commit. Then its event is published, in one
    // request with the progress of the job unless the machine is too slow.
    expect(asked.flat()).toEqual(['claim', 'other', 'other', 'other', 'heartbeat', 'finish']);
    const counts = { imported: 2, updated: 0, unchanged: 0, rejected: 1, incomplete: 0, companiesCreated: 1 };
    expect(await recordOf(name, id)).toEqual(wentWell(id, 'contacts.import', { rows: 3, ...counts }));
    expect(await ask(name, { path: `/imports/${id}` })).toMatchObject({
      ...{ status: 'done', rows: 3, done: 3, ...counts },
      rejections: [
        { row: 4, field: 'email', message: 'is not an e-mail address', kept: false },
        { row: 4, field: 'name', message: 'is required for a new contact', kept: false },
      ],
    });
    const people = [{ name: `${name} Bob` }, { name: `${name} Ada`, email: `ada@${name}.example` }];
    for (const reader of hostNames) {
      const { items } = await ask(reader, { path: `/contacts?search=${name}` });
      expect(items).toEqual(expect.arrayContaining(people.map((each) => expect.objectContaining(each))));
      expect(items).toHaveLength(2);
    }
  });

  test('refuses a delivery without a signature of QStash before it asks Redis', async () => {
    const delivery = await assign(name, 'Sign');
    const { path, body, headers } = delivery;
    const url = world.deliverTo + path;
    const forged = {
      'another key': sign('sig_other', url, body),
      'another job': sign(world.keys.current, `${world.deliverTo}/jobs/run/contacts.import`, body),
      'another body': sign(world.keys.current, url, `${body} `),
      'no signature': '',
    };
    for (const [what, signature] of Object.entries(forged)) {
      const refused = await delivery.copyTo(name, { headers: { ...headers, 'upstash-signature': signature } });
      expect([what, refused.status, refused.asked]).toEqual([what, 401, []]);
      expect(refused.body).toMatchObject({ code: 'NOT_AUTHENTICATED' });
    }
    expect(await recordOf(name, delivery.id)).toMatchObject({ state: 'queued', attempt: 0 });
    // The next key of a rotation is valid too.
    const next = madeAgain(delivery, world.keys.next);
    expect(await delivery.copyTo(name, { headers: next })).toMatchObject({ status: 200, body: { state: 'done' } });
    // But each signature is valid for one delivery only.
    expect(await delivery.copyTo(name, { headers: next })).toMatchObject({ status: 401, asked: [['claim']] });
    expect(await delivery.to(name)).toMatchObject({ status: 200, body: { state: 'done' }, asked: [['claim']] });
  });
});

describe.each(hostPairs)('enqueued in %s, run in %s', (writer, runner) => {
  test('a job does its work, and the writer sees the result', async () => {
    const before = Number(await unread(writer));
    const delivery = await assign(writer, `From ${writer} to ${runner}`);
    expect(await delivery.to(runner)).toMatchObject({ status: 200, body: { state: 'done' } });
    expect(await unread(writer)).toBe(before + 1);
    const done = wentWell(delivery.id, 'crm.notify', 1);
    expect([await recordOf(writer, delivery.id), await recordOf(runner, delivery.id)]).toEqual([done, done]);
  });
});

test('a job delivered to all hosts at once is run by one of them', async () => {
  const before = Number(await unread('node'));
  const delivery = await assign('worker', 'Once');
  const answers = await Promise.all(hostNames.map((name) => delivery.copyTo(name, { headers: madeAgain(delivery) })));
  expect(await delivery.to('node')).toMatchObject({ status: 200, body: { state: 'done' }, asked: [['claim']] });
  for (const { status } of answers) expect([200, 409]).toContain(status);
  expect(await unread('node')).toBe(before + 1);
  expect(await recordOf('lambda', delivery.id)).toEqual(wentWell(delivery.id, 'crm.notify', 1));
});

test('on AWS, the function for deliveries serves nothing else', async () => {
  const { lambda } = world.hosts;
  expect(await lambda.deliver({ path: '/dashboard', key: world.tenant.keys.all })).toMatchObject({ status: 404 });
  expect(await lambda.deliver({ path: '/schedules/tick', method: 'POST' })).toMatchObject({ status: 401 });
});
