/** Converts a row to the API's vehicle, and names its tags. */
import { type Tag, tag } from '../platform/redis/index.ts';
import type { Vehicle } from './schema.ts';

/** The columns of a vehicle that the API returns. */
export interface VehicleRow extends Omit<Vehicle, 'inspectedAt' | 'createdAt'> {
  inspectedAt: Date | null;
  createdAt: Date;
}

/** A row in the form that is returned and cached. */
export function toVehicle({ id, plate, inspectedAt, scrapped, createdAt }: VehicleRow): Vehicle {
  return {
    id,
    plate,
    inspectedAt: inspectedAt?.toISOString() ?? null,
    scrapped,
    createdAt: createdAt.toISOString(),
  };
}

/** `one`: this vehicle changed. `all`: any vehicle changed. */
export const vehicleTags = {
  one: (id: string): Tag => tag('vehicle', id),
  all: tag('vehicles'),
  of: ({ id }: { id: string }): Tag[] => [vehicleTags.one(id), vehicleTags.all],
};
