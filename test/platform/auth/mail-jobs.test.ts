/** Mails: enqueued in the transaction of their write, and sent once despite any fault on the way. */
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { identity } from '../../../src/identity/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { addPerson } from '../../support/people.ts';

let world: JobWorld;
let guests = 0;
beforeAll(async () => {
  world = await openJobWorld(identity.jobs);
});
beforeEach(() => {
  world.replace();
});
afterAll(() => world.close());

async function invite(): Promise<string> {
  guests += 1;
  const email = `guest${guests}.${world.tenant.id}@people.example`;
  const response = await world.app.test.request('/auth/invitations', {
    method: 'POST',
    key: world.tenant.keys.all,
    json: { email, name: 'Guest', role: 'member' },
  });
  expect(response.status).toBe(201);
  return email;
}

async function mailsTo(email: string): Promise<{ subject: string; text: string }[]> {
  const messages = (await (await fetch(`${inject('cloud').mail.url}/messages`)).json()) as {
    to: string[];
    subject: string;
    text: string;
  }[];
  return messages.filter(({ to }) => to.includes(email));
}

test('an invitation is mailed by a job', async () => {
  const email = await invite();
  await world.advance(5_000);
  expect(await mailsTo(email)).toMatchObject([{ subject: expect.stringContaining('invites you') }]);
});

test('an invitation outlives an outage of QStash', async () => {
  world.app.faults = { publish: ['down'] };
  const email = await invite();
  await world.advance(5_000);
  expect(await mailsTo(email)).toEqual([]);
  await world.tick(2);
  expect(await mailsTo(email)).toHaveLength(1);
});

test('a process that dies after the mail does not cause a second mail', async () => {
  world.app.faults = { finish: ['die-before'] };
  const { app } = world;
  const email = await invite();
  void world.advance(5_000);
  await app.died;
  expect(await mailsTo(email)).toHaveLength(1);
  world.replace();
  await world.tick(10);
  expect(await mailsTo(email)).toHaveLength(1);
  expect(await world.outbox()).toEqual([]);
});

test('a user disabled meanwhile gets no mail', async () => {
  world.app.faults = { publish: ['down'] };
  const email = await invite();
  await world.query('UPDATE users SET disabled_at = now() WHERE email = $1', [email]);
  await world.tick(2);
  expect(await mailsTo(email)).toEqual([]);
});

describe('the mail of a code', () => {
  let email: string;
  beforeEach(async () => {
    email = (await addPerson(world.connectionString, world.tenant.id)).email;
  });

  async function ask(): Promise<void> {
    const response = await world.app.test.request('/auth/code', { method: 'POST', key: null, json: { email } });
    expect(response.status).toBe(202);
  }

  async function mailedCodes(): Promise<string[]> {
    const mails = await mailsTo(email);
    return mails.map(({ text }) => /\b\d{8}\b/.exec(text)?.[0] ?? expect.fail('a mail without a code'));
  }

  test('waits without its code and address: in the outbox, at QStash, in Redis', async () => {
    const { app } = world;
    app.faults = { publish: ['down'] };
    await ask();
    const [row] = await world.query("SELECT * FROM outbox WHERE kind <> 'invalidate-again'");
    await world.tick(2);
    const [code = ''] = await mailedCodes();
    const { id } = (row?.['payload'] ?? expect.fail('The outbox is empty')) as { id: string };
    const scope = app.test.platform.scope();
    const record = await scope.redis.exec(['HGETALL', `hf:nobody:j:${id}`]);
    await scope.end();
    const batches = app.published.map(({ body }) => body);
    expect(batches.join()).toContain(id);
    for (const place of [JSON.stringify(row), JSON.stringify(record), JSON.stringify(batches)]) {
      expect(place).toContain('auth.mail.code');
      for (const hidden of [code, email, Buffer.from(email).toString('base64url')]) expect(place).not.toContain(hidden);
    }
    // The record does not show the outcome either: it is the same for an unknown address.
    expect(await scope.redis.exec(['GET', `hf:nobody:jr:${id}`])).not.toMatch(/\w{8}/);
  });

  test('is sent once with the same code when a process died during the job', async () => {
    const { app } = world;
    app.faults = { finish: ['die-before'] };
    await ask();
    void world.advance(1_000);
    await app.died;
    world.replace();
    await world.tick(10);
    expect(await mailedCodes()).toHaveLength(1);
    expect(await world.outbox()).toEqual([]);
  });

  test('is not sent when its code has expired', async () => {
    world.app.faults = { publish: ['down'] };
    await ask();
    await world.advance(600_000);
    await world.tick(2);
    expect(await mailedCodes()).toEqual([]);
    expect(await world.outbox()).toEqual([]);
  });
});
