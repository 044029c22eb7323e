/** Deals won and lost by month: read from the maintained numbers or, while these are not complete, counted. */
import type { PrismaClient } from '../../platform/db/index.ts';
import { type KeyRange, monthBucket, readNumbers } from '../../platform/numbers/index.ts';
import { dealNumbers } from '../numbers.ts';
import type { Months } from '../tenant/settings.ts';
import type { DealMonths } from './schema.ts';

type DealMonth = Omit<DealMonths['months'][number], 'conversion'>;

/** Reads the months, the oldest first; `null` if the numbers are not complete. 1 statement. */
export async function readDealMonths(
  client: PrismaClient,
  tenant: string,
  places: number,
  { names, starts, ends }: Months,
): Promise<DealMonth[] | null> {
  const totals: Record<string, KeyRange> = {};
  for (const [index, name] of names.entries()) {
    const [start, end] = [starts[index], ends[index]];
    if (!start || !end) throw new TypeError('Each month has a begin and an end');
    for (const stage of ['won', 'lost']) {
      totals[`${stage} ${name}`] = dealNumbers.between('closed', [stage], monthBucket(start), monthBucket(end));
    }
  }
  const read = await readNumbers(client, tenant, places, { totals });
  if (!read) return null;
  const of = (stage: string, name: string) => read.totals[`${stage} ${name}`] ?? { count: 0, sum: '0' };
  return names.map((month) => {
    const [won, lost] = [of('won', month), of('lost', month)];
    return { month, won: won.count, wonValue: won.sum, lost: lost.count, lostValue: lost.sum };
  });
}

/** Counts the months, the oldest first. 1 statement. */
export function countDealMonths(
  client: PrismaClient,
  tenant: string,
  places: number,
  { names, starts, ends }: Months,
): Promise<DealMonth[]> {
  return client.$queryRaw`
    SELECT m.name AS month,
      (count(*) FILTER (WHERE d.stage = 'won'))::int AS won,
      round(coalesce(sum(d.value) FILTER (WHERE d.stage = 'won'), 0), ${places}::int)::text AS "wonValue",
      (count(*) FILTER (WHERE d.stage = 'lost'))::int AS lost,
      round(coalesce(sum(d.value) FILTER (WHERE d.stage = 'lost'), 0), ${places}::int)::text AS "lostValue"
    FROM unnest(${names}::text[], ${starts}::timestamp[], ${ends}::timestamp[]) AS m (name, start, end_)
    LEFT JOIN deals d ON d.tenant_id = ${tenant} AND d.closed_at >= m.start AND d.closed_at < m.end_
    GROUP BY m.name ORDER BY m.name`;
}
