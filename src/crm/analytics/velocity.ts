/**
 * Sales velocity: the value that the pipeline earns in a day. For the deals that were closed in a month:
 *
 *     number of deals × mean value of won deals × share of won deals ÷ mean days from creation to closing
 */
import { query } from '../../platform/cache/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { projection } from '../../platform/streams/index.ts';
import { monthsArgs } from '../arguments.ts';
import { dealEvents } from '../deals/events.ts';
import { tenantTags, velocityTags } from '../tags.ts';
import { endOfMonths, loadSettings, monthIn, monthsUpTo } from '../tenant/settings.ts';
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

/** The sales velocity of each of the last months, by month of closing in the tenant's time zone. */
export const velocityByMonth = query('sales-velocity', {
  args: monthsArgs,
  ttl: '1h',
  stale: '15m',
  until: endOfMonths,
  tags: () => [tenantTags.settings, velocityTags.all],
  load: async ({ months }: { months: number }, { tenant, db, now }: DataContext): Promise<Velocity> => {
    const client = await db();
    const { currency, timeZone } = await loadSettings(client, tenant);
    const { names, starts, ends } = monthsUpTo(monthIn(timeZone, now()), months, timeZone);
    const items = await client.$queryRaw<Velocity['months']>`
        WITH series AS (
          SELECT * FROM unnest(${names}::text[], ${starts}::timestamp[], ${ends}::timestamp[]) AS m (name, start, end_)
        ), closed AS (
          SELECT name, count(*)::int AS deals,
            (count(*) FILTER (WHERE won))::int AS won,
            avg(value) FILTER (WHERE won) AS mean_value,
            avg(extract(epoch FROM closed_at - created_at) / 86400.0) AS days
          FROM deal_closings JOIN series ON closed_at >= start AND closed_at < end_
          WHERE tenant_id = ${tenant} AND closed_at >= ${starts[0]}::timestamp AND closed_at < ${ends.at(-1)}::timestamp
            AND generation = coalesce((
              SELECT generation FROM stream_groups
              WHERE tenant_id = ${tenant} AND stream = ${dealEvents.name} AND name = ${salesVelocity.name}), 1)
          GROUP BY 1
        )
        SELECT name AS month, coalesce(deals, 0) AS deals, coalesce(won, 0) AS won,
          round(coalesce(mean_value, 0), 2)::text AS "meanValue",
          round(won::numeric / deals, 4)::float8 AS "winRate",
          round(days::numeric, 2)::float8 AS "meanDays",
          round((won * mean_value / nullif(days, 0))::numeric, 2)::text AS velocity
        FROM series LEFT JOIN closed USING (name)
        ORDER BY name`;
    return { currency, timeZone, months: items };
  },
});
