/**
 * Counts and sums the deals that were won or lost, by month: from the maintained numbers or, while these are not
 * complete, from the rows of the projection.
 */
import type { PrismaClient } from '../../platform/db/index.ts';
import { monthBucket, readNumbers } from '../../platform/numbers/index.ts';
import { closingNumbers } from '../numbers.ts';
import type { Months } from '../tenant/settings.ts';

/** The closed deals of a month. Sums are exact texts. */
export interface Closings {
  deals: number;
  won: number;
  /** The value of the won deals. */
  value: string;
  /** The time from creation to closing, in seconds, of all deals. */
  seconds: string;
}

/** The decimal places of the sums. */
const PLACES = 6;

/** Returns the closings of each month, in order. 1 statement, or 2 without numbers. */
export async function loadClosings(
  client: PrismaClient,
  tenant: string,
  generation: number,
  months: Months,
): Promise<Closings[]> {
  const rangesOf = (name: 'closed' | 'won') =>
    months.starts.map((start, index) => {
      const end = months.ends[index] ?? start;
      return [
        `${name} ${index}`,
        closingNumbers.between(name, [String(generation)], monthBucket(start), monthBucket(end)),
      ];
    });
  const read = await readNumbers<string>(client, tenant, PLACES, {
    totals: Object.fromEntries([...rangesOf('closed'), ...rangesOf('won')]),
  });
  if (!read) return countClosings(client, tenant, generation, months);
  const none = { count: 0, sum: '0' };
  return months.names.map((_name, index) => {
    const { [`closed ${index}`]: closed = none, [`won ${index}`]: won = none } = read.totals;
    return { deals: closed.count, won: won.count, value: won.sum, seconds: closed.sum };
  });
}

function countClosings(
  client: PrismaClient,
  tenant: string,
  generation: number,
  { starts, ends }: Months,
): Promise<Closings[]> {
  return client.$queryRaw`
    SELECT count(d.deal_id)::int AS deals, (count(*) FILTER (WHERE d.won))::int AS won,
      coalesce(sum(d.value) FILTER (WHERE d.won), 0)::text AS value, coalesce(sum(d.seconds), 0)::text AS seconds
    FROM unnest(${starts}::timestamp[], ${ends}::timestamp[]) AS month (start, end_)
    LEFT JOIN deal_closings d ON d.tenant_id = ${tenant} AND d.generation = ${generation}::int
      AND d.closed_at >= month.start AND d.closed_at < month.end_
    GROUP BY month.start ORDER BY month.start`;
}
