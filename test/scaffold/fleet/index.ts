/** Fleet: the vehicles of a tenant. A domain as small as one can be, with a part of each kind. */
import { module } from '../platform/module.ts';
import { inspectVehicle } from './jobs.ts';
import * as queries from './queries.ts';
import { fleetRoutes } from './routes.ts';
import { forgetScrapped } from './schedules.ts';

export const fleet = module({
  name: 'fleet',
  rights: ['fleet:read', 'fleet:write'],
  roles: { admin: ['fleet:*'], member: ['fleet:read'] },
  routes: [fleetRoutes],
  queries: [queries],
  jobs: [inspectVehicle],
  schedules: [forgetScrapped],
  tags: { Vehicles: 'The vehicles of the fleet.' },
});
