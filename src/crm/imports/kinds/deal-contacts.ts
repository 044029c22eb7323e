/** The contacts of deals: by their address, or by a name that one contact of the deal's company has. */
import { fold } from '../../../platform/text/index.ts';
import type { Refusal, Row } from './kind.ts';
import type { Draft, Names } from './records.ts';
import { SetsOf } from './sets.ts';
import { distinct, MOST_NAMESAKES, type Source } from './table.ts';

interface KnownContact {
  id: string;
  name: string;
  email: string | null;
  companyId: string | null;
}

/** The contact that a row gives a deal. */
interface SaidContact {
  said: { contactId?: string };
  names: Names;
  refused: Refusal[];
}

/** The contacts that rows name. */
export interface DealContacts {
  /**
   * Returns the contact that a row names for a deal that has its company already. A deal keeps its contact if the row
   * has its name and no address.
   */
  of(row: Row<'deals'>, draft: Draft<'deals'>): SaidContact;
}

const NOTHING: SaidContact = { said: {}, names: {}, refused: [] };

/** Loads the contacts that rows name. 1 statement, none if no row names a contact. */
export async function loadDealContacts(source: Source, rows: readonly Row<'deals'>[]): Promise<DealContacts> {
  const known = await contactsOf(
    source,
    distinct(rows.map(({ contactEmail }) => contactEmail)),
    distinct(rows.map(({ contact }) => contact && fold(contact))),
  );
  const byEmail = new SetsOf<KnownContact>();
  const byName = new SetsOf<KnownContact>();
  for (const contact of known) {
    if (contact.email !== null) byEmail.add(contact.email, contact);
    byName.add(fold(contact.name), contact);
  }
  return {
    of({ contact: name, contactEmail: email }, { record, names }) {
      if (name === undefined && email === undefined) return NOTHING;
      const keeps = email === undefined && names.contact && fold(names.contact) === fold(name ?? '');
      if (keeps) return NOTHING;
      const namesakes = name === undefined ? [] : byName.of(fold(name));
      const addressed = email === undefined ? [] : byEmail.of(email);
      const found = addressed.length > 0 ? among(addressed, namesakes) : ofCompany(namesakes, record.companyId);
      const [one] = found;
      if (one && found.length === 1) return { said: { contactId: one.id }, names: { contact: one.name }, refused: [] };
      const message = found.length > 1 ? 'belongs to several contacts' : 'is not a known contact';
      const field = name === undefined || addressed.length > 0 ? 'contactEmail' : 'contact';
      return { ...NOTHING, refused: [{ field, message }] };
    },
  };
}

/** Of several contacts with an address, the ones that also have the name, if there are any. */
function among(addressed: readonly KnownContact[], namesakes: readonly KnownContact[]): readonly KnownContact[] {
  const both = addressed.filter((contact) => namesakes.includes(contact));
  return both.length > 0 ? both : addressed;
}

/** Of contacts with a name, those of the company, or else those without one. */
function ofCompany(namesakes: readonly KnownContact[], companyId: string | null): readonly KnownContact[] {
  const own = namesakes.filter((contact) => contact.companyId === companyId);
  return own.length > 0 ? own : namesakes.filter((contact) => contact.companyId === null);
}

async function contactsOf(
  { db, tenant }: Source,
  emails: readonly string[],
  names: readonly string[],
): Promise<KnownContact[]> {
  if (emails.length + names.length === 0) return [];
  return db.$queryRaw<KnownContact[]>`
    SELECT id, name, email, company_id AS "companyId" FROM contacts
    WHERE tenant_id = ${tenant} AND id = ANY(ARRAY(
      SELECT id FROM contacts WHERE tenant_id = ${tenant} AND email = ANY(${emails}::text[])
      UNION SELECT namesake.id FROM unnest(${names}::text[]) AS wanted (name)
        CROSS JOIN LATERAL (
          SELECT id FROM contacts WHERE tenant_id = ${tenant} AND search_name = wanted.name
          ORDER BY id LIMIT ${MOST_NAMESAKES}
        ) AS namesake))
    ORDER BY id`;
}
