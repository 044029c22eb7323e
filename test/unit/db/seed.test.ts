import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { demoKeys } from '../../../prisma/demo.ts';
import { sealingWith } from '../../../prisma/seed/sealing.ts';
import { addDays, day } from '../../../prisma/seed/world.ts';
import { makeTenant, unsealed } from '../../../prisma/seed.ts';
import { statuses as visitStatuses } from '../../../src/care/appointments/flow.ts';
import { birthYearDigests, nameDigests, numberDigests, openColumn } from '../../../src/care/sealing/columns.ts';
import { dealEvents } from '../../../src/crm/deals/events.ts';
import { createSealer } from '../../../src/platform/redis/index.ts';
import { SEED_TIME } from '../../support/seed-time.ts';

const acme = await makeTenant('acme', SEED_TIME, unsealed);

describe('the seed', () => {
  it('is the same each time at the same moment', async () => {
    expect(await makeTenant('acme', SEED_TIME, unsealed)).toEqual(acme);
  });

  it('ends on the day of seeding', async () => {
    for (const now of [SEED_TIME, addDays(SEED_TIME, 400), new Date('2027-03-01T00:00:01.000Z')]) {
      const { activities, deals, tasks, users } = await makeTenant('acme', now, unsealed);
      const rows = [
        ...activities,
        ...deals,
        ...tasks,
        ...users.map(({ lastActiveAt }) => ({ createdAt: lastActiveAt })),
      ];
      const latest = Math.max(...rows.map(({ createdAt }) => new Date(createdAt ?? 0).getTime()));
      expect(latest).toBeLessThanOrEqual(now.getTime());
      expect(latest).toBeGreaterThan(now.getTime() - day);
      expect(activities.every(({ occurredAt }) => new Date(occurredAt).getTime() > now.getTime() - 60 * day)).toBe(
        true,
      );
    }
  });

  it('has the same contents on another day, except for dates', async () => {
    const later = await makeTenant('acme', addDays(SEED_TIME, 365), unsealed);
    const withoutDates = ({ deals, contacts, users }: typeof later) => [
      deals.map(({ title, stage, value }) => [title, stage, value]),
      contacts.map(({ name, email }) => [name, email]),
      users.map(({ email, role }) => [email, role]),
    ];
    expect(withoutDates(later)).toEqual(withoutDates(acme));
  });

  it('has a believable size', () => {
    expect(acme.users.length).toBe(31);
    expect(acme.companies.length).toBe(60);
    expect(acme.contacts.length).toBe(500);
    expect(acme.deals.length).toBe(800);
    expect(acme.projects.length).toBe(40);
    expect(acme.tasks.length).toBe(600);
    expect(acme.activities.length).toBe(400);
    expect(acme.notifications.length).toBe(120);
    expect(acme.patients.length).toBe(8);
  });

  it('has every role, stage and status', () => {
    expect(new Set(acme.users.map(({ role }) => role)).size).toBe(9);
    expect(new Set(acme.deals.map(({ stage }) => stage)).size).toBe(6);
    expect(new Set(acme.tasks.map(({ status }) => status)).size).toBe(5);
    expect(new Set(acme.projects.map(({ status }) => status)).size).toBe(5);
  });

  it('closes deals after it opens them, and before now', () => {
    for (const { stage, createdAt, closedAt } of acme.deals) {
      expect(closedAt != null).toBe(stage === 'won' || stage === 'lost');
      if (closedAt == null) continue;
      expect(new Date(closedAt).getTime()).toBeGreaterThan(new Date(createdAt ?? 0).getTime());
      expect(new Date(closedAt).getTime()).toBeLessThanOrEqual(SEED_TIME.getTime());
    }
  });

  it('has the events of each deal, in the order of time, up to its stage and its closing', () => {
    const times = acme.events.map(({ at }) => new Date(at).getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    const ofDeal = Map.groupBy(acme.events, ({ key }) => key);
    expect(ofDeal.size).toBe(800);
    for (const { id, stage, createdAt, closedAt } of acme.deals) {
      const events = ofDeal.get(id) ?? [];
      expect(events.map(({ version }) => version)).toEqual(events.map((_, index) => index + 1));
      expect(events[0]).toMatchObject({ type: 'created', at: createdAt, data: { stage: 'lead' } });
      const last = events.at(-1);
      const { to = 'lead' } = (last?.data ?? {}) as { to?: string };
      expect(closedAt == null ? to : last?.type).toBe(stage);
      if (closedAt != null) expect(last?.at).toEqual(closedAt);
    }
    for (const event of acme.events) {
      const definition = (dealEvents.events as Record<string, { schema: z.ZodType }>)[event.type];
      expect(definition?.schema.safeParse(event.data).success, event.type).toBe(true);
    }
  });

  it('has unique ids that sort by time', () => {
    const deals = acme.deals.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const times = deals.map(({ createdAt }) => new Date(createdAt ?? 0).getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(new Set(deals.map(({ id }) => id)).size).toBe(800);
    expect(deals.every(({ id }) => /^deal_[0-9A-HJKMNP-TV-Z]{26}$/.test(id))).toBe(true);
  });

  it('balances every account', () => {
    for (const { id, balance, version } of acme.accounts) {
      const entries = acme.postings.filter(({ accountId }) => accountId === id);
      expect(entries.reduce((sum, { amount }) => sum + Number(amount), 0)).toBe(balance);
      expect(entries.length).toBe(version);
    }
    expect(acme.postings.reduce((sum, { amount }) => sum + Number(amount), 0)).toBe(0);
  });

  it('has visits in every status', () => {
    const statuses = new Set(acme.appointments.map(({ status }) => status));
    expect([...statuses].toSorted()).toEqual(visitStatuses.toSorted());
  });

  it('is opened and found by an application with the same key', async () => {
    const key = Buffer.alloc(32, 7).toString('base64');
    const { patients } = await makeTenant('globex', SEED_TIME, sealingWith(`k1:${key}`));
    const services = { tenant: 'globex', sealer: createSealer({ keys: { k1: key }, current: 'k1' }) };
    const [{ id = '', sealedName = '', numberDigest = '', birthYearDigest = '', nameTokens = [] } = {}] = patients;
    expect(await openColumn(services, 'patients.sealed_name', id, sealedName)).toBe('Test Patient 1');
    expect(await numberDigests(services, 'TEST-0001')).toEqual([numberDigest]);
    expect(await birthYearDigests(services, '1951')).toEqual([birthYearDigest]);
    expect((await nameDigests(services, 'Test Patient 1')).flat()).toEqual(nameTokens);
  });

  it('seals what is sensitive', async () => {
    const { patients, recordVersions } = await makeTenant('globex', SEED_TIME, {
      ...unsealed,
      seal: (_text, where) => `sealed ${where}`,
    });
    expect(patients[0]?.sealedName).toBe(`sealed patients.sealed_name/${patients[0]?.id}`);
    const [version] = recordVersions;
    expect(version?.sealedBody).toBe(`sealed medical_record_versions.sealed_body/${version?.recordId}/1`);
  });
});

describe('the demo keys', () => {
  it.each(Object.values(demoKeys))('%s has the form of a key', (key) => {
    expect(key).toMatch(/^hf_[a-z0-9][a-z0-9-]{0,39}_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}$/);
  });

  it('are stored as hashes, with their rights', async () => {
    const globex = await makeTenant('globex', SEED_TIME, unsealed);
    const hash = (key: string) =>
      createHash('sha256')
        .update(key.split('_')[3] ?? '')
        .digest('hex');
    expect([...acme.apiKeys, ...globex.apiKeys]).toMatchObject([
      { tenantId: 'acme', id: 'demo00000001', secretHash: hash(demoKeys.acme), rights: ['*'] },
      { tenantId: 'acme', id: 'demo00000002', secretHash: hash(demoKeys.acmeReadOnly), rights: ['crm:read'] },
      { tenantId: 'globex', id: 'demo00000003', secretHash: hash(demoKeys.globex), rights: ['*'] },
    ]);
  });
});
