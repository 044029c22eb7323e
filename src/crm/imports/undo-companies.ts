/** The undo of the companies that an import has added: those that are still empty are removed. */
import type { Transaction } from '../../platform/db/index.ts';
import { appendAll } from '../../platform/events/index.ts';
import { companyEvents } from '../companies/events.ts';
import { companyTags } from '../tags.ts';
import type { Change, Undone, UndoOptions } from './changes.ts';

type CompanyChange = Extract<Change, { entity: 'company' }>;

/** A company, and whether it still is as an import adds it, and whether other rows refer to it. */
interface CurrentCompany {
  id: string;
  name: string;
  ownerId: string | null;
  isBare: boolean;
  isUsed: boolean;
}

/** Removes companies that no row refers to and that have not changed. 4 statements, none without companies. */
export async function removeCompanies(
  tx: Transaction,
  changes: readonly CompanyChange[],
  { actorId }: UndoOptions,
): Promise<Undone> {
  if (changes.length === 0) return { removed: 0, restored: 0, kept: [] };
  const { db, tenant } = tx;
  const ids = changes.map(({ id }) => id);
  // The lock prevents new references, so the second statement sees all of them.
  await db.$queryRaw`
    SELECT 1 AS locked FROM companies WHERE tenant_id = ${tenant} AND id = ANY(${ids}) ORDER BY id FOR UPDATE`;
  const found = await db.$queryRaw<CurrentCompany[]>`
    SELECT id, name, owner_id AS "ownerId",
      coalesce(domain, industry, employees::text, city, country, owner_id) IS NULL AS "isBare",
      EXISTS (SELECT FROM contacts c WHERE c.tenant_id = ${tenant} AND c.company_id = companies.id)
        OR EXISTS (SELECT FROM deals d WHERE d.tenant_id = ${tenant} AND d.company_id = companies.id)
        OR EXISTS (SELECT FROM projects p WHERE p.tenant_id = ${tenant} AND p.company_id = companies.id) AS "isUsed"
    FROM companies WHERE tenant_id = ${tenant} AND id = ANY(${ids})`;
  const current = new Map(found.map((company) => [company.id, company]));
  const reasons = changes.map(({ id, after }) => {
    const company = current.get(id);
    const isChanged = company !== undefined && (company.name !== after.name || !company.isBare);
    return { company, id, reason: isChanged ? 'has changed since the import' : company?.isUsed ? 'is in use' : null };
  });
  const removed = reasons.flatMap(({ company, reason }) => (company && reason === null ? [company] : []));
  await db.company.deleteMany({ where: { tenantId: tenant, id: { in: removed.map(({ id }) => id) } } });
  if (removed.length > 0) tx.invalidate(companyTags.set);
  for (const company of removed) tx.invalidate(...companyTags.of(company));
  const meta = actorId === null ? {} : { actorId };
  await appendAll(
    tx,
    companyEvents,
    removed.map(({ id: key }) => ({ key, type: 'deleted' as const, data: {}, meta })),
  );
  const kept = reasons.flatMap(({ id, reason }) =>
    reason === null ? [] : [{ entity: 'company' as const, id, reason }],
  );
  return { removed: removed.length, restored: 0, kept };
}
