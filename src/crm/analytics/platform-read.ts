/** Reads the tenant's statistics from the maintained numbers. */
import type { PrismaClient } from '../../platform/db/index.ts';
import { monthBucket, readNumbers, type Tally } from '../../platform/numbers/index.ts';
import { companyNumbers, contactNumbers, dealNumbers, projectNumbers, taskNumbers } from '../numbers.ts';
import { type PlatformCounts, SELLER_MONTHS, SELLERS, type StartOf } from './platform-count.ts';
import type { Platform } from './schema.ts';

/** Reads what `countPlatform` counts; `null` if the numbers are not complete. 2 statements, 1 for `null`. */
export async function readPlatform(
  client: PrismaClient,
  tenant: string,
  places: number,
  startOf: StartOf,
): Promise<[PlatformCounts, Platform['owners']] | null> {
  const [last, start, end] = [monthBucket(startOf(-1)), monthBucket(startOf(0)), monthBucket(startOf(1))];
  const won = dealNumbers.between('won', [], monthBucket(startOf(1 - SELLER_MONTHS)), end);
  const read = await readNumbers(client, tenant, places, {
    totals: {
      companies: companyNumbers.at('owner'),
      contacts: contactNumbers.at('owner'),
      deals: dealNumbers.at('stage'),
      projects: projectNumbers.at('status'),
      tasks: taskNumbers.at('status'),
      allWon: dealNumbers.at('stage', 'won'),
      companiesThis: companyNumbers.between('created', [], start, end),
      companiesLast: companyNumbers.between('created', [], last, start),
      contactsThis: contactNumbers.between('created', [], start, end),
      contactsLast: contactNumbers.between('created', [], last, start),
      dealsThis: dealNumbers.between('created', [], start, end),
      dealsLast: dealNumbers.between('created', [], last, start),
      wonThis: dealNumbers.between('closed', ['won'], start, end),
      wonLast: dealNumbers.between('closed', ['won'], last, start),
      doneThis: taskNumbers.between('done', [], start, end),
      doneLast: taskNumbers.between('done', [], last, start),
    },
    groups: { sellers: { range: won, part: 2 } },
  });
  if (!read) return null;
  const { allWon, ...tallies } = read.totals;
  const counts = Object.fromEntries(Object.entries(tallies).map(([name, { count }]) => [name, count])) as Record<
    keyof typeof tallies,
    number
  >;
  const { activeUsers, owners } = await loadUsers(client, tenant, bestOf(read.groups.sellers));
  return [{ ...counts, activeUsers, wonValue: allWon.sum }, owners];
}

/** A seller, and the deals that the seller has won. */
type Seller = [id: string, won: Tally];

/** Returns the sellers with the highest sums, the highest first. Deals without an owner have no seller. */
function bestOf(sellers: ReadonlyMap<string, Tally>): Seller[] {
  const units = ([, { sum }]: Seller) => BigInt(sum.replace('.', ''));
  const isHigher = (one: Seller, other: Seller) => {
    const [mine, others] = [units(one), units(other)];
    return mine > others || (mine === others && one[0] < other[0]);
  };
  return [...sellers]
    .filter(([id]) => id !== '')
    .sort((one, other) => (isHigher(one, other) ? -1 : 1))
    .slice(0, SELLERS);
}

/** Counts the active users, and names the sellers. 1 statement. */
async function loadUsers(
  client: PrismaClient,
  tenant: string,
  sellers: readonly Seller[],
): Promise<{ activeUsers: number; owners: Platform['owners'] }> {
  const ids = sellers.map(([id]) => id);
  const [row] = await client.$queryRaw<{ activeUsers: number; names: Record<string, string> | null }[]>`
    SELECT (count(*) FILTER (WHERE disabled_at IS NULL))::int AS "activeUsers",
      json_object_agg(id, name) FILTER (WHERE id = ANY (${ids}::text[])) AS names
    FROM users WHERE tenant_id = ${tenant}`;
  const names = new Map(Object.entries(row?.names ?? {}));
  const owners = sellers.flatMap(([id, { count, sum }]) => {
    const name = names.get(id);
    return name === undefined ? [] : [{ id, name, won: count, wonValue: sum }];
  });
  return { activeUsers: row?.activeUsers ?? 0, owners };
}
