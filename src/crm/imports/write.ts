/** Writes the contacts and companies that an import has decided about, and appends their events. */
import type { Transaction, TransactionClient } from '../../platform/db/index.ts';
import { appendAll, type NewEventOf } from '../../platform/events/index.ts';
import { companyEvents } from '../companies/events.ts';
import { contactEvents } from '../contacts/events.ts';
import { companyTags, contactTags } from '../tags.ts';
import { CHANGEABLE } from './decide.ts';
import type { KnownContact } from './known.ts';
import type { Draft } from './matcher.ts';

/** Adds companies, adds and updates contacts, and invalidates their tags. At most 3 statements. */
export async function writeRows(
  tx: Transaction,
  drafts: readonly Draft[],
  companies: readonly { id: string; name: string }[],
): Promise<void> {
  const { db, tenant } = tx;
  const createdAt = new Date(tx.system.now());
  if (companies.length > 0) {
    await db.company.createMany({ data: companies.map((company) => ({ ...company, tenantId: tenant, createdAt })) });
    // The companies are new, so no cached value can have the tag of one of these companies.
    tx.invalidate(companyTags.all, companyTags.set);
  }
  const added = drafts.filter(({ before }) => before === null);
  if (added.length > 0) {
    const data = added.map(({ before: _before, companyName: _name, ...row }) => ({
      ...row,
      tenantId: tenant,
      createdAt,
    }));
    await db.contact.createMany({ data });
    tx.invalidate(contactTags.all, contactTags.set);
    for (const { companyId } of added) if (companyId) tx.invalidate(contactTags.ofCompany(companyId));
  }
  const updated = drafts.filter(({ before }) => before !== null);
  await updateContacts(db, tenant, updated, createdAt);
  for (const { before, ...after } of updated) {
    if (before) tx.invalidate(...contactTags.of(before), ...contactTags.of(after));
  }
}

/** Writes the changeable fields of contacts that exist. 1 statement, none without contacts. */
export async function updateContacts(
  db: TransactionClient,
  tenant: string,
  contacts: readonly KnownContact[],
  now: Date,
): Promise<void> {
  if (contacts.length === 0) return;
  const rows = contacts.map(({ id, name, email, phone, jobTitle, companyId }) => ({
    ...{ id, name, email, phone, jobTitle, companyId },
  }));
  await db.$executeRaw`
    UPDATE contacts SET name = new.name, email = new.email, phone = new.phone, job_title = new."jobTitle",
      company_id = new."companyId", updated_at = ${now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS new (id text, name text, email text, phone text, "jobTitle" text, "companyId" text)
    WHERE contacts.tenant_id = ${tenant} AND contacts.id = new.id`;
}

type ContactEvent = NewEventOf<typeof contactEvents.events> & { key: string };

/** Appends the events of the written rows: as if each row had been written by a user. */
export async function appendEvents(
  tx: Transaction,
  drafts: readonly Draft[],
  companies: readonly { id: string }[],
  actorId: string | null,
): Promise<void> {
  const meta = actorId === null ? {} : { actorId };
  const created = { type: 'created', data: {}, meta } as const;
  await appendAll(
    tx,
    companyEvents,
    companies.map(({ id: key }) => ({ key, ...created })),
  );
  const events = drafts.flatMap(({ id: key, before, ...after }): ContactEvent[] => {
    if (before === null) return [{ key, ...created }];
    const fields = CHANGEABLE.filter((name) => before[name] !== after[name]);
    return fields.length === 0 ? [] : [{ key, type: 'updated', data: { fields }, meta }];
  });
  await appendAll(tx, contactEvents, events);
}
