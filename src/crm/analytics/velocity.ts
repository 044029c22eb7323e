/**
 * Sales velocity: the value that the pipeline earns in a day. For the deals that were closed in a month:
 *
 *     number of deals × mean value of won deals × share of won deals ÷ mean days from creation to closing
 */
import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { firstDay } from '../../platform/rest/index.ts';
import { projection } from '../../platform/streams/index.ts';
import { velocityArgs } from '../arguments.ts';
import { dealEvents } from '../deals/events.ts';
import { currencyOf } from '../deals/pipeline.ts';
import { velocityTags } from '../tags.ts';
import type { Velocity } from './schema.ts';

/** Keeps a row for each deal that is won or lost. A deal that is open again or deleted loses its row. */
export const salesVelocity = projection(dealEvents, 'sales-velocity', {
  async apply(tx, { key: dealId, type, data, at }, generation) {
    const where = { tenantId: tx.tenant, generation, dealId };
    switch (type) {
      case 'created':
      case 'changed':
        return;
      case 'won':
      case 'lost': {
        const row = {
          won: type === 'won',
          value: data.value,
          createdAt: new Date(data.createdAt),
          closedAt: new Date(at),
        };
        const tenantId_generation_dealId = where;
        await tx.db.dealClosing.upsert({
          where: { tenantId_generation_dealId },
          create: { ...where, ...row },
          update: row,
        });
        break;
      }
      default:
        await tx.db.dealClosing.deleteMany({ where });
    }
    tx.invalidate(velocityTags.all);
  },
  async clear(tx, generation) {
    await tx.db.dealClosing.deleteMany({ where: { tenantId: tx.tenant, generation: { lt: generation } } });
  },
  tags: [velocityTags.all],
});

/** The sales velocity of each of the last months, by UTC month of closing. */
export const velocityByMonth = query('sales-velocity', {
  args: velocityArgs,
  ttl: '1h',
  stale: '15m',
  tags: () => [velocityTags.all],
  load: async (
    { months, month }: { months: number; month: string },
    { tenant, db }: DataContext,
  ): Promise<Velocity> => {
    const client = await db();
    const from = firstDay(month, 1 - months);
    const [currency, items] = await Promise.all([
      currencyOf(client, tenant),
      client.$queryRaw<Velocity['months']>`
        WITH closed AS (
          SELECT date_trunc('month', closed_at)::date AS month, count(*)::int AS deals,
            (count(*) FILTER (WHERE won))::int AS won,
            avg(value) FILTER (WHERE won) AS mean_value,
            avg(extract(epoch FROM closed_at - created_at) / 86400.0) AS days
          FROM deal_closings
          WHERE tenant_id = ${tenant} AND closed_at >= ${from}::date AND closed_at < ${firstDay(month, 1)}::date
            AND generation = coalesce((
              SELECT generation FROM stream_groups
              WHERE tenant_id = ${tenant} AND stream = ${dealEvents.name} AND name = ${salesVelocity.name}), 1)
          GROUP BY 1
        )
        SELECT to_char(series, 'YYYY-MM') AS month, coalesce(deals, 0) AS deals, coalesce(won, 0) AS won,
          round(coalesce(mean_value, 0), 2)::text AS "meanValue",
          round(won::numeric / deals, 4)::float8 AS "winRate",
          round(days::numeric, 2)::float8 AS "meanDays",
          round((won * mean_value / nullif(days, 0))::numeric, 2)::text AS velocity
        FROM generate_series(${from}::date, ${firstDay(month)}::date, interval '1 month') AS series
        LEFT JOIN closed ON closed.month = series::date
        ORDER BY series`,
    ]);
    return { currency, months: items };
  },
});
