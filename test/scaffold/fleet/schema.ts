/** The API's schemas of a vehicle. */
import { z } from '@hono/zod-openapi';
import {
  changesSchema,
  idSchema,
  momentSchema,
  pageQuerySchema,
  pageSchema,
  textSchema,
} from '../platform/http/index.ts';

export const vehicleSchema = z
  .object({
    id: idSchema,
    plate: z.string(),
    inspectedAt: momentSchema.nullable(),
    scrapped: z.boolean(),
    createdAt: momentSchema,
  })
  .openapi('Vehicle');

export const newVehicleSchema = z.strictObject({ plate: textSchema(20) }).openapi('NewVehicle');

export const vehicleChangesSchema = changesSchema(
  z.strictObject({ plate: textSchema(20), scrapped: z.boolean() }),
).openapi('VehicleChanges');

export const vehiclePageSchema = pageSchema(vehicleSchema).openapi('VehiclePage');

export const vehiclePageQuerySchema = pageQuerySchema;

export type Vehicle = z.infer<typeof vehicleSchema>;
export type NewVehicle = z.infer<typeof newVehicleSchema>;
export type VehicleChanges = z.infer<typeof vehicleChangesSchema>;
export type VehiclePageArgs = z.infer<typeof vehiclePageQuerySchema>;
