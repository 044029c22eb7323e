/** Contacts in files: found by their id, then by their address, then by identical name and telephone number. */
import { fold } from '../../../platform/text/index.ts';
import { contactEvents } from '../../contacts/events.ts';
import { contactTags } from '../../tags.ts';
import { foldPhone } from '../fold.ts';
import { customColumn, hasValues, NO_VALUES } from './custom.ts';
import { appendPlain } from './events.ts';
import type { ImportedKind, Matcher, Row } from './kind.ts';
import type { Draft } from './records.ts';
import { SetsOf } from './sets.ts';
import { distinct, MOST_NAMESAKES } from './table.ts';

type ContactDraft = Draft<'contacts'>;

const text = (name: string) => ({ name, type: 'text' });

export const contacts: ImportedKind<'contacts'> = {
  kind: 'contacts',
  entity: 'contact',
  table: {
    name: 'contacts',
    columns: {
      ...{ id: text('id'), name: text('name'), email: text('email'), phone: text('phone') },
      ...{ jobTitle: text('job_title'), companyId: text('company_id'), ownerId: text('owner_id') },
      custom: customColumn,
    },
  },
  fields: ['name', 'email', 'phone', 'jobTitle', 'companyId'],
  derived: ['custom'],
  title: 'name',
  candidates: {
    sql: `
      SELECT id FROM contacts WHERE tenant_id = $1 AND email = ANY($3::text[])
      UNION SELECT namesake.id FROM unnest($4::text[], $5::text[]) AS wanted (name, phone)
        CROSS JOIN LATERAL (
          SELECT id FROM contacts WHERE tenant_id = $1 AND search_name = wanted.name
            AND fold_phone(phone) = wanted.phone ORDER BY id LIMIT ${MOST_NAMESAKES}
        ) AS namesake`,
    values(rows) {
      const named = new Map(rows.flatMap(({ name, phone }) => (name === undefined ? [] : [pair(name, phone)])));
      const names = [...named.values()];
      return [distinct(rows.map(({ email }) => email)), names.map(({ name }) => name), names.map(({ phone }) => phone)];
    },
  },
  open: (_source, _rows, found) => Promise.resolve(contactMatcher(found)),
  use: { columns: [['deals', 'contact_id']], reason: 'has deals' },
  tags: contactTags,
  append: appendPlain(contactEvents),
};

function pair(name: string, phone: string | undefined): [string, { name: string; phone: string }] {
  const folded = { name: fold(name), phone: foldPhone(phone) };
  return [`${folded.phone}\n${folded.name}`, folded];
}

/** Creates a matcher of these contacts, which are in the order of their ids. */
function contactMatcher(found: readonly ContactDraft[]): Matcher<'contacts'> {
  const byId = new Map<string, ContactDraft>();
  const byEmail = new SetsOf<ContactDraft>();
  const byName = new SetsOf<ContactDraft>();

  function add(draft: ContactDraft): void {
    byId.set(draft.record.id, draft);
    if (draft.record.email !== null) byEmail.add(draft.record.email, draft);
    byName.add(nameKey(draft.record), draft);
  }

  function withAddress({ email, name }: Row<'contacts'>): ContactDraft | 'several' | undefined {
    // A contact that an earlier row has given another address is still in the set of its old address.
    const matches = byEmail.of(email ?? '').filter(({ record }) => record.email === email);
    if (matches.length < 2) return matches[0];
    const namesakes = matches.filter(({ record }) => name !== undefined && fold(record.name) === fold(name));
    return namesakes.length === 1 ? namesakes[0] : 'several';
  }

  function withName(row: Row<'contacts'>, companyId: string | null): ContactDraft | undefined {
    const { name, email, phone, jobTitle } = row;
    if (name === undefined) return undefined;
    const key = nameKey({ name, phone });
    return byName.of(key).find(({ record }) => {
      if (nameKey(record) !== key || (email !== undefined && record.email !== null)) return false;
      if (phone !== undefined) return true;
      // A name alone does not make two people one: without a number, the row must say nothing new.
      const isSame = record.companyId === companyId && record.jobTitle === (jobTitle ?? null);
      return isSame && email === undefined && record.email === null && hasValues(record.custom, row.custom);
    });
  }

  for (const draft of found) add(draft);
  return {
    add,
    find(row, company) {
      const draft = byId.get(row.id ?? '') ?? (row.email === undefined ? undefined : withAddress(row));
      if (draft === 'several') return { field: 'email', message: 'belongs to several contacts' };
      const namesake = draft ? undefined : withName(row, company.id);
      const match = draft ?? namesake;
      return match && { draft: match, isNamesake: namesake !== undefined };
    },
    say({ name, halfName, email, phone, jobTitle }, { draft, isNamesake }) {
      // Half a name does not replace a whole one; only a new contact gets it.
      const whole = halfName && draft.record.name !== '' ? undefined : name;
      const said = isNamesake ? { email, jobTitle } : { name: whole, email, phone, jobTitle };
      return { values: said as Partial<ContactDraft['record']>, names: {}, refused: [] };
    },
    empty: (id) => ({
      ...{ id, name: '', email: null, phone: null, jobTitle: null, companyId: null, ownerId: null },
      custom: NO_VALUES,
    }),
  };
}

function nameKey({ name, phone }: { name: string; phone?: string | null | undefined }): string {
  return `${foldPhone(phone)}\n${fold(name)}`;
}
