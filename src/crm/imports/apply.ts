/**
 * Writes rows as contacts. A row changes the contact with the same e-mail address, which may come from an earlier row;
 * without such a contact, the row adds a contact. So a second import of a file changes nothing, and the result does not
 * depend on the borders between transactions.
 */
import type { Transaction, TransactionClient } from '../../platform/db/index.ts';
import { appendAll, type NewEventOf } from '../../platform/events/index.ts';
import { companyEvents } from '../companies/events.ts';
import { contactEvents } from '../contacts/events.ts';
import { companyTags, contactTags } from '../tags.ts';
import type { ContactRow, Rejection } from './rows.ts';

/** The results of a batch of rows. */
export interface Tally {
  imported: number;
  updated: number;
  unchanged: number;
  companiesCreated: number;
  rejections: Rejection[];
}

/** A contact as far as an import reads it. */
interface Contact {
  id: string;
  name: string;
  email: string | null;
  phone: string | null;
  jobTitle: string | null;
  companyId: string | null;
  ownerId: string | null;
}

/** The new state of a contact. */
interface Draft extends Contact {
  /** The old state; `null` for a new contact. */
  before: Contact | null;
  changed: boolean;
}

/** Who imports, and whether companies that do not exist are added. */
export interface ApplyOptions {
  createCompanies: boolean;
  actorId: string | null;
}

/** Adds and updates contacts, with an event for each, with at most eight statements for any number of rows. */
export async function applyRows(
  tx: Transaction,
  rows: readonly ContactRow[],
  { createCompanies, actorId }: ApplyOptions,
): Promise<Tally> {
  // The lock lets only one import of a tenant run at a time. E-mail addresses are not unique in the database, so two
  // concurrent imports could add the same contact twice.
  await tx.db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`import:${tx.tenant}`}, 0))`;
  const known = await contactsByEmail(tx, rows);
  const companies = await companiesByName(tx, rows);
  const tally: Tally = { imported: 0, updated: 0, unchanged: 0, companiesCreated: 0, rejections: [] };
  const drafts: Draft[] = [];
  const newCompanies: { id: string; name: string }[] = [];

  function companyOf(name: string): string | null {
    const found = companies.get(name.toLowerCase());
    if (found !== undefined || !createCompanies) return found ?? null;
    const id = tx.system.rowId('company');
    companies.set(name.toLowerCase(), id);
    newCompanies.push({ id, name });
    return id;
  }

  for (const row of rows) {
    const reject = (field: string, message: string) => tally.rejections.push({ row: row.row, field, message });
    const matches = row.email === undefined ? [] : (known.get(row.email) ?? []);
    const [match] = matches;
    if (matches.length > 1) {
      reject('email', 'belongs to several contacts');
      continue;
    }
    if (!match && row.name === undefined) {
      reject('name', 'is required for a new contact');
      continue;
    }
    const companyId = row.company === undefined ? null : companyOf(row.company);
    if (row.company !== undefined && companyId === null) {
      reject('company', 'is not a known company');
      continue;
    }
    const draft = match ?? newDraft(tx.system.rowId('contact'), row.email ?? null);
    const changed = change(draft, row, companyId);
    if (match) tally[changed ? 'updated' : 'unchanged'] += 1;
    else {
      tally.imported += 1;
      if (row.email !== undefined) known.set(row.email, [draft]);
    }
    if (!match || (changed && !draft.changed && draft.before)) drafts.push(draft);
    draft.changed ||= changed;
  }
  tally.companiesCreated = newCompanies.length;
  await write(tx, drafts, newCompanies);
  await appendEvents(tx, drafts, newCompanies, actorId);
  return tally;
}

function newDraft(id: string, email: string | null): Draft {
  const empty = { name: '', phone: null, jobTitle: null, companyId: null, ownerId: null };
  return { id, email, ...empty, before: null, changed: false };
}

/** The fields that a row may change. */
const CHANGEABLE = ['name', 'phone', 'jobTitle', 'companyId'] as const;

/** Copies the row's fields to a draft and returns whether the draft changed. */
function change(draft: Draft, row: ContactRow, companyId: string | null): boolean {
  const { name = draft.name, phone = draft.phone, jobTitle = draft.jobTitle } = row;
  const next = { name, phone, jobTitle, companyId: companyId ?? draft.companyId };
  const changed = CHANGEABLE.some((key) => next[key] !== draft[key]);
  Object.assign(draft, next);
  return changed;
}

/**
 * Locks and returns the contacts with the rows' addresses, so that no other write can change the company or the owner
 * of a contact.
 */
async function contactsByEmail(
  { db, tenant }: Transaction,
  rows: readonly ContactRow[],
): Promise<Map<string, Draft[]>> {
  const emails = [...new Set(rows.flatMap(({ email }) => email ?? []))];
  const found = await db.$queryRaw<(Contact & { email: string })[]>`
    SELECT id, name, email, phone, job_title AS "jobTitle", company_id AS "companyId", owner_id AS "ownerId"
    FROM contacts WHERE tenant_id = ${tenant} AND email = ANY(${emails}) ORDER BY id FOR UPDATE`;
  const byEmail = new Map<string, Draft[]>();
  for (const contact of found) {
    const draft = { ...contact, before: { ...contact }, changed: false };
    byEmail.set(contact.email, [...(byEmail.get(contact.email) ?? []), draft]);
  }
  return byEmail;
}

/**
 * Returns, for each name, the oldest company with this name. Upper and lower case do not matter. The map's keys are
 * lower-case names.
 */
async function companiesByName({ db, tenant }: Transaction, rows: readonly ContactRow[]): Promise<Map<string, string>> {
  const names = [...new Set(rows.flatMap(({ company }) => company ?? []))];
  const found = await db.$queryRaw<{ name: string; id: string }[]>`
    SELECT wanted.name, company.id FROM unnest(${names}::text[]) AS wanted (name)
    CROSS JOIN LATERAL (
      SELECT id FROM companies WHERE tenant_id = ${tenant} AND search_name = lower(wanted.name) ORDER BY id LIMIT 1
    ) AS company`;
  return new Map(found.map(({ name, id }) => [name.toLowerCase(), id]));
}

async function write(
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
    const data = added.map(({ before: _before, changed: _changed, ...row }) => ({
      ...row,
      tenantId: tenant,
      createdAt,
    }));
    await db.contact.createMany({ data });
    tx.invalidate(contactTags.all, contactTags.set);
    for (const { companyId } of added) if (companyId) tx.invalidate(contactTags.ofCompany(companyId));
  }
  const updated = drafts.filter(({ before }) => before !== null);
  if (updated.length > 0) await update(db, tenant, updated, createdAt);
  for (const { before, ...after } of updated) {
    if (before) tx.invalidate(...contactTags.of(before), ...contactTags.of(after));
  }
}

type ContactEvent = NewEventOf<typeof contactEvents.events> & { key: string };

/** Appends the events of the written rows: as if each row had been written by a user. */
async function appendEvents(
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

async function update(db: TransactionClient, tenant: string, drafts: readonly Draft[], now: Date): Promise<void> {
  const rows = drafts.map(({ id, name, phone, jobTitle, companyId }) => ({ id, name, phone, jobTitle, companyId }));
  await db.$executeRaw`
    UPDATE contacts SET name = new.name, phone = new.phone, job_title = new."jobTitle",
      company_id = new."companyId", updated_at = ${now}
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      AS new (id text, name text, phone text, "jobTitle" text, "companyId" text)
    WHERE contacts.tenant_id = ${tenant} AND contacts.id = new.id`;
}
