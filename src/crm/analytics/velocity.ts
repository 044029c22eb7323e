/**
 * Sales velocity: the value that the pipeline earns in a day. For the deals that were closed in a month:
 *
 *     number of deals × mean value of won deals × share of won deals ÷ mean days from creation to closing
 */
import { query } from '../../platform/cache/index.ts';
import type { PrismaClient } from '../../platform/db/index.ts';
import type { DataContext } from '../../platform/http/index.ts';
import { projection } from '../../platform/streams/index.ts';
import { monthsArgs } from '../arguments.ts';
import { dealEvents } from '../deals/events.ts';
import { tenantTags, velocityTags } from '../tags.ts';
import { endOfMonths, loadSettings, monthIn, monthsUpTo } from '../tenant/settings.ts';
import { loadClosings } from './closings.ts';
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
    const [{ currency, places, timeZone }, generation] = await Promise.all([
      loadSettings(client, tenant),
      generationOf(client, tenant),
    ]);
    const series = monthsUpTo(monthIn(timeZone, now()), months, timeZone);
    const closings = await loadClosings(client, tenant, generation, series);
    const items = await client.$queryRaw<Velocity['months']>`
      SELECT month, deals, won,
        round(coalesce(value / nullif(won, 0), 0), ${places}::int)::text AS "meanValue",
        round(won::numeric / nullif(deals, 0), 4)::float8 AS "winRate",
        round(seconds / 86400 / nullif(deals, 0), 2)::float8 AS "meanDays",
        round(CASE WHEN won > 0 THEN value * 86400 * deals / nullif(seconds, 0) END, ${places}::int)::text AS velocity
      FROM unnest(${series.names}::text[], ${closings.map(({ deals }) => deals)}::int[],
        ${closings.map(({ won }) => won)}::int[], ${closings.map(({ value }) => value)}::text[]::numeric[],
        ${closings.map(({ seconds }) => seconds)}::text[]::numeric[]) AS closed (month, deals, won, value, seconds)
      ORDER BY month`;
    return { currency, timeZone, months: items };
  },
});

/** Returns the generation of the projection that readers see. */
async function generationOf(client: PrismaClient, tenant: string): Promise<number> {
  const [group] = await client.$queryRaw<{ generation: number }[]>`
    SELECT generation FROM stream_groups
    WHERE tenant_id = ${tenant} AND stream = ${dealEvents.name} AND name = ${salesVelocity.name}`;
  return group?.generation ?? 1;
}
