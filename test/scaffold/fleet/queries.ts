/** The queries of vehicles. */
import { z } from '@hono/zod-openapi';
import { query } from '../platform/cache/index.ts';
import { type DataContext, idSchema } from '../platform/http/index.ts';
import { pageWindow, toPage } from '../platform/rest/index.ts';
import { type VehiclePageArgs, vehiclePageQuerySchema } from './schema.ts';
import { toVehicle, vehicleTags } from './vehicle.ts';

/** One vehicle, or `null`. */
export const vehicleById = query('vehicle', {
  args: z.strictObject({ id: idSchema }),
  ttl: '15m',
  tags: ({ id }: { id: string }) => [vehicleTags.one(id)],
  load: async ({ id }, { tenant, db }: DataContext) => {
    const row = await (await db()).vehicle.findUnique({ where: { tenantId_id: { tenantId: tenant, id } } });
    return row && toVehicle(row);
  },
});

/** A page of vehicles. */
export const vehiclePage = query('vehicle-page', {
  args: vehiclePageQuerySchema,
  ttl: '15m',
  tags: (_args: VehiclePageArgs) => [vehicleTags.all],
  load: async ({ limit, cursor }, { tenant, db }: DataContext) => {
    const { take, orderBy, beforeCursor } = pageWindow({ limit, cursor });
    const rows = await (await db()).vehicle.findMany({ where: { tenantId: tenant, ...beforeCursor }, take, orderBy });
    return toPage(rows, limit, toVehicle);
  },
});
