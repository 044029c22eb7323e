/** The writes to vehicles. */
import type { Transaction } from '../platform/db/index.ts';
import type { TenantScope } from '../platform/http/index.ts';
import { enqueue } from '../platform/jobs/index.ts';
import { type Activity, entity } from '../platform/rest/index.ts';
import { inspectVehicle } from './jobs.ts';
import type { NewVehicle, Vehicle, VehicleChanges } from './schema.ts';
import { toVehicle, type VehicleRow, vehicleTags } from './vehicle.ts';

const vehicles = entity({
  kind: 'vehicle',
  table: 'vehicles',
  load: (db, where): Promise<VehicleRow> => db.vehicle.findUniqueOrThrow({ where }),
  tags: (_tx, states) => states.flatMap(vehicleTags.of),
  show: toVehicle,
  label: ({ plate }) => ({ plate }),
  record: recordFleetActivity,
});

/** Adds a vehicle, which is inspected in the background. */
export function createVehicle(tenant: TenantScope, vehicle: NewVehicle): Promise<Vehicle> {
  return tenant.commit(async (tx) => {
    const row = await vehicles.add(tx, (columns) => tx.db.vehicle.create({ data: { ...vehicle, ...columns } }));
    await enqueue(tx, inspectVehicle, { vehicleId: row.id });
    return toVehicle(row);
  });
}

/**
 * Changes a vehicle.
 * @throws {ProblemError} 404 if the vehicle does not exist.
 */
export function updateVehicle(tenant: TenantScope, id: string, changes: VehicleChanges): Promise<Vehicle> {
  return tenant.commit(async (tx) => {
    const { row } = await vehicles.change(tx, id, { fields: Object.keys(changes) }, (_before, where) =>
      tx.db.vehicle.update({ where, data: changes }),
    );
    return toVehicle(row);
  });
}

/** Adds to the feed of the tenant. */
async function recordFleetActivity({ db, tenant, actorId, system }: Transaction, activity: Activity): Promise<void> {
  const occurredAt = new Date(system.now());
  const id = system.rowId('activity');
  await db.activity.create({ data: { ...activity, id, tenantId: tenant, actorId, occurredAt, createdAt: occurredAt } });
}
