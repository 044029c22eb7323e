/**
 * The search for patients. Numbers and names are sealed, so rows are found by keyed digests: of the whole number, of
 * each word of the name, of the year of birth. Parts of words cannot be found.
 */
import type { TenantScope } from '../../platform/http/index.ts';
import { birthYearDigests, nameDigests, numberDigests } from '../sealing/columns.ts';
import { openWho } from './patient.ts';
import { type FoundPatients, MOST_FOUND, type PatientSearch } from './schema.ts';

const WHO = { id: true, sealedNumber: true, sealedName: true, sealedBirth: true, mergedInto: true } as const;

/** Finds patients. 1 statement; 2 if the number is that of a merged duplicate. */
export async function searchPatients(tenant: TenantScope, search: PatientSearch): Promise<FoundPatients> {
  const client = await tenant.db();
  const ofTenant = { tenantId: tenant.tenant };
  if (search.number !== undefined) {
    const digests = await numberDigests(tenant, search.number);
    const found = await client.patient.findFirst({
      where: { ...ofTenant, numberDigest: { in: digests } },
      select: WHO,
    });
    const target = found?.mergedInto ?? null;
    const row =
      target === null ? found : await client.patient.findFirst({ where: { ...ofTenant, id: target }, select: WHO });
    return { items: row ? [await openWho(tenant, row)] : [], isComplete: true };
  }
  const words = await nameDigests(tenant, search.name ?? '');
  if (words.length === 0) return { items: [], isComplete: true };
  const year = search.birthYear === undefined ? null : String(search.birthYear).padStart(4, '0');
  const rows = await client.patient.findMany({
    where: {
      ...ofTenant,
      mergedInto: null,
      AND: words.map((digests) => ({ nameTokens: { hasSome: digests } })),
      ...(year === null ? {} : { birthYearDigest: { in: await birthYearDigests(tenant, year) } }),
    },
    select: WHO,
    orderBy: { id: 'desc' },
    take: MOST_FOUND + 1,
  });
  const shown = rows.slice(0, MOST_FOUND);
  return {
    items: await Promise.all(shown.map((row) => openWho(tenant, row))),
    isComplete: rows.length <= MOST_FOUND,
  };
}
