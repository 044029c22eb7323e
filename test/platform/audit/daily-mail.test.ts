/** The newest seal is mailed to the auditors of each tenant once a day, and the mail is accepted as a kept seal. */
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { mailAuditSeal, mailAuditSeals } from '../../../src/identity/audit-mail.ts';
import { readKeptSeals, sealSchedule } from '../../../src/platform/audit/index.ts';
import { createSchedules } from '../../../src/platform/jobs/index.ts';
import { type JobWorld, openJobWorld } from '../../support/job-world.ts';
import { addPerson, type Person, type PersonOptions } from '../../support/people.ts';
import { createTenant, type OwnTenant } from '../../support/tenant.ts';

const DAY_MS = 86_400_000;
const SIX_MS = 6 * 3_600_000;

let world: JobWorld;
let tenant: OwnTenant;
beforeAll(async () => {
  world = await openJobWorld([mailAuditSeal], createSchedules([sealSchedule, mailAuditSeals]));
});
beforeEach(async () => {
  await world.clear();
  tenant = await createTenant(world.connectionString);
});
afterAll(() => world.close());

const person = (options: PersonOptions) => addPerson(world.connectionString, tenant.id, options);
const write = (of = tenant) =>
  world.app.test.request('/webhooks', {
    ...{ method: 'POST', key: of.keys.all },
    json: { url: 'https://hooks.example.com', events: ['deal.won'] },
  });

/** Moves the clock to just before the next 06:00 UTC, and runs the schedules of the two minutes around it. */
async function nextMorning(): Promise<void> {
  const now = world.qstash.clock.now();
  const six = Math.floor((now - SIX_MS) / DAY_MS) * DAY_MS + DAY_MS + SIX_MS;
  await world.advance(six - now - 60_000);
  await world.tick(2);
  await world.settle();
}

async function mailsTo({ email }: Person): Promise<{ subject: string; text: string; html: string }[]> {
  const answer = await fetch(`${inject('cloud').mail.url}/messages`);
  const mails = (await answer.json()) as { to: string[]; subject: string; text: string; html: string }[];
  return mails.filter(({ to }) => to.includes(email));
}

test('the auditors of a tenant get one mail a day with the newest seal, and other roles none', async () => {
  const people = await Promise.all([person({ role: 'auditor' }), person({ role: 'auditor' })]);
  const others = await Promise.all([
    ...(['owner', 'admin', 'member'] as const).map((role) => person({ role })),
    person({ role: 'auditor', disabled: true }),
    person({ role: 'auditor', verified: false }),
  ]);
  await write();
  await world.tick();
  await nextMorning();
  for (const each of people) expect(await mailsTo(each)).toHaveLength(1);
  for (const each of others) expect(await mailsTo(each)).toEqual([]);
  await nextMorning();
  for (const each of people) expect(await mailsTo(each)).toHaveLength(2);
});

test('the mail has the number, the hash, the count and the time of the seal, and says how to compare it', async () => {
  const auditor = await person({ role: 'auditor' });
  await write();
  await write();
  await world.tick();
  await nextMorning();
  const [seal] = await world.query(
    `SELECT hash, to_char(sealed_at, 'YYYY-MM-DD HH24:MI "UTC"') AS sealed FROM audit_seals WHERE tenant_id = $1`,
    [tenant.id],
  );
  const [mail] = await mailsTo(auditor);
  expect(mail?.subject).toContain(': seal 1');
  expect(mail?.text).toContain(
    `number 1. It was made on ${seal?.['sealed']} over 2 entries. Its hash is ${seal?.['hash']}.`,
  );
  expect(mail?.text).toContain(`npm run audit:verify -- --tenant ${tenant.id} --anchor mail.txt`);
  expect(mail?.text).toContain('/console/audit');
  expect(readKeptSeals(mail?.text ?? '')).toEqual([{ tenantId: tenant.id, seal: 1, hash: seal?.['hash'] }]);
});

test('a tenant without auditors has its owners mailed, and one without a seal none', async () => {
  const owner = await person({ role: 'owner' });
  const idle = await createTenant(world.connectionString);
  const idleOwner = await addPerson(world.connectionString, idle.id, { role: 'owner' });
  await write();
  await world.tick();
  await nextMorning();
  expect(await mailsTo(owner)).toHaveLength(1);
  expect(await mailsTo(idleOwner)).toEqual([]);
});

test('two runs at once, a repeated run and a late run of an earlier day mail a day once', async () => {
  const auditor = await person({ role: 'auditor' });
  await write();
  await world.tick();
  const tick = Date.parse(`${new Date(world.qstash.clock.now()).toISOString().slice(0, 10)}T06:00:00Z`) + DAY_MS;
  const run = async (at: number) => {
    const scope = world.app.test.platform.scope();
    const signal = new AbortController().signal;
    const result = await mailAuditSeals.execute({ tick: at, attempt: 1, signal, log: scope.log, scope });
    await scope.end();
    return result;
  };
  await Promise.all([run(tick), run(tick)]);
  await run(tick);
  await run(tick - DAY_MS);
  await world.settle();
  expect(await mailsTo(auditor)).toHaveLength(1);
  const [state] = await world.query('SELECT mailed, mailed_on::text AS day FROM audit_anchors WHERE tenant_id = $1', [
    tenant.id,
  ]);
  expect(state).toEqual({ mailed: 1, day: new Date(tick).toISOString().slice(0, 10) });
  await run(tick + DAY_MS);
  await world.settle();
  expect(await mailsTo(auditor)).toHaveLength(2);
});
