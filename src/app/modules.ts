/** The modules of the app. A new domain is added here, and nowhere else outside its folder. */
import { care } from '../care/index.ts';
import { crm } from '../crm/index.ts';
import { identity } from '../identity/index.ts';
import type { ApiTexts } from '../platform/http/index.ts';
import { type Module, module } from '../platform/module.ts';

/** The rights for the platform's own routes, and the right to bypass the API's limits in order to repair a fault. */
const administration = module({
  name: 'administration',
  rights: ['cache:admin', 'jobs:admin', 'limits:bypass'],
  roles: { admin: ['cache:admin', 'jobs:admin', 'limits:bypass'] },
  tags: {
    Health: 'Whether the service, Redis and PostgreSQL answer',
    Cache: 'Statistics and entries of the cache, and their invalidation',
    Jobs: 'Background jobs, their queues, schedules and deliveries',
  },
});

/** The modules, in the order of mounting and of execution. */
export const modules: readonly Module[] = [administration, identity, crm, care];

/** The texts of the API's description. The groups of operations are in the order of the modules. */
export const apiTexts: ApiTexts = {
  title: 'Holdfast',
  description:
    'A CRM with cached queries. `X-Cache` shows the source of the data in an answer, and `Server-Timing` the cost.',
  tags: Object.assign({}, ...modules.map((module) => module.tags)),
};
