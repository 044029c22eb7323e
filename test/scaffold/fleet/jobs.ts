/** The job that inspects a vehicle after it was added. */
import { z } from '@hono/zod-openapi';
import { job } from '../platform/jobs/index.ts';
import { vehicleTags } from './vehicle.ts';

export const inspectVehicle = job('fleet.inspect', {
  input: z.object({ vehicleId: z.string() }),
  run: ({ vehicleId }, { transaction }) =>
    transaction('inspect', async (tx) => {
      await tx.db.vehicle.update({
        where: { tenantId_id: { tenantId: tx.tenant, id: vehicleId } },
        data: { inspectedAt: new Date(tx.system.now()) },
      });
      tx.invalidate(...vehicleTags.of({ id: vehicleId }));
    }),
});
