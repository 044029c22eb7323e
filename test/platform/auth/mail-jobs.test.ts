/** Mails that must not be lost: owed by the write they tell of, sent once, whatever fails on the way. */
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { authJobs } from '../../../src/auth/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';

let world: JobWorld;
let guests = 0;
beforeAll(async () => {
  world = await openJobWorld(authJobs);
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

async function mailsTo(email: string): Promise<string[]> {
  const messages = (await (await fetch(`${inject('cloud').mail.url}/messages`)).json()) as {
    to: string[];
    subject: string;
  }[];
  return messages.filter(({ to }) => to.includes(email)).map(({ subject }) => subject);
}

test('an invitation is mailed by a job', async () => {
  const email = await invite();
  await world.advance(5_000);
  expect(await mailsTo(email)).toEqual([expect.stringContaining('invites you')]);
});

test('an invitation outlives an outage of QStash', async () => {
  world.app.faults = { publish: ['down'] };
  const email = await invite();
  await world.advance(5_000);
  expect(await mailsTo(email)).toEqual([]);
  await world.tick(2);
  expect(await mailsTo(email)).toHaveLength(1);
});

test('a process that dies after the mail sends it no second time', async () => {
  world.app.faults = { finish: ['die-before'] };
  const { app } = world;
  const email = await invite();
  void world.advance(5_000);
  await app.died;
  expect(await mailsTo(email)).toHaveLength(1);
  world.replace();
  await world.tick(10);
  expect(await mailsTo(email)).toHaveLength(1);
  expect(await world.owed()).toEqual([]);
});

test('nobody is mailed who was disabled meanwhile', async () => {
  world.app.faults = { publish: ['down'] };
  const email = await invite();
  await world.query('UPDATE users SET disabled_at = now() WHERE email = $1', [email]);
  await world.tick(2);
  expect(await mailsTo(email)).toEqual([]);
});
