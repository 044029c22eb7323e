/**
 * The rows of the tenant that the rows of a file can be about: contacts by id, by address, and by name and telephone
 * number; companies by name. Two statements read the rows for any number of rows of the file.
 */
import type { PrismaClient } from '../../platform/db/index.ts';
import { fold } from '../../platform/text/index.ts';
import { foldPhone } from './fold.ts';
import type { ContactValues } from './read/plan.ts';

/** The usable fields of a row of the file. */
export interface ContactRow extends ContactValues {
  row: number;
}

/** A contact as far as an import reads it. */
export interface KnownContact {
  id: string;
  name: string;
  email: string | null;
  phone: string | null;
  jobTitle: string | null;
  companyId: string | null;
  ownerId: string | null;
}

/** A contact of the tenant, with the name of its company. */
export type FoundContact = KnownContact & { companyName: string | null };

/** The reader of an import's rows: a transaction, or the database for a dry run. */
export interface Source {
  db: Pick<PrismaClient, '$queryRaw' | '$queryRawUnsafe'>;
  tenant: string;
}

/** The most contacts with one name and telephone number that are compared. */
const MOST_NAMESAKES = 1000;

const FIND_CONTACTS = `
  SELECT c.id, c.name, c.email, c.phone, c.job_title AS "jobTitle", c.company_id AS "companyId",
    c.owner_id AS "ownerId", company.name AS "companyName"
  FROM contacts c LEFT JOIN companies company ON company.tenant_id = c.tenant_id AND company.id = c.company_id
  WHERE c.tenant_id = $1 AND c.id = ANY(ARRAY(
    SELECT unnest($2::text[])
    UNION SELECT id FROM contacts WHERE tenant_id = $1 AND email = ANY($3::text[])
    UNION SELECT namesake.id FROM unnest($4::text[], $5::text[]) AS wanted (name, phone)
      CROSS JOIN LATERAL (
        SELECT id FROM contacts WHERE tenant_id = $1 AND search_name = wanted.name
          AND fold_phone(phone) = wanted.phone ORDER BY id LIMIT $6
      ) AS namesake))
  ORDER BY c.id`;

/**
 * Returns the contacts that the rows may be about, in the order of their ids. With `lock`, no other write can change the
 * company or the owner of these contacts before the end of the transaction. 1 statement.
 */
export async function contactsOf(
  { db, tenant }: Source,
  rows: readonly ContactRow[],
  lock: boolean,
): Promise<FoundContact[]> {
  const ids = distinct(rows.map(({ id }) => id));
  const emails = distinct(rows.map(({ email }) => email));
  const named = new Map(rows.flatMap(({ name, phone }) => (name === undefined ? [] : [pair(name, phone)])));
  const names = [...named.values()];
  return db.$queryRawUnsafe<FoundContact[]>(
    lock ? `${FIND_CONTACTS} FOR UPDATE OF c` : FIND_CONTACTS,
    ...[tenant, ids, emails, names.map(({ name }) => name), names.map(({ phone }) => phone), MOST_NAMESAKES],
  );
}

function pair(name: string, phone: string | undefined): [string, { name: string; phone: string }] {
  const folded = { name: fold(name), phone: foldPhone(phone) };
  return [`${folded.phone}\n${folded.name}`, folded];
}

/** Returns, for each folded name, the oldest company with this name. 1 statement. */
export async function companiesOf(
  { db, tenant }: Source,
  rows: readonly { company?: string }[],
): Promise<Map<string, string>> {
  const names = distinct(rows.map(({ company }) => company && fold(company)));
  const found = await db.$queryRaw<{ name: string; id: string }[]>`
    SELECT wanted.name, company.id FROM unnest(${names}::text[]) AS wanted (name)
    CROSS JOIN LATERAL (
      SELECT id FROM companies WHERE tenant_id = ${tenant} AND search_name = wanted.name
      ORDER BY id LIMIT 1
    ) AS company`;
  return new Map(found.map(({ name, id }) => [name, id]));
}

function distinct(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined && value !== ''))] as string[];
}
