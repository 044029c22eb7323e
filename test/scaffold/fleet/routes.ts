/** `/vehicles` */
import { resource } from '../platform/rest/index.ts';
import { vehicleById, vehiclePage } from './queries.ts';
import {
  newVehicleSchema,
  vehicleChangesSchema,
  vehiclePageQuerySchema,
  vehiclePageSchema,
  vehicleSchema,
} from './schema.ts';
import { createVehicle, updateVehicle } from './writes.ts';

export const fleetRoutes = resource({
  singular: 'vehicle',
  plural: 'vehicles',
  access: { read: 'fleet:read', write: 'fleet:write' },
  schemas: {
    item: vehicleSchema,
    page: vehiclePageSchema,
    pageQuery: vehiclePageQuerySchema,
    create: newVehicleSchema,
    changes: vehicleChangesSchema,
  },
  queries: { one: vehicleById, page: vehiclePage },
  writes: { create: createVehicle, update: updateVehicle },
});
