/**
 * The undo of an import: new records are removed and changed records get their old values, chunk by chunk, the last
 * chunk first. A record that has changed since the import stays as it is, and is listed with the reason.
 */
import type { Transaction } from '../../platform/db/index.ts';
import { appendAll, type NewEventOf } from '../../platform/events/index.ts';
import { contactEvents } from '../contacts/events.ts';
import { contactTags } from '../tags.ts';
import { type Change, type ContactState, isSameState, stateOf, type Undone, type UndoOptions } from './changes.ts';
import { CHANGEABLE } from './decide.ts';
import type { KnownContact } from './known.ts';
import { removeCompanies } from './undo-companies.ts';
import { updateContacts } from './write.ts';

/** Undoes the changes of one chunk, with a fixed number of statements. */
export async function undoChanges(tx: Transaction, changes: readonly Change[], options: UndoOptions): Promise<Undone> {
  const contacts = changes.filter((change) => change.entity === 'contact');
  const companies = changes.filter((change) => change.entity === 'company');
  const people = await undoContacts(tx, contacts, options);
  const firms = await removeCompanies(tx, companies, options);
  return {
    removed: people.removed + firms.removed,
    restored: people.restored,
    kept: [...people.kept, ...firms.kept],
  };
}

type ContactChange = Extract<Change, { entity: 'contact' }>;

async function undoContacts(
  tx: Transaction,
  changes: readonly ContactChange[],
  { actorId }: UndoOptions,
): Promise<Undone> {
  const current = await lockContacts(tx, changes);
  const companies = await lockCompanies(
    tx,
    changes.flatMap(({ before }) => before?.companyId ?? []),
  );
  const reasons = new Map(
    changes.map((change) => [change.id, reasonToKeep(change, current.get(change.id), companies)]),
  );
  const undone = changes.flatMap(({ id, before }) => {
    const contact = current.get(id);
    return contact && reasons.get(id) === null ? [{ contact, before }] : [];
  });
  const removed = undone.flatMap(({ contact, before }) => (before === null ? [contact] : []));
  const restored = undone.flatMap(({ contact, before }) => (before === null ? [] : [{ contact, before }]));
  await write(tx, removed, restored);
  const meta = actorId === null ? {} : { actorId };
  await appendAll(tx, contactEvents, [
    ...removed.map(({ id: key }): ContactEvent => ({ key, type: 'deleted', data: {}, meta })),
    ...restored.map(({ contact, before }): ContactEvent => {
      const fields = CHANGEABLE.filter((field) => contact[field] !== before[field]);
      return { key: contact.id, type: 'updated', data: { fields }, meta };
    }),
  ]);
  const kept = [...reasons].flatMap(([id, reason]) =>
    reason === null ? [] : [{ entity: 'contact' as const, id, reason }],
  );
  return { removed: removed.length, restored: restored.length, kept };
}

type ContactEvent = NewEventOf<typeof contactEvents.events> & { key: string };

/** A contact with the number of its deals. */
type CurrentContact = KnownContact & { deals: number };

function reasonToKeep(
  { before, after }: ContactChange,
  contact: CurrentContact | undefined,
  companies: ReadonlySet<string>,
): string | null {
  // A new contact that was deleted since needs no undo; the caller finds nothing to remove.
  if (!contact) return before === null ? null : 'was deleted since the import';
  if (!isSameState(contact, after)) return 'has changed since the import';
  if (before === null) {
    if (contact.deals > 0) return 'has deals';
    return contact.ownerId === null ? null : 'has changed since the import';
  }
  const isLost = before.companyId !== null && !companies.has(before.companyId);
  return isLost ? 'its earlier company was deleted' : null;
}

/** Locks and returns contacts. The lock also prevents new deals with a contact. 2 statements. */
async function lockContacts({ db, tenant }: Transaction, changes: readonly ContactChange[]) {
  const ids = changes.map(({ id }) => id);
  const contacts = await db.$queryRaw<KnownContact[]>`
    SELECT id, name, email, phone, job_title AS "jobTitle", company_id AS "companyId", owner_id AS "ownerId"
    FROM contacts WHERE tenant_id = ${tenant} AND id = ANY(${ids}) ORDER BY id FOR UPDATE`;
  const deals = await db.$queryRaw<{ id: string; deals: number }[]>`
    SELECT contact_id AS id, count(*)::int AS deals FROM deals
    WHERE tenant_id = ${tenant} AND contact_id = ANY(${ids}) GROUP BY contact_id`;
  const dealsOf = new Map(deals.map(({ id, deals: count }) => [id, count]));
  return new Map(contacts.map((contact) => [contact.id, { ...contact, deals: dealsOf.get(contact.id) ?? 0 }]));
}

/** Locks companies against deletion, and returns those that exist. 1 statement. */
async function lockCompanies({ db, tenant }: Transaction, ids: readonly string[]): Promise<Set<string>> {
  const found = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM companies WHERE tenant_id = ${tenant} AND id = ANY(${[...new Set(ids)]}) ORDER BY id FOR KEY SHARE`;
  return new Set(found.map(({ id }) => id));
}

/** Removes and restores contacts. At most 2 statements. */
async function write(
  tx: Transaction,
  removed: readonly KnownContact[],
  restored: readonly { contact: KnownContact; before: ContactState }[],
): Promise<void> {
  const { db, tenant } = tx;
  if (removed.length > 0) {
    await db.contact.deleteMany({ where: { tenantId: tenant, id: { in: removed.map(({ id }) => id) } } });
    tx.invalidate(contactTags.set);
  }
  const earlier = restored.map(({ contact, before }) => ({ ...contact, ...stateOf(before) }));
  await updateContacts(db, tenant, earlier, new Date(tx.system.now()));
  const states = [...removed, ...restored.map(({ contact }) => contact), ...earlier];
  for (const state of states) tx.invalidate(...contactTags.of(state));
}
